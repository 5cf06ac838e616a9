// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "agent/replay/facts.hpp"

namespace agent::replay {

/// How long after its request an answer may come, with what clocks and captures are off by.
inline constexpr Nanoseconds kDraft02LongestAnswer =
    std::chrono::nanoseconds(lldp::kDraft02ResponseWait).count() / 20 * 21;

/// A VDP PDU of draft 0.2, and how it came.
struct UnplacedPdu {
  std::size_t end = 0;
  Moment moment;
  std::size_t exchange = 0;  ///< that carried it, its number
  bool watched = false;      ///< see VsiFact
  bool repeated = false;     ///< by a resend, which had another sequence number
  std::vector<vdp::Draft02Tlv> tlvs;
};

/// Tells stations from bridges in draft 0.2, where neither the EVB TLV nor the VDP TLV says it: a
/// capture that begins in the middle may begin with either. What cannot be told yet is kept here.
class Draft02Roles {
 public:
  /// What is kept of one capture; older PDUs are given back first.
  static constexpr std::size_t kMostKept = 1024;

  /// What this PDU shows its sender to be, after those that are kept.
  Role shown_by(const UnplacedPdu& pdu, std::optional<std::size_t> peer) const;
  /// Returns what there is no more room for.
  std::vector<UnplacedPdu> keep(UnplacedPdu pdu);
  /// Takes out what was kept of these two ends, in the order of frames.
  std::vector<UnplacedPdu> take(std::size_t end, std::optional<std::size_t> peer);
  std::vector<UnplacedPdu> take_all() { return std::exchange(kept_, {}); }

 private:
  std::vector<UnplacedPdu> kept_;
};

}  // namespace agent::replay
