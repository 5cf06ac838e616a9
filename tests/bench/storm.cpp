// SPDX-License-Identifier: Apache-2.0
//
// Storms: N VSIs asked of a station's evbd at once, timed from the first octet of the request
// (several, sent back to back, above what one may hold) to the last answer, that all are confirmed,
// with every ECP frame of the interface counted meanwhile.
//
//   bench_storm SOCKET INTERFACE        reads "associate N" and "deassociate N", line by line
//
// One process for all of them, since a client that starts for each storm is timed while it is
// loaded and bound, page by page. Prints one JSON object for each: us (request to answer), wire_us
// (first ECPDU to last response; null when the clock of the stamps was set meanwhile), frames,
// confirmed.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "agent/api/client.hpp"
#include "tests/bench/wire.hpp"

namespace {

namespace pb = evbd::v1;
constexpr std::size_t kMostInOneRequest = 4096;
constexpr auto kLimit = std::chrono::seconds(100);
constexpr std::uint8_t kEcpRequest = 0x10;
constexpr int kKept = 64 << 20;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_storm: %s\n", what.c_str());
  std::exit(1);
}

std::string vsi_id(std::size_t number) {
  return fmt::format("09b11c53-8b5c-4eeb-8f00-{:012x}", number);
}

std::string mac_address(std::size_t number) {
  return fmt::format("52:54:00:{:02x}:{:02x}:{:02x}", number >> 16U, number >> 8U & 0xFFU,
                     number & 0xFFU);
}

pb::Request associate(const std::string& interface, std::size_t from, std::size_t to) {
  pb::Request message;
  auto& request = *message.mutable_vsi_associate();
  request.set_type(pb::ASSOCIATE);
  request.set_wait(pb::FIRST_ANSWER);
  for (std::size_t i = from; i < to; ++i) {
    auto& vsi = *request.add_vsis();
    vsi.set_port(interface);
    vsi.set_id(vsi_id(i));
    vsi.mutable_manager()->set_number(11);
    vsi.set_type_id(1193047);
    vsi.set_type_version(2);
    auto& filter = *vsi.add_filters();
    filter.set_vid(2);
    filter.set_mac(mac_address(i));
  }
  return message;
}

pb::Request deassociate(const std::string& interface, std::size_t from, std::size_t to) {
  pb::Request message;
  auto& request = *message.mutable_vsi_deassociate();
  request.set_wait(pb::FIRST_ANSWER);
  for (std::size_t i = from; i < to; ++i) {
    auto& vsi = *request.add_vsis();
    vsi.set_port(interface);
    vsi.set_id(vsi_id(i));
  }
  return message;
}

/// How many VSIs fared well. What went wrong first is told.
std::size_t count_good(const pb::Response& response) {
  std::size_t good = 0;
  const std::string* trouble = nullptr;
  for (const auto& result : response.vsi_results().results()) {
    if (result.status().code() == pb::OK) {
      ++good;
    } else if (trouble == nullptr) {
      trouble = &result.status().sentence();
    }
  }
  if (trouble != nullptr) std::fprintf(stderr, "bench_storm: %s\n", trouble->c_str());
  if (good == 0 && response.status().code() != pb::OK) give_up(response.status().sentence());
  return good;
}

/// Sends all requests, then waits for all answers; returns how many VSIs fared well.
std::size_t ask_and_await(agent::api::Client& client, std::vector<pb::Request>& requests) {
  for (auto& request : requests) {
    if (const auto sent = client.send(std::move(request), kLimit); !sent)
      give_up(sent.error().sentence);
  }
  std::size_t good = 0;
  for (std::size_t answered = 0; answered < requests.size();) {
    const auto response = client.next_response(kLimit);
    if (!response) give_up(response.error().sentence);
    good += count_good(*response);
    if (!response->more()) ++answered;
  }
  return good;
}

/// Microseconds from the first request that we sent to the last one that came (the last response).
std::int64_t time_on_wire(const std::vector<bench::Recorded>& frames) {
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (const auto& frame : frames) {
    if (frame.operation != kEcpRequest) continue;
    if (frame.sent && first == 0) first = frame.nanoseconds;
    if (!frame.sent) last = frame.nanoseconds;
  }
  return (last - first) / 1000;
}

/// One storm, told as a JSON object in a line.
void storm(agent::api::Client& client, const std::string& interface, const std::string& verb,
           std::size_t vsis) {
  std::vector<pb::Request> requests;
  for (std::size_t from = 0; from < vsis; from += kMostInOneRequest) {
    const auto to = std::min(vsis, from + kMostInOneRequest);
    requests.push_back(verb == "associate" ? associate(interface, from, to)
                                           : deassociate(interface, from, to));
  }
  bench::Recorder recorder(interface);
  const auto start = bench::microseconds();
  const auto confirmed = ask_and_await(client, requests);
  const auto spent = bench::microseconds() - start;
  // The last acknowledgement leaves after the answer.
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const auto frames = recorder.take();
  const auto wire =
      recorder.clock_was_set() ? std::string("null") : std::to_string(time_on_wire(frames));
  fmt::print("{{\"us\": {}, \"wire_us\": {}, \"frames\": {}, \"confirmed\": {}}}\n", spent, wire,
             frames.size(), confirmed);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) give_up("usage: bench_storm SOCKET INTERFACE");
  // Else the request's 100 KB go back to the kernel after each storm, and come page by page.
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_TOP_PAD, kKept);
  auto client = agent::api::Client::connect(words[1], "bench_storm", kLimit);
  if (!client) give_up(client.error().sentence);
  std::string verb;
  std::size_t vsis = 0;
  while (std::cin >> verb >> vsis) {
    if (verb != "associate" && verb != "deassociate") give_up("no such storm: " + verb);
    storm(*client, words[2], verb, vsis);
  }
  return 0;
}
