// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vdp/station.hpp"

namespace vdp {

/// What a Station keeps of one VSI beside its machine.
struct Station::Vsi {
  Vsi(const VsiId& id, const StationVsi::Waits& waits) : machine(id, waits) {}
  const VsiId& id() const { return machine.id(); }

  StationVsi machine;
  VsiRequest want;
  bool wanted = true;     // false: the client de-associated it
  bool pending = true;    // the machine has not been given the client's latest command
  bool ecp_lost = false;  // the ECPDU with its last TLV was given up
  std::optional<Failure> failure;
  std::optional<base::Instant> retry_at;
  base::Duration backoff{};
  std::uint32_t tries = 0;
  std::uint32_t in_ecpdu = 0;  // the ECPDU whose response it waits for, 0: none
  base::Instant since{};
  VsiState told = VsiState::kDeassociated;
  base::Link<Vsi> queued;
  ManagerId queued_for;  // while it is queued
  base::Deadlines<Vsi>::Handle deadline;
  base::Deadlines<Vsi>::Handle keep_alive;
  ManagerId keep_alive_of;  // while its keep-alive is listed
};

}  // namespace vdp
