// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <vector>

#include "lldp/evb_tlv.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/mac_address.hpp"
#include "tests/support/capture_builder.hpp"
#include "vdp/vdpdu.hpp"

namespace support {

/// Writes down what a station and a bridge send each other, frame by frame, as a capture.
class Talk {
 public:
  struct End {
    lldp::MacAddress address;
    lldp::EvbTlv evb;
    std::uint16_t sequence = 0;  ///< of its last request
  };

  Talk();

  End station;
  End bridge;
  std::vector<TimedFrame> frames;
  lldp::MacAddress destination = lldp::kNearestCustomerBridge;
  /// Stand between the source and the Ethertype.
  base::Octets tags;

  std::uint64_t number() const { return frames.size(); }  ///< of the last frame
  Talk& pass(std::chrono::nanoseconds time);

  Talk& frame(const End& from, std::uint16_t ethertype, base::Bytes payload);
  /// An LLDPDU with the end's EVB TLV.
  Talk& lldp(const End& from, std::uint16_t ttl = 121);
  Talk& lldp(const End& from, const lldp::SystemInformation& information, std::uint16_t ttl = 121);
  lldp::SystemInformation information(const End& of, bool with_evb = true) const;
  /// Both ends have heard each other and say so; 3 s later everything is settled.
  Talk& hello();

  /// A new ECP request, alone; `again` sends the same once more.
  Talk& request(End& from, const std::vector<vdp::AssociationTlv>& tlvs);
  Talk& request(End& from, base::Bytes ulpdu);
  Talk& again(const End& from);
  Talk& ack(const End& from, std::uint16_t sequence);
  /// Request and acknowledgement.
  Talk& exchange(End& from, const vdp::AssociationTlv& tlv);
  /// Two exchanges: the station's command, the bridge's answer.
  Talk& command(const vdp::AssociationTlv& tlv);

  vdp::ManagerId manager{{11}};

 private:
  const End& other(const End& end) const { return &end == &station ? bridge : station; }

  std::chrono::nanoseconds now_;
};

/// An Associate of a VSI with one MAC and VLAN 2.
vdp::AssociationTlv associate(std::uint8_t vsi = 1);
vdp::AssociationTlv with_type(vdp::AssociationTlv tlv, vdp::AssociationType type);
/// The answer to it.
vdp::AssociationTlv response(vdp::AssociationTlv tlv, vdp::Reason reason = vdp::Reason::kSuccess);

}  // namespace support
