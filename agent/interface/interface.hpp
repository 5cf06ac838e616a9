// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "agent/interface/interfaces.hpp"

namespace agent::interface {

/// One request under way.
struct Interfaces::Batch {
  bool attaching = false;
  pb::InterfaceResults results;  ///< in the order of the request
  std::set<std::string> open;    ///< whose end is waited for
  bool failed = false;
  Answer answer;
  base::Instant deadline;

  pb::InterfaceResult& result(const std::string& name) {
    for (auto& each : *results.mutable_results()) {
      if (each.name() == name) return each;
    }
    auto& added = *results.add_results();
    added.set_name(name);
    added.mutable_status();
    return added;
  }
};

struct Interfaces::Interface {
  enum class Waiting : std::uint8_t {
    kNothing,
    kAssociation,   ///< for the bridge's first answer
    kPortProfile,   ///< for the driver's
    kConfirmation,  ///< that an association of an earlier run stands, before it is ended
    kRelease,       ///< for the end of the association
  };

  journal::Entry entry;
  std::vector<journal::Step> plan;  ///< of which entry.steps() were taken
  std::size_t taken = 0;
  Waiting waiting = Waiting::kNothing;
  vdp::VsiId vsi;            ///< that is waited for
  std::string port;          ///< its port
  base::Instant wait_until;  ///< unless waiting is kNothing
  bool of_earlier_run = false;
  bool ready = false;           ///< attached, as far as this one goes
  std::string stuck;            ///< why it cannot be undone
  journal::Filter filter;       ///< in force
  std::string filter_trouble;   ///< why the kernel does not filter
  std::vector<Shared> batches;  ///< that wait for it

  const std::string& name() const { return entry.wanted().name(); }
  const journal::Endpoint* endpoint() const {
    for (const auto& step : entry.steps()) {
      if (step.has_endpoint()) return &step.endpoint();
    }
    return nullptr;
  }
};

/// Takes the first step of this kind out of the entry, or nothing.
template <class Is>
void remove_step(journal::Entry& entry, Is&& is) {
  for (int i = 0; i < entry.steps_size(); ++i) {
    if (!is(entry.steps(i))) continue;
    entry.mutable_steps()->DeleteSubrange(i, 1);
    return;
  }
}

}  // namespace agent::interface
