// SPDX-License-Identifier: Apache-2.0
// The requests about recording.
#include <fmt/format.h>

#include "agent/api/capture_stream.hpp"
#include "agent/api/framing.hpp"
#include "agent/api/service.hpp"
#include "lldp/printable.hpp"

namespace agent::api {
namespace {

constexpr std::uint64_t kLeastOctets = 65'536;
constexpr std::uint64_t kMostOctets = std::uint64_t{1} << 30U;

}  // namespace

Stream::Progress CaptureStream::produce(std::string& out) {
  std::string pcapng;
  std::string journal;
  const bool more = writer_.next(pcapng, journal);
  pb::ServerMessage message;
  auto& response = *message.mutable_response();
  response.set_id(request_);
  response.mutable_status();
  response.set_more(more);
  auto& data = *response.mutable_capture_data();
  if (!pcapng.empty()) data.add_pcapng(std::move(pcapng));
  if (!journal.empty()) data.add_journal(std::move(journal));
  append_message(out, message);
  return more ? Progress::kMore : Progress::kDone;
}

/// A recording shows what other clients asked for, so that reading one is like changing something.
void Service::capture(ClientLink& client, const pb::Request& request) {
  if (!client.may_change) {
    return reject(client, request.id(), pb::PERMISSION_DENIED,
                  fmt::format("User {} may not record: that needs root or a member of the group "
                              "that evbd's configuration names as admin_group.",
                              client.peer.uid));
  }
  if (recorder_ == nullptr) {
    return reject(client, request.id(), pb::UNSUPPORTED, "This evbd does not record.");
  }
  switch (request.kind_case()) {
    case pb::Request::kCaptureStart: return start_capture(client, request);
    case pb::Request::kCaptureSave: return save_capture(client, request);
    case pb::Request::kCaptureStop: recorder_->stop(); break;
    default: break;
  }
  tell_capture(client, request);
}

void Service::start_capture(ClientLink& client, const pb::Request& request) {
  const auto& asked = request.capture_start();
  for (const auto& port : asked.ports()) {
    if (!port_exists(client, request.id(), port)) return;
    if (port.empty()) return reject(client, request.id(), pb::INVALID, "ports: a name is empty.");
  }
  const auto octets = asked.max_octets() == 0 ? capture::kDefaultMaxOctets : asked.max_octets();
  if (octets < kLeastOctets || octets > kMostOctets) {
    return reject(client, request.id(), pb::INVALID,
                  fmt::format("max_octets: {} is not {}..{}.", octets, kLeastOctets, kMostOctets));
  }
  recorder_->start({asked.ports().begin(), asked.ports().end()}, octets);
  tell_capture(client, request);
}

void Service::save_capture(ClientLink& client, const pb::Request& request) {
  auto records = recorder_->records();
  if (records.empty()) {
    return reject(client, request.id(), pb::NOT_FOUND,
                  recorder_->status().on
                      ? "Nothing was recorded yet."
                      : "Nothing was recorded; begin with `evbctl capture start`.");
  }
  if (!may_stream(client, request.id())) return;
  const auto now = ports_.now();
  client.add(std::make_unique<CaptureStream>(
      request.id(), capture::SavedWriter(std::move(records), now, ports_.wall_clock(now))));
}

void Service::tell_capture(ClientLink& client, const pb::Request& request) {
  const auto status = recorder_->status();
  pb::ServerMessage message;
  auto& response = *message.mutable_response();
  response.set_id(request.id());
  response.mutable_status();
  auto& told = *response.mutable_capture();
  told.set_on(status.on);
  for (const auto& port : status.ports) told.add_ports(port);
  told.set_frames(status.frames);
  told.set_stimuli(status.stimuli);
  told.set_dropped(status.dropped);
  told.set_octets(status.octets);
  told.set_max_octets(status.max_octets);
  client.send(message);
}

}  // namespace agent::api
