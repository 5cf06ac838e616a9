// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/draft02_roles.hpp"

#include <algorithm>
#include <iterator>

namespace agent::replay {
namespace {

using vdp::AssociationType;

bool refuses(const vdp::Draft02Tlv& tlv) { return tlv.response != vdp::Draft02Response::kSuccess; }
/// Bridges de-associate unasked; everything else begins with a station.
bool begins(const vdp::Draft02Tlv& tlv) { return tlv.type != AssociationType::kDeAssociate; }

/// Whether one of `tlvs` is what `fits` wants beside one of `others`, of the same VSI.
template <class Fits>
bool any_pair(const std::vector<vdp::Draft02Tlv>& tlvs, const std::vector<vdp::Draft02Tlv>& others,
              Fits fits) {
  return std::ranges::any_of(tlvs, [&](const auto& tlv) {
    return std::ranges::any_of(
        others, [&](const auto& other) { return other.id == tlv.id && fits(tlv, other); });
  });
}

bool answers(const vdp::Draft02Tlv& tlv, const vdp::Draft02Tlv& asked) {
  return tlv.type == asked.type && tlv.vsi_type == asked.vsi_type;
}

bool asks(const vdp::Draft02Tlv& tlv, const vdp::Draft02Tlv& /*other*/) { return begins(tlv); }
bool any(const vdp::Draft02Tlv& /*tlv*/, const vdp::Draft02Tlv& /*other*/) { return true; }

}  // namespace

Role Draft02Roles::shown_by(const UnplacedPdu& pdu, std::optional<std::size_t> peer) const {
  // A response other than success is a bridge's.
  if (std::ranges::any_of(pdu.tlvs, refuses)) return Role::kBridge;
  bool spoken_by_peer = false;
  bool spoken_before = false;
  for (const auto& kept : kept_) {
    // What repeats the other end's TLV within the station's wait answers it.
    const auto after = pdu.moment.at - kept.moment.at;
    const bool in_time = after <= kDraft02LongestAnswer && after >= 0;
    if (kept.end == peer && in_time && any_pair(pdu.tlvs, kept.tlvs, answers)) return Role::kBridge;
    spoken_by_peer = spoken_by_peer || (kept.end == peer && any_pair(pdu.tlvs, kept.tlvs, any));
    spoken_before = spoken_before || (kept.end == pdu.end && any_pair(pdu.tlvs, kept.tlvs, asks));
  }
  // A bridge does not speak twice of a VSI without being asked in between.
  if (peer && spoken_before && !spoken_by_peer) return Role::kStation;
  // A request that this could answer would have been seen.
  if (pdu.watched && std::ranges::any_of(pdu.tlvs, begins)) return Role::kStation;
  return Role::kUnknown;
}

std::vector<UnplacedPdu> Draft02Roles::keep(UnplacedPdu pdu) {
  std::vector<UnplacedPdu> no_room;
  if (kept_.size() == kMostKept) no_room = take_all();
  kept_.push_back(std::move(pdu));
  return no_room;
}

std::vector<UnplacedPdu> Draft02Roles::take(std::size_t end, std::optional<std::size_t> peer) {
  std::vector<UnplacedPdu> taken;
  std::erase_if(kept_, [&](UnplacedPdu& kept) {
    const bool of_them = kept.end == end || kept.end == peer;
    if (of_them) taken.push_back(std::move(kept));
    return of_them;
  });
  return taken;
}

}  // namespace agent::replay
