// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "agent/replay/capture_file.hpp"
#include "agent/replay/link_header.hpp"
#include "lldp/cdcp_tlv.hpp"
#include "lldp/draft02_ecpdu.hpp"
#include "lldp/draft02_evb_tlv.hpp"
#include "lldp/ecpdu.hpp"
#include "lldp/evb_tlv.hpp"
#include "lldp/lldpdu.hpp"
#include "vdp/draft02_vdpdu.hpp"
#include "vdp/vdpdu.hpp"

namespace agent::replay {

/// A slip in lldpad's manual that others copied: nothing on a wire has it.
inline constexpr std::uint16_t kMistakenEthertype = 0x8890;

enum class Protocol : std::uint8_t {
  kLldp,
  kEcp,       ///< ratified, 0x8940
  kDraftEcp,  ///< draft 0.2, 0x88B7
  kOther,     ///< not ours to judge
  kNone,      ///< the frame ends before its Ethertype
};

/// One thing wrong with a frame.
struct FrameFault {
  base::Fault fault = base::Fault::kTruncated;
  std::size_t octet = 0;       ///< from the start of the frame
  std::string_view part;       ///< what it is wrong with: "EVB TLV"
  std::string_view statement;  ///< of the conformance list: "E13"
};

/// An organisational TLV of an LLDPDU by place: `octets` stand after OUI and subtype.
struct PlacedTlv {
  base::Bytes octets;
  std::size_t offset = 0;  ///< of `octets`, from the start of the frame
};

/// What the TLVs of an LLDPDU show that `lldp::Lldpdu` does not keep.
struct LldpScan {
  std::optional<PlacedTlv> evb;
  std::optional<PlacedTlv> cdcp;
  std::optional<PlacedTlv> draft_evb;
  unsigned evb_count = 0;
  unsigned optional_tlvs = 0;
  bool end = false;        ///< there is an End TLV
  bool end_empty = true;   ///< and its length is 0
  std::size_t length = 0;  ///< octets of the PDU, with the End TLV; what follows is padding
};

/// One frame as far as it can be taken apart. It is filled anew for each frame, so that a million
/// frames cost few allocations; spans point into the captured octets.
struct DecodedFrame {
  CapturedFrame captured;
  LinkHeader link;
  Protocol protocol = Protocol::kNone;
  std::vector<FrameFault> faults;
  bool unknown_tail = false;  ///< the capture kept too little of the frame to judge its contents

  // kLldp
  std::optional<lldp::Lldpdu> lldpdu;  ///< nullopt: refused whole, see faults
  LldpScan scan;
  std::optional<lldp::EvbTlv> evb;
  std::optional<lldp::CdcpTlv> cdcp;
  std::optional<lldp::Draft02EvbTlv> draft_evb;

  // kEcp
  std::optional<lldp::Ecpdu> ecpdu;
  std::optional<vdp::Vdpdu> vdpdu;  ///< of requests

  // kDraftEcp
  std::optional<lldp::Draft02Ecpdu> draft_ecpdu;
  std::optional<vdp::Draft02Vdpdu> draft_vdpdu;  ///< of requests

  base::Bytes payload() const { return captured.octets.subspan(link.payload); }
};

/// Fills `into` from `captured`. What is wrong is noted in `into.faults`, except what only seems so
/// because the capture kept the beginning of the frame.
void decode_frame(LinkType type, const CapturedFrame& captured, DecodedFrame& into);

}  // namespace agent::replay
