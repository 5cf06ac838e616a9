// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/part.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent/capture/value_text.hpp"
#include "lldp/ethernet.hpp"

namespace agent::replay {
namespace {

constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;

std::string fact_of(const lldp::EvbTlv& evb) {
  auto text = fmt::format("EVB mode {} R {} RTE {} RWD {} RKA {}", static_cast<int>(evb.mode),
                          evb.max_retries, evb.retransmit_exponent, evb.resource_wait_delay,
                          evb.reinit_keep_alive);
  if (evb.mode == lldp::EvbMode::kEvbBridge) {
    text += fmt::format(" RRCAP {:d} RRCTR {:d} BGID {:d}", evb.relay_capable, evb.relay_control,
                        evb.bridge_group_ids);
  } else {
    text += fmt::format(" RRREQ {:d} RRSTAT {} SGID {:d}", evb.relay_request,
                        static_cast<int>(evb.relay_status), evb.station_group_ids);
  }
  return text;
}

std::string fact_of(const vdp::AssociationTlv& tlv) {
  auto text = fmt::format("{} {} {} type {} v{} {}", to_string(tlv.type),
                          tlv.response ? "response" : "request",
                          capture::Text<vdp::VsiId>::write(tlv.id), tlv.vsi_type.id,
                          tlv.vsi_type.version, capture::Text<vdp::FilterInfo>::write(tlv.filters));
  if (tlv.response) text += fmt::format(" reason {}", static_cast<int>(tlv.reason));
  if (tlv.keep_or_s) text += tlv.response ? " KEEP" : " S";
  if (tlv.hard_or_m) text += tlv.response ? " HARD" : " M";
  return text;
}

bool is_request(const DecodedFrame& frame) {
  return frame.ecpdu && frame.ecpdu->operation == lldp::EcpOperation::kRequest;
}

/// What the frame shows of its sender's role.
std::optional<lldp::EvbRole> role_of(const DecodedFrame& frame) {
  if (frame.evb && frame.evb->mode == lldp::EvbMode::kEvbBridge) return lldp::EvbRole::kBridge;
  if (frame.evb && frame.evb->mode == lldp::EvbMode::kEvbStation) return lldp::EvbRole::kStation;
  if (!frame.vdpdu || frame.vdpdu->associations.empty()) return std::nullopt;
  const auto& tlv = frame.vdpdu->associations.front();
  if (tlv.response) return lldp::EvbRole::kBridge;
  // A De-Associate without the response bit may be the bridge's.
  if (tlv.type == vdp::AssociationType::kDeAssociate) return std::nullopt;
  return lldp::EvbRole::kStation;
}

}  // namespace

std::vector<std::string> facts_of(const DecodedFrame& frame) {
  std::vector<std::string> facts;
  if (frame.evb) facts.push_back(fact_of(*frame.evb));
  if (frame.lldpdu && frame.lldpdu->ttl == 0) facts.emplace_back("shutdown LLDPDU");
  if (!frame.vdpdu) return facts;
  for (const auto& tlv : frame.vdpdu->associations) facts.push_back(fact_of(tlv));
  return facts;
}

bool Facts::add(const DecodedFrame& frame) {
  if (is_request(frame)) {
    if (sequence_ == frame.ecpdu->sequence) return false;
    sequence_ = frame.ecpdu->sequence;
  }
  const auto before = size();
  for (auto& fact : facts_of(frame)) {
    if (frame.protocol != Protocol::kLldp) {
      vdp_.push_back(std::move(fact));
    } else if (lldp_.empty() || lldp_.back() != fact) {
      lldp_.push_back(std::move(fact));
    }
  }
  return size() > before;
}

bool Facts::reached(const Facts& recorded, const Count& count, bool at_the_end) const {
  if (vdp_.size() < count.vdp) return false;
  if (count.lldp == 0 || (!vdp_.empty() && !at_the_end)) return true;
  if (lldp_.empty()) return false;
  const auto since = recorded.lldp().begin() + static_cast<std::ptrdiff_t>(count.lldp) - 1;
  return std::find(since, recorded.lldp().end(), lldp_.back()) != recorded.lldp().end();
}

void PartReader::take(const DecodedFrame& frame) {
  if (frame.protocol != Protocol::kLldp && frame.protocol != Protocol::kEcp) return;
  if (!frame.link.destination || !frame.link.tags().empty()) return;
  if (!first_) first_ = frame.captured.nanoseconds;
  auto heard = std::make_shared<Heard>();
  heard->at = base::Duration((frame.captured.nanoseconds - *first_) / kNanosecondsPerMicrosecond);
  heard->octets.assign(frame.captured.octets.begin(), frame.captured.octets.end());
  auto captured = frame.captured;
  captured.octets = heard->octets;
  decode_frame(LinkType::kEthernet, captured, heard->frame);
  frames_.push_back(std::move(heard));
}

std::optional<lldp::MacAddress> PartReader::side(lldp::EvbRole role) const {
  const auto found = std::ranges::find_if(
      frames_, [&](const auto& heard) { return role_of(heard->frame) == role; });
  if (found == frames_.end()) return std::nullopt;
  return (*found)->frame.link.source;
}

tl::expected<Part, std::string> PartReader::finish() const {
  const auto address = side(role_);
  if (!address) {
    return tl::unexpected(fmt::format(
        "nothing in the capture shows which side is the {}: no EVB TLV, and no VDP of it",
        role_ == lldp::EvbRole::kStation ? "station" : "bridge"));
  }
  Part part;
  part.role = role_;
  part.address = *address;
  std::optional<std::uint16_t> sequence;
  unsigned exponent = 0;
  for (const auto& heard : frames_) {
    const auto& frame = heard->frame;
    if (frame.evb) {
      exponent = std::max<unsigned>(exponent, frame.evb->retransmit_exponent);
      part.max_retries = std::max<unsigned>(part.max_retries, frame.evb->max_retries);
    }
    if (frame.link.source != part.address) {
      if (part.answers.add(frame) && !part.steps.empty()) {
        part.steps.back().answered = part.answers.count();
      }
      continue;
    }
    const bool ecp = frame.protocol == Protocol::kEcp;
    if (ecp && frame.ecpdu && !is_request(frame)) continue;  // acknowledgements are our own
    if (is_request(frame) &&
        std::exchange(sequence, frame.ecpdu->sequence) == frame.ecpdu->sequence) {
      continue;  // and so are repetitions
    }
    const auto answered = part.answers.count();
    part.steps.push_back({heard->at, frame.captured.number, ecp, heard->octets, answered});
  }
  part.ack_time = base::exponent_time(exponent);
  return part;
}

}  // namespace agent::replay
