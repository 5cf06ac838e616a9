// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/polls.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "lldp/base/deadlines.hpp"

namespace agent::libvirt {
namespace {

/// A thousand polls that end at once, each with a thousand states, must not keep a request from its
/// acknowledgement. A turn ends when it has written this: deadline() stays in the past then, and
/// the loop looks at its sockets before it goes on.
constexpr std::size_t kOctetsPerTurn = 16 * 1024;

}  // namespace

void Polls::set_due(Group& group, Attempt& attempt, std::optional<base::Instant> at) {
  if (attempt.due) group.due.erase({*attempt.due, attempt.state.id});
  attempt.due = at;
  if (at) group.due.insert({*at, attempt.state.id});
}

void Polls::forget(Group& group, const vdp::VsiId& id) {
  const auto found = group.attempts.find(id);
  if (found == group.attempts.end()) return;
  set_due(group, found->second, std::nullopt);
  if (!found->second.state.response) --group.undecided;
  if (found->second.held) {
    // Its thread reads of the request that replaces this one, or of nothing: but it is answered.
    group.loose.push_back(*found->second.held);
    --group.held;
  }
  group.attempts.erase(found);
  group.answer.clear();
}

/// nullptr when a later request for the same VSI has taken its place.
const Polls::Attempt* Polls::current(const Group& group, const Age& age) {
  const auto found = group.attempts.find(age.id);
  const bool same = found != group.attempts.end() && found->second.number == age.number;
  return same ? &found->second : nullptr;
}

void Polls::asked(base::Instant now, const PollGroup& key, std::string_view ifname,
                  const PortState& state) {
  auto& group = groups_[key];
  forget_old(now, group);
  forget(group, state.id);
  group.ifname = ifname;
  auto& attempt = group.attempts[state.id];
  attempt.state = state;
  attempt.asked = now;
  attempt.number = ++last_number_;
  group.by_age.push_back(Age{now, state.id, attempt.number});
  if (!state.response) ++group.undecided;
  set_due(group, attempt, now);
  group.answer.clear();
  if (!cleaning_) cleaning_ = now + kPatience;
}

void Polls::decided(base::Instant now, const PollGroup& key, const vdp::VsiId& id,
                    std::uint16_t response) {
  const auto group = groups_.find(key);
  if (group == groups_.end()) return;
  const auto found = group->second.attempts.find(id);
  if (found == group->second.attempts.end()) return;
  auto& attempt = found->second;
  if (!attempt.state.response) --group->second.undecided;
  attempt.state.response = response;
  group->second.answer.clear();
  group->second.ready.push_back(id);
  const bool others =
      group->second.undecided > 0 && group->second.held + group->second.loose.size() > 1;
  if (!others) {
    written_ = 0;
    if (answer_ready(now, key, group->second)) return;
  }
  if (std::exchange(group->second.gathering, true)) return;
  gatherings_.insert({others ? now + kGather : now, key});
}

/// False: there is more to be told than fits into this turn.
bool Polls::answer_ready(base::Instant now, const PollGroup& key, Group& group) {
  while (!group.ready.empty() && !turn_is_over()) {
    if (!group.loose.empty()) {
      const auto poll = group.loose.front();
      group.loose.pop_front();
      send_states(key, group, poll);
      continue;
    }
    const auto id = group.ready.front();
    group.ready.pop_front();
    const auto found = group.attempts.find(id);
    if (found == group.attempts.end() || !found->second.state.response) continue;
    if (const auto held = std::exchange(found->second.held, std::nullopt)) {
      --group.held;
      answer(now, key, group, found->second, *held);
    }
  }
  return group.ready.empty();
}

bool Polls::turn_is_over() const { return written_ >= kOctetsPerTurn; }

/// The thread whose poll is expected first.
Polls::Attempt* Polls::next_due(base::Instant now, Group& group) {
  while (!group.due.empty()) {
    auto& attempt = group.attempts.at(group.due.begin()->second);
    if (attempt.polled || now - attempt.asked <= kFirstPoll) return &attempt;
    set_due(group, attempt, std::nullopt);  // a request that nobody polls for
    ++group.unread;
  }
  return nullptr;
}

void Polls::poll(base::Instant now, std::uint32_t from, const nlmsghdr& header,
                 const GetLink& request) {
  const PollGroup key{header.nlmsg_pid, request.ifindex};
  const Poll poll{from, header};
  const auto found = groups_.find(key);
  if (found == groups_.end()) {
    Group nothing;
    nothing.ifname = request.ifname;
    send_states(key, nothing, poll);
    return;
  }
  auto& group = found->second;
  forget_old(now, group);
  if (auto* const attempt = next_due(now, group)) {
    set_due(group, *attempt, std::nullopt);
    attempt->polled = true;
    if (attempt->state.response || hold_ <= base::Duration::zero()) {
      return answer(now, key, group, *attempt, poll);
    }
    attempt->held = poll;
    ++group.held;
    return hold(now, key, attempt->state.id, poll);
  }
  if (group.undecided > 0 && hold_ > base::Duration::zero()) {
    group.loose.push_back(poll);
    return hold(now, key, std::nullopt, poll);
  }
  if (group.unread > 0) --group.unread;
  send_states(key, group, poll);
}

void Polls::hold(base::Instant now, const PollGroup& key, std::optional<vdp::VsiId> id,
                 const Poll& poll) {
  expiries_.push_back(Expiry{now + hold_, key, id, poll.from});
}

/// Answers a poll that was taken for that of this attempt's thread.
void Polls::answer(base::Instant now, const PollGroup& key, Group& group, Attempt& attempt,
                   const Poll& poll) {
  send_states(key, group, poll);
  if (!attempt.state.response) return set_due(group, attempt, now + kInterval);
  // If anything is undecided, the poll may have been the one for that: then a thread is left over.
  if (group.undecided > 0) ++group.unread;
  if (group.undecided == 0 && group.unread == 0 && group.due.empty() && group.held == 0 &&
      group.loose.empty()) {
    group.attempts.clear();
    group.by_age.clear();
    group.answer.clear();
  }
}

/// All polls of a group have the same answer but for the header's sequence and port id.
void Polls::send_states(const PollGroup& key, Group& group, const Poll& poll) {
  if (group.answer.empty()) {
    std::vector<PortState> states;
    states.reserve(group.attempts.size());
    for (const auto& age : group.by_age) {
      if (const auto* const attempt = current(group, age)) states.push_back(attempt->state);
    }
    // Of too many, the youngest are those that libvirt still waits for.
    const auto surplus = states.size() - std::min(states.size(), kMaxPortStates);
    group.answer =
        port_states(poll.header, key.ifindex, group.ifname, std::span(states).subspan(surplus));
  }
  auto* const octets = group.answer.data();
  std::memcpy(octets + offsetof(nlmsghdr, nlmsg_seq), &poll.header.nlmsg_seq, 4);
  std::memcpy(octets + offsetof(nlmsghdr, nlmsg_pid), &poll.header.nlmsg_pid, 4);
  written_ += group.answer.size();
  send_(poll.from, group.answer);
}

void Polls::forget_old(base::Instant now, Group& group) {
  while (!group.by_age.empty() && group.by_age.front().asked + kPatience <= now) {
    const auto age = group.by_age.front();
    group.by_age.pop_front();
    if (current(group, age) != nullptr) forget(group, age.id);
  }
  if (group.attempts.empty()) group.unread = 0;
}

std::optional<base::Instant> Polls::deadline() const {
  auto next = cleaning_;
  if (!expiries_.empty()) next = base::earlier(next, expiries_.front().at);
  if (!gatherings_.empty()) next = base::earlier(next, gatherings_.begin()->first);
  return next;
}

void Polls::expire(base::Instant now, const Expiry& expiry) {
  const auto group = groups_.find(expiry.group);
  if (group == groups_.end()) return;
  auto& loose = group->second.loose;
  const auto is_it = [&](const Poll& poll) { return poll.from == expiry.from; };
  if (const auto poll = std::ranges::find_if(loose, is_it); poll != loose.end()) {
    const auto held = *poll;
    loose.erase(poll);
    return send_states(expiry.group, group->second, held);
  }
  if (!expiry.id) return;
  const auto found = group->second.attempts.find(*expiry.id);
  if (found == group->second.attempts.end()) return;
  auto& attempt = found->second;
  if (!attempt.held || attempt.held->from != expiry.from) return;
  const auto held = *std::exchange(attempt.held, std::nullopt);
  --group->second.held;
  answer(now, expiry.group, group->second, attempt, held);
}

void Polls::time_passed(base::Instant now) {
  written_ = 0;
  while (!gatherings_.empty() && gatherings_.begin()->first <= now && !turn_is_over()) {
    const auto& [at, key] = *gatherings_.begin();
    const auto group = groups_.find(key);
    if (group != groups_.end()) {
      if (!answer_ready(now, key, group->second)) return;
      group->second.gathering = false;
    }
    gatherings_.erase(gatherings_.begin());
  }
  while (!expiries_.empty() && expiries_.front().at <= now && !turn_is_over()) {
    const auto expiry = expiries_.front();
    expiries_.pop_front();
    expire(now, expiry);
  }
  if (!cleaning_ || *cleaning_ > now) return;
  for (auto group = groups_.begin(); group != groups_.end();) {
    forget_old(now, group->second);
    const bool empty = group->second.attempts.empty() && group->second.loose.empty();
    group = empty ? groups_.erase(group) : std::next(group);
  }
  cleaning_ = groups_.empty() ? std::nullopt : std::optional(now + kPatience);
}

void Polls::answer_all() {
  expiries_.clear();
  for (auto& [key, group] : groups_) {
    for (const auto& poll : std::exchange(group.loose, {})) send_states(key, group, poll);
    for (auto& [id, attempt] : group.attempts) {
      if (const auto held = std::exchange(attempt.held, std::nullopt)) {
        send_states(key, group, *held);
      }
    }
    group.held = 0;
  }
}

std::size_t Polls::size() const {
  std::size_t size = 0;
  for (const auto& [key, group] : groups_) size += group.attempts.size();
  return size;
}

std::size_t Polls::held() const {
  std::size_t held = 0;
  for (const auto& [key, group] : groups_) held += group.held + group.loose.size();
  return held;
}

}  // namespace agent::libvirt
