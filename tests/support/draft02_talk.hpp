// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "lldp/draft02_evb_tlv.hpp"
#include "tests/support/talk.hpp"
#include "vdp/draft02_vdpdu.hpp"

namespace support {

/// What a station and a bridge of draft 0.2 send each other, frame by frame, as a capture. Frames
/// of the ratified dialect come from Talk.
class Draft02Talk : public Talk {
 public:
  Draft02Talk();

  lldp::Draft02EvbTlv station_evb;
  lldp::Draft02EvbTlv bridge_evb;
  lldp::MacAddress ecp_destination = lldp::kNearestBridge;

  /// An LLDPDU with the end's EVB TLV of the draft.
  Draft02Talk& draft_lldp(const End& from);
  Draft02Talk& draft_lldp(const End& from, base::Octets information, std::uint16_t ttl = 121);
  /// Both ends have heard each other; 4 s later everything is settled.
  Draft02Talk& draft_hello();
  Draft02Talk& pass(std::chrono::nanoseconds time);

  /// The payload of the draft's Ethertype.
  Draft02Talk& ecp(const End& from, base::Bytes payload);
  /// A new ECP request; `again` sends the last of this end once more.
  Draft02Talk& ask(End& from, const std::vector<vdp::Draft02Tlv>& tlvs);
  Draft02Talk& again(const End& from);
  Draft02Talk& draft_ack(const End& from, std::uint16_t sequence);
  /// Request and acknowledgement.
  Draft02Talk& ask_and_ack(End& from, const vdp::Draft02Tlv& tlv);
  /// Two exchanges: the station's command, the bridge's answer.
  Draft02Talk& answered(const vdp::Draft02Tlv& tlv,
                        vdp::Draft02Response response = vdp::Draft02Response::kSuccess);

 private:
  base::Octets last_of_station_;
  base::Octets last_of_bridge_;
};

/// An Associate of a VSI with one MAC and VLAN 2.
vdp::Draft02Tlv draft_associate(std::uint8_t vsi = 1);
vdp::Draft02Tlv with_type(vdp::Draft02Tlv tlv, vdp::AssociationType type);

}  // namespace support
