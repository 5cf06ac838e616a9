// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/selection.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace agent::replay::report {
namespace {

constexpr std::uint64_t kNearby = 3;          // frames before and after a deviation
constexpr std::size_t kMostSenders = 65'536;  // whose last frames are remembered

std::string_view characters(base::Bytes octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// Whose frames of which protocol are compared with each other.
std::uint64_t sender_of(const DecodedFrame& frame) {
  const auto key = characters(frame.captured.octets.first(frame.link.payload));
  return std::hash<std::string_view>()(key) * 4 + static_cast<unsigned>(frame.protocol);
}

bool is_request(const DecodedFrame& frame) {
  if (frame.ecpdu) return frame.ecpdu->operation == lldp::EcpOperation::kRequest;
  return frame.draft_ecpdu && frame.draft_ecpdu->operation == lldp::EcpOperation::kRequest;
}

}  // namespace

/// Whether its sender's last LLDPDU, or last request, was the same to the octet.
bool Selection::seen_before(const DecodedFrame& frame) {
  const auto hash = std::hash<std::string_view>()(characters(frame.payload()));
  const auto sender = sender_of(frame);
  const auto found = last_.find(sender);
  if (found == last_.end()) {
    if (last_.size() < kMostSenders) last_.emplace(sender, hash);
    return false;
  }
  return std::exchange(found->second, hash) == hash;
}

void Selection::take(const DecodedFrame& frame) {
  auto weight = Weight::kRepeat;
  switch (frame.protocol) {
    case Protocol::kOther:
    case Protocol::kNone: weight = Weight::kForeign; break;
    case Protocol::kLldp: weight = seen_before(frame) ? Weight::kRepeat : Weight::kNews; break;
    case Protocol::kEcp:
    case Protocol::kDraftEcp:
      if (is_request(frame) && seen_before(frame)) weight = Weight::kNews;
      break;
  }
  if (!frame.faults.empty()) weight = Weight::kDeviation;
  weights_.push_back(weight);
}

void Selection::raise(std::uint64_t frame, Weight weight) {
  if (frame == 0 || frame > weights_.size()) return;
  auto& one = weights_[static_cast<std::size_t>(frame - 1)];
  one = std::max(one, weight);
}

void Selection::weigh(const Conversation& talk) {
  for (const auto& change : talk.evb_changes()) raise(change.moment.frame, Weight::kNews);
  for (const auto& life : talk.vsis()) {
    for (const auto& moment : life.timeline) raise(moment.moment.frame, Weight::kNews);
  }
  for (const auto& timer : talk.timers()) {
    if (timer.kind == TimerKind::kAck || timer.overdue) {
      raise(timer.started.frame, Weight::kNews);
      raise(timer.ended.frame, Weight::kNews);
    }
  }
  for (const auto& exchange : talk.exchanges()) {
    const auto first = static_cast<std::size_t>(exchange.first.frame - 1);
    if (exchange.sends > 1 || exchange.given_up) raise(exchange.first.frame, Weight::kNews);
    if (exchange.acked_frame != 0)
      raise(exchange.acked_frame, std::min(weights_[first], Weight::kNews));
  }
}

void Selection::choose(const Conversation& talk, std::span<const Deviation> deviations,
                       std::size_t limit) {
  weigh(talk);
  for (const auto& one : deviations) {
    for (const auto frame : {one.moment.frame, one.again.frame}) {
      const auto from = frame > kNearby ? frame - kNearby : 1;
      for (auto near = from; near <= frame + kNearby; ++near) raise(near, Weight::kNear);
      raise(frame, Weight::kDeviation);
    }
  }
  const bool all = weights_.size() <= limit;
  drawn_.assign(weights_.size(), all);
  count_ = all ? weights_.size() : 0;
  if (all) return;
  for (const auto& one : deviations) draw(one.moment.frame, limit);
  for (const auto weight : {Weight::kDeviation, Weight::kNear, Weight::kNews}) {
    draw_all(weight, limit);
  }
  draw_all(Weight::kRepeat, std::min<std::uint64_t>(limit, count_ + limit / 4));
}

/// Draws this frame, unless `limit` are drawn already.
void Selection::draw(std::uint64_t frame, std::uint64_t limit) {
  if (frame == 0 || frame > drawn_.size() || count_ >= limit || draws(frame)) return;
  drawn_[static_cast<std::size_t>(frame - 1)] = true;
  ++count_;
}

/// Draws frames of this weight, the first ones, until `limit` are drawn in all.
void Selection::draw_all(Weight weight, std::uint64_t limit) {
  for (std::size_t i = 0; i < weights_.size() && count_ < limit; ++i) {
    if (weights_[i] == weight) draw(i + 1, limit);
  }
}

}  // namespace agent::replay::report
