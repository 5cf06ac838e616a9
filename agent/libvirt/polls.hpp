// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/libvirt/messages.hpp"
#include "lldp/base/time.hpp"

namespace agent::libvirt {

/// Who asked about which device: the asker's event port, and the root device's index. A poll tells
/// no more than this, so all that is known of its asker is told in its answer.
struct PollGroup {
  std::uint32_t client = 0;
  int ifindex = 0;
  friend auto operator<=>(const PollGroup&, const PollGroup&) = default;
};

/// The polls of libvirt's requests. For each request one thread of libvirt polls, at once and then
/// every 125 ms, until it sees a decision. A poll does not say for which VSI it is: it is taken for
/// that of the thread that is due, and held for a moment while that VSI is undecided. A wrong guess
/// costs only time, because every answer lists all VSIs that the asker may be waiting for. They are
/// listed until they were certainly read, or for longer than libvirt polls.
class Polls {
 public:
  /// Sends one netlink message to a port id; must not call back.
  using Send = std::function<void(std::uint32_t to, const base::Octets& message)>;

  /// libvirt's time between two polls, and the time after which it no longer polls.
  static constexpr base::Duration kInterval = std::chrono::milliseconds(125);
  static constexpr base::Duration kPatience = std::chrono::seconds(11);
  /// A request that was not polled for in this time is one of those that are never polled for.
  static constexpr base::Duration kFirstPoll = std::chrono::seconds(1);

  /// Where several polls are held, decisions are gathered for this long before they are told: then
  /// a thread whose poll was taken for another's mostly finds its own among them.
  static constexpr base::Duration kGather = std::chrono::milliseconds(2);

  Polls(base::Duration hold, Send send) : hold_(hold), send_(std::move(send)) {}

  void set_hold(base::Duration hold) { hold_ = hold; }

  /// A request was acknowledged; what was known of the same VSI before is replaced.
  void asked(base::Instant now, const PollGroup& group, std::string_view ifname,
             const PortState& state);
  /// The answer for a VSI is final; whoever waits for it is answered.
  void decided(base::Instant now, const PollGroup& group, const vdp::VsiId& id,
               std::uint16_t response);
  void poll(base::Instant now, std::uint32_t from, const nlmsghdr& header, const GetLink& request);

  /// When time_passed() has to be called next.
  std::optional<base::Instant> deadline() const;
  void time_passed(base::Instant now);
  /// Answers everything that is held with what is known.
  void answer_all();

  /// Requests that may still be polled for.
  std::size_t size() const;
  std::size_t held() const;

 private:
  struct Poll {
    std::uint32_t from = 0;
    nlmsghdr header{};
  };
  /// One request and the thread of libvirt that waits for its decision.
  struct Attempt {
    PortState state;
    base::Instant asked;
    std::uint64_t number = 0;          ///< tells it from an earlier one for the same VSI
    std::optional<base::Instant> due;  ///< of the thread's next poll; absent: it polls no more
    bool polled = false;
    std::optional<Poll> held;
  };
  struct Age {
    base::Instant asked;
    vdp::VsiId id;
    std::uint64_t number;
  };
  struct Group {
    std::string ifname;
    std::unordered_map<vdp::VsiId, Attempt> attempts;
    std::set<std::pair<base::Instant, vdp::VsiId>> due;
    std::deque<Age> by_age;
    std::deque<vdp::VsiId> ready;  ///< decided, and not told to who waits for it
    bool gathering = false;
    std::deque<Poll> loose;  ///< held, and of nobody knows which thread
    std::size_t undecided = 0;
    std::size_t held = 0;    ///< of the attempts
    std::size_t unread = 0;  ///< threads that may still come although none is expected
    base::Octets answer;     ///< what a poll is told now; empty: to be built
  };
  struct Expiry {
    base::Instant at;
    PollGroup group;
    std::optional<vdp::VsiId> id;
    std::uint32_t from = 0;
  };
  using Groups = std::map<PollGroup, Group>;

  Attempt* next_due(base::Instant now, Group& group);
  void set_due(Group& group, Attempt& attempt, std::optional<base::Instant> at);
  void hold(base::Instant now, const PollGroup& key, std::optional<vdp::VsiId> id,
            const Poll& poll);
  void answer(base::Instant now, const PollGroup& key, Group& group, Attempt& attempt,
              const Poll& poll);
  bool answer_ready(base::Instant now, const PollGroup& key, Group& group);
  bool turn_is_over() const;
  void send_states(const PollGroup& key, Group& group, const Poll& poll);
  static const Attempt* current(const Group& group, const Age& age);
  void forget(Group& group, const vdp::VsiId& id);
  void forget_old(base::Instant now, Group& group);
  void expire(base::Instant now, const Expiry& expiry);

  base::Duration hold_;
  Send send_;
  Groups groups_;
  std::uint64_t last_number_ = 0;
  std::deque<Expiry> expiries_;  ///< of held polls, in the order of time
  std::set<std::pair<base::Instant, PollGroup>> gatherings_;
  std::size_t written_ = 0;  ///< octets, in this turn
  std::optional<base::Instant> cleaning_;
};

}  // namespace agent::libvirt
