// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/client_wishes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace agent::replay::report {
namespace {

constexpr std::size_t kMostFromComments = 100'000;
/// How evbd's comment on such a frame ends; see capture/saved.cpp.
constexpr std::string_view kAsked = "; sent as a client asked";

Nanoseconds nanoseconds(base::Duration duration) { return duration.count() * 1000; }

bool is_wish(const vdp::Input& input) {
  return std::holds_alternative<vdp::AssociateRequested>(input) ||
         std::holds_alternative<vdp::DeassociateRequested>(input);
}

/// The stimulus as the journal words it, without its time.
std::string words_of(const capture::Stimulus& stimulus) {
  auto line = capture::stimulus_line({}, stimulus);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  const auto space = line.find(' ');
  line = space == std::string::npos ? line : line.substr(space + 1);
  return line.starts_with("+ ") ? line.substr(2) : line;
}

}  // namespace

ClientWishes::PortWishes ClientWishes::wishes_of(const capture::PortJournal& journal) {
  PortWishes port;
  if (journal.began != 0) port.began = journal.began * 1000;
  for (const auto& stimulus : journal.stimuli) {
    const auto at = nanoseconds(stimulus.at.time_since_epoch());
    if (port.mark.empty() && stimulus.frame) {
      port.mark = *stimulus.frame;
      port.marked_at = at;
    }
    if (is_wish(stimulus.input)) port.wishes.push_back({at, words_of(stimulus)});
  }
  return port;
}

void ClientWishes::take_journal(const capture::Journal& journal) {
  for (const auto& port : journal.ports) ports_.push_back(wishes_of(port));
}

void ClientWishes::take(const CapturedFrame& frame, std::string_view comment) {
  for (auto& port : ports_) {
    if (!port.began && !port.mark.empty() && std::ranges::equal(port.mark, frame.octets)) {
      port.began = frame.nanoseconds - port.marked_at;
    }
  }
  if (ports_.empty() && comment.ends_with(kAsked) && from_comments_.size() < kMostFromComments) {
    from_comments_.push_back(
        {frame.nanoseconds, fmt::format("a client asked for frame {}", frame.number)});
  }
}

std::vector<ClientWish> ClientWishes::take_all() {
  auto all = std::move(from_comments_);
  for (auto& port : ports_) {
    if (!port.began) continue;  // nothing tells where its clock stands
    for (auto& wish : port.wishes) all.push_back({*port.began + wish.at, std::move(wish.text)});
  }
  std::ranges::stable_sort(all, {}, &ClientWish::at);
  return all;
}

}  // namespace agent::replay::report
