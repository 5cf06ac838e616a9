// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/frame_filter.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace agent::replay {
namespace {

bool is_request(const DecodedFrame& frame) {
  return frame.ecpdu && frame.ecpdu->operation == lldp::EcpOperation::kRequest;
}

template <vdp::AssociationType kType>
bool has_type(const DecodedFrame& frame) {
  const auto fits = [](const auto& tlv) { return tlv.type == kType; };
  return (frame.vdpdu && std::ranges::any_of(frame.vdpdu->associations, fits)) ||
         (frame.draft_vdpdu && std::ranges::any_of(frame.draft_vdpdu->tlvs, fits));
}

struct FrameType {
  std::string_view name;
  bool (*is)(const DecodedFrame&);
};

constexpr FrameType kTypes[] = {
    {"lldp", [](const DecodedFrame& frame) { return frame.protocol == Protocol::kLldp; }},
    {"evb", [](const DecodedFrame& frame) { return frame.evb.has_value(); }},
    {"cdcp", [](const DecodedFrame& frame) { return frame.cdcp.has_value(); }},
    {"ecp", [](const DecodedFrame& frame) { return frame.protocol == Protocol::kEcp; }},
    {"request", is_request},
    {"ack", [](const DecodedFrame& frame) { return frame.ecpdu && !is_request(frame); }},
    {"vdp", [](const DecodedFrame& frame) { return frame.vdpdu.has_value(); }},
    {"pre-associate", has_type<vdp::AssociationType::kPreAssociate>},
    {"pre-associate-rr", has_type<vdp::AssociationType::kPreAssociateWithReservation>},
    {"associate", has_type<vdp::AssociationType::kAssociate>},
    {"de-associate", has_type<vdp::AssociationType::kDeAssociate>},
    {"response",
     [](const DecodedFrame& frame) {
       return frame.vdpdu && std::ranges::any_of(frame.vdpdu->associations,
                                                 [](const auto& tlv) { return tlv.response; });
     }},
    {"draft02",
     [](const DecodedFrame& frame) {
       return frame.protocol == Protocol::kDraftEcp ||
              (frame.protocol == Protocol::kLldp && frame.scan.draft_evb);
     }},
    {"broken", [](const DecodedFrame& frame) { return !frame.faults.empty(); }},
    {"other", [](const DecodedFrame& frame) { return frame.protocol == Protocol::kOther; }},
};

bool speaks_of(const DecodedFrame& frame, const std::string& prefix) {
  const auto fits = [&](const auto& tlv) { return to_string(tlv.id).starts_with(prefix); };
  return (frame.vdpdu && std::ranges::any_of(frame.vdpdu->associations, fits)) ||
         (frame.draft_vdpdu && std::ranges::any_of(frame.draft_vdpdu->tlvs, fits));
}

}  // namespace

tl::expected<FrameFilter, std::string> FrameFilter::from(const cli::Arguments& arguments) {
  FrameFilter filter;
  filter.vsis_ = arguments.values("--vsi");
  for (const auto& text : arguments.values("--port")) {
    const auto address = lldp::parse_mac_address(text);
    if (!address) {
      return tl::unexpected(
          fmt::format("--port '{}' is no MAC address; write it as 52:54:00:aa:00:11.", text));
    }
    filter.ports_.push_back(*address);
  }
  for (const auto& text : arguments.values("--type")) {
    const auto* const type =
        std::ranges::find_if(kTypes, [&](const FrameType& it) { return it.name == text; });
    if (type == std::end(kTypes)) {
      return tl::unexpected(fmt::format(
          "--type '{}' is none that there is; 'evbreplay decode --help' lists them.", text));
    }
    filter.types_.push_back(type->is);
  }
  return filter;
}

bool FrameFilter::shows(const DecodedFrame& frame) const {
  const auto one_of = [](const auto& wanted, auto fits) {
    return wanted.empty() || std::ranges::any_of(wanted, fits);
  };
  return one_of(ports_, [&](const auto& address) { return address == frame.link.source; }) &&
         one_of(types_, [&](auto* is) { return is(frame); }) &&
         one_of(vsis_, [&](const auto& prefix) { return speaks_of(frame, prefix); });
}

}  // namespace agent::replay
