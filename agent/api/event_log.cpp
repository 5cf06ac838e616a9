// SPDX-License-Identifier: Apache-2.0
#include "agent/api/event_log.hpp"

namespace agent::api {

void EventLog::append(LoggedEvent event) {
  if (events_.size() < capacity_) {
    events_.push_back(std::move(event));
  } else {
    events_[last_ % capacity_] = std::move(event);
  }
  ++last_;
}

}  // namespace agent::api
