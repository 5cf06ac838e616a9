// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/anonymous_journal.hpp"

#include <algorithm>

#include "lldp/base/overload.hpp"

namespace agent::replay {
namespace {

void anonymous(std::string& text, Pseudonyms& pseudonyms) {
  base::Octets octets(text.begin(), text.end());
  pseudonyms.text(octets);
  text.assign(octets.begin(), octets.end());
}

void anonymous(std::optional<std::string>& text, Pseudonyms& pseudonyms) {
  if (text) anonymous(*text, pseudonyms);
}

/// What a TLV of somebody's own says is zeroed in frames, too.
template <class Tlv>
void zero(std::vector<Tlv>& tlvs) {
  for (auto& tlv : tlvs) std::ranges::fill(tlv.information, std::uint8_t{0});
}

void anonymous(lldp::ManagementAddress& each, Anonymizer& anonymizer) {
  base::Octets value{each.family};
  base::append(value, each.address);
  anonymizer.network_address(value);
  each.address.assign(value.begin() + 1, value.end());
  std::ranges::fill(each.object_id, std::uint8_t{0});
}

void anonymous(vdp::PortConfig& config, Anonymizer& anonymizer) {
  auto& pseudonyms = anonymizer.pseudonyms();
  for (auto* address : {&config.address, &config.lldp_destination, &config.ecp_destination,
                        &config.cdcp_destination}) {
    pseudonyms.mac(address->octets);
  }
  auto& local = config.lldp.local;
  anonymizer.identifier(local.chassis_id.octets, local.chassis_id.subtype, true);
  anonymizer.identifier(local.port_id.octets, local.port_id.subtype, false);
  anonymous(local.port_description, pseudonyms);
  anonymous(local.system_name, pseudonyms);
  anonymous(local.system_description, pseudonyms);
  for (auto& each : local.management_addresses) anonymous(each, anonymizer);
  zero(local.organizational);
}

void anonymous(vdp::VsiId& id, Anonymizer& anonymizer) { anonymizer.vsi_id(id.octets, id.format); }

void anonymous(vdp::FilterInfo& filters, Anonymizer& anonymizer) {
  for (auto& entry : filters.entries) anonymizer.pseudonyms().mac(entry.mac.octets);
}

void anonymous(vdp::VsiRequest& request, Anonymizer& anonymizer) {
  anonymous(request.id, anonymizer);
  anonymizer.manager(request.manager.octets);
  anonymous(request.filters, anonymizer);
  zero(request.organizational);
}

void anonymous_frame(capture::Stimulus& stimulus, Anonymizer& anonymizer) {
  const auto& octets = *stimulus.frame;
  DecodedFrame frame;
  decode_frame(LinkType::kEthernet, {1, 0, octets, octets.size()}, frame);
  const auto made = anonymizer.frame(LinkType::kEthernet, frame);
  stimulus.frame = std::make_shared<const base::Octets>(made.begin(), made.end());
  stimulus.input = vdp::FrameReceived{*stimulus.frame};
}

void anonymous(capture::Stimulus& stimulus, Anonymizer& anonymizer) {
  if (stimulus.frame) return anonymous_frame(stimulus, anonymizer);
  std::visit(base::Overload{
                 [](vdp::FrameReceived& /*has its octets beside it*/) {},
                 [](vdp::LinkChanged&) {},
                 [&](vdp::PortReconfigured& event) {
                   auto config = *event.config;
                   anonymous(config, anonymizer);
                   event = vdp::PortReconfigured(std::move(config));
                 },
                 [](vdp::AdminStatusChanged&) {},
                 [&](vdp::AssociateRequested& event) { anonymous(event.request, anonymizer); },
                 [&](vdp::DeassociateRequested& event) { anonymous(event.id, anonymizer); },
                 [&](vdp::VsiTypeResolved& event) {
                   anonymous(event.question.vsi, anonymizer);
                   anonymous(event.filters, anonymizer);
                 },
                 [&](vdp::VsiAdmitted& event) { anonymous(event.question.vsi, anonymizer); },
                 [&](vdp::BridgeDeassociated& event) { anonymous(event.id, anonymizer); },
                 [](vdp::ReflectiveRelayChanged&) {},
                 [](vdp::TimePassed&) {},
             },
             stimulus.input);
}

}  // namespace

capture::Journal anonymous_journal(capture::Journal journal, std::int64_t shift,
                                   Anonymizer& anonymizer) {
  for (auto& port : journal.ports) {
    anonymous(port.port, anonymizer.pseudonyms());
    if (port.began != 0) port.began += shift;
    anonymous(port.config, anonymizer);
    for (auto& stimulus : port.stimuli) anonymous(stimulus, anonymizer);
  }
  return journal;
}

}  // namespace agent::replay
