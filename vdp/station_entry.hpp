// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vdp/station.hpp"

namespace vdp {

/// What a Station keeps of one VSI beside its machine.
struct Station::Vsi {
  Vsi(const VsiId& id, const StationVsi::Waits& waits) : machine(id, waits) {}

  StationVsi machine;
  VsiRequest want;
  bool wanted = true;   // false: the client de-associated it
  bool pending = true;  // the machine has not been given the client's latest command
  bool queued = false;
  bool ecp_lost = false;  // the ECPDU with its last TLV was given up
  std::optional<Failure> failure;
  std::optional<base::Instant> retry_at;
  base::Duration backoff{};
  std::uint32_t tries = 0;
  std::uint32_t in_ecpdu = 0;  // the ECPDU whose response it waits for, 0: none
  base::Instant since{};
  VsiState told = VsiState::kDeassociated;
  base::Deadlines<Vsi>::Handle deadline;
};

}  // namespace vdp
