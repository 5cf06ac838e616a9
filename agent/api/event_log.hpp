// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agent/ports.hpp"
#include "vdp/port_events.hpp"

namespace agent::api {

/// The link, the device's presence or the port's trouble changed.
struct PortChanged {};
using LoggedChange = std::variant<vdp::VsiChanged, vdp::EvbChanged, vdp::NeighborsChanged,
                                  vdp::SChannelsChanged, PortChanged, TypeStanding>;

struct LoggedEvent {
  base::Instant at;
  std::string port;
  LoggedChange change;
};

/// The last events of all ports, as the core told them. Watchers keep a sequence number and read
/// from here, so one event costs the same however many watch, and a slow watcher costs nothing.
class EventLog {
 public:
  /// Takes the addresses for all events at once; memory comes with the events.
  explicit EventLog(std::size_t capacity) : capacity_(capacity) { events_.reserve(capacity); }

  void append(LoggedEvent event);
  /// The sequence number of the newest event; the first one ever is 1.
  std::uint64_t last() const { return last_; }
  /// The sequence number of the oldest event that is still here; last() + 1 when there is none.
  std::uint64_t first() const { return last_ + 1 - events_.size(); }
  /// The event of this number, first() <= sequence <= last().
  const LoggedEvent& at(std::uint64_t sequence) const {
    return events_[(sequence - 1) % capacity_];
  }

 private:
  std::size_t capacity_;
  std::vector<LoggedEvent> events_;  // a ring once it is full
  std::uint64_t last_ = 0;
};

}  // namespace agent::api
