// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/capture_run.hpp"

#include <algorithm>

#include "agent/replay/difference.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/organizational.hpp"

namespace agent::replay {
namespace {

constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;

DecodedFrame decoded(base::Bytes octets) {
  DecodedFrame frame;
  decode_frame(LinkType::kEthernet, {0, 0, octets, octets.size()}, frame);
  return frame;
}

std::string side_by_side(std::string_view what, const std::vector<std::string>& recorded,
                         const std::vector<std::string>& said) {
  const auto text = difference({recorded.begin(), recorded.end()}, {said.begin(), said.end()});
  return text.empty() ? std::string() : std::string(what) + text;
}

}  // namespace

void CaptureRun::take(const DecodedFrame& frame) {
  if (frame.protocol != Protocol::kLldp && frame.protocol != Protocol::kEcp) return;
  if (!frame.link.destination || !frame.link.tags().empty()) return;
  reader_.take(frame);
  if (!first_) first_ = frame.captured.nanoseconds;
  const base::Duration at((frame.captured.nanoseconds - *first_) / kNanosecondsPerMicrosecond);
  frames_.push_back({at, {frame.captured.octets.begin(), frame.captured.octets.end()}});
}

/// What the recorded side proposed and said of itself; timers of LLDP are the defaults.
vdp::PortConfig CaptureRun::config(const Part& part) const {
  vdp::PortConfig config;
  config.evb.role = role_;
  config.address = part.address;
  config.lldp.local.chassis_id = {4, {part.address.octets.begin(), part.address.octets.end()}};
  config.lldp.local.port_id = {3, {part.address.octets.begin(), part.address.octets.end()}};
  bool lldp_seen = false;
  bool ecp_seen = false;
  for (const auto& step : part.steps) {
    const auto frame = decoded(step.octets);
    if (frame.evb && !lldp_seen) {
      lldp_seen = true;
      const bool station = role_ == lldp::EvbRole::kStation;
      config.lldp.local = frame.lldpdu->information;
      config.lldp.local.organizational.clear();
      config.lldp_destination = *frame.link.destination;
      config.evb.max_retries = frame.evb->max_retries;
      config.evb.retransmit_exponent = frame.evb->retransmit_exponent;
      config.evb.resource_wait_delay = frame.evb->resource_wait_delay;
      config.evb.reinit_keep_alive = frame.evb->reinit_keep_alive;
      config.evb.reflective_relay = station ? frame.evb->relay_request : frame.evb->relay_capable;
      config.evb.group_ids = station ? frame.evb->station_group_ids : frame.evb->bridge_group_ids;
    }
    if (frame.ecpdu && !ecp_seen) {
      ecp_seen = true;
      config.first_ecp_sequence = frame.ecpdu->sequence;
      config.ecp_destination = *frame.link.destination;
    }
  }
  return config;
}

vdp::VsiTypeResolved CaptureRun::resolved(const vdp::ResolveVsiType& question) const {
  vdp::VsiTypeResolved answer{question.question, vdp::Reason::kSuccess, false, question.filters};
  const auto said = std::ranges::find_if(responses_, [&](const vdp::AssociationTlv& tlv) {
    return tlv.id == question.id && tlv.type == question.type;
  });
  if (said == responses_.end()) return answer;
  answer.reason = said->reason;
  answer.hard = said->hard_or_m;
  if (said->reason == vdp::Reason::kSuccess) answer.filters = said->filters;
  return answer;
}

std::vector<vdp::Input> CaptureRun::answer(const vdp::Output& output) const {
  using Inputs = std::vector<vdp::Input>;
  return std::visit(
      base::Overload{
          [&](const vdp::ResolveVsiType& question) { return Inputs{resolved(question)}; },
          [](const vdp::AdmitVsi& order) {
            return Inputs{vdp::VsiAdmitted{order.question, vdp::Reason::kSuccess}};
          },
          [&](const vdp::SetReflectiveRelay& order) {
            return Inputs{vdp::ReflectiveRelayChanged{order.on && relay_given_}};
          },
          [](const auto&) { return Inputs{}; },
      },
      output);
}

/// The frame, an acknowledgement with the sequence number of what our core sent last: it may have
/// sent another number of ECPDUs by then than the recorded side.
base::Octets CaptureRun::as_answer(const Heard& heard, const DecodedFrame& frame) const {
  auto octets = heard.octets;
  if (frame.ecpdu && frame.ecpdu->operation == lldp::EcpOperation::kAck) {
    const auto sequence = port_->core().ecp().sequence;
    octets[lldp::kEthernetHeaderSize + 2] = static_cast<std::uint8_t>(sequence >> 8U);
    octets[lldp::kEthernetHeaderSize + 3] = static_cast<std::uint8_t>(sequence);
  }
  return octets;
}

/// What a frame of the recorded station shows that its client had asked for: every command that is
/// no repetition of the VSI's last one.
void CaptureRun::ask(base::Instant at, const DecodedFrame& frame) {
  for (const auto& tlv : frame.vdpdu->associations) {
    if (tlv.response) continue;
    const auto last = std::ranges::find_if(
        commands_, [&](const vdp::AssociationTlv& command) { return command.id == tlv.id; });
    if (last != commands_.end() && last->type == tlv.type && last->filters == tlv.filters) continue;
    if (last != commands_.end()) commands_.erase(last);
    commands_.push_back(tlv);
    const vdp::MigrationHint hint{tlv.hard_or_m, tlv.keep_or_s};
    if (tlv.type == vdp::AssociationType::kDeAssociate) {
      port_->feed(at, vdp::DeassociateRequested{tlv.id, hint});
    } else {
      port_->feed(at, vdp::AssociateRequested{{tlv.id, tlv.type, frame.vdpdu->manager, tlv.vsi_type,
                                               tlv.filters, hint, frame.vdpdu->organizational}});
    }
  }
}

tl::expected<void, std::string> CaptureRun::finish() {
  const auto part = reader_.finish();
  if (!part) return tl::unexpected(part.error());
  for (const auto& step : part->steps) {
    const auto frame = decoded(step.octets);
    recorded_.add(frame);
    if (frame.evb && frame.evb->relay_control) relay_given_ = true;
    if (!frame.vdpdu) continue;
    for (const auto& tlv : frame.vdpdu->associations) {
      if (tlv.response) responses_.push_back(tlv);
    }
  }
  port_.emplace(config(*part), [this](const vdp::Output& output) { return answer(output); });
  port_->feed({}, vdp::LinkChanged{true});
  for (const auto& heard : frames_) {
    const base::Instant at(heard.at);
    const auto frame = decoded(heard.octets);
    port_->advance(at);
    if (frame.link.source != part->address) {
      port_->feed(at, vdp::FrameReceived{as_answer(heard, frame)});
    } else if (role_ == lldp::EvbRole::kStation && frame.vdpdu) {
      ask(at, frame);
    }
  }
  for (const auto& octets : port_->sent()) said_.add(decoded(octets));
  return {};
}

std::string CaptureRun::differences() const {
  return side_by_side("EVB TLVs (- recorded, + our core)\n", recorded_.lldp(), said_.lldp()) +
         side_by_side("VDP (- recorded, + our core)\n", recorded_.vdp(), said_.vdp());
}

}  // namespace agent::replay
