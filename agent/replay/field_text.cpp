// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/field_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent/replay/frame_line.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/evb_negotiation.hpp"
#include "lldp/printable.hpp"

namespace agent::replay {
namespace {

constexpr std::size_t kMacBits = 48;
constexpr std::size_t kIdBits = 128;
constexpr std::size_t kLongestNumber = 32;  // bits; longer fields are octets

std::uint64_t value_of(const Section& section, std::string_view name) {
  const auto found = std::ranges::find_if(
      section.fields, [&](const DissectedField& it) { return it.field.name == name; });
  return found == section.fields.end() ? 0 : found->field.value;
}

base::Bytes octets_of(const base::Field& field, base::Bytes frame) {
  return frame.subspan(
      std::min(field.octet, frame.size()),
      std::min(field.width / 8, frame.size() - std::min(field.octet, frame.size())));
}

std::string text_of(const base::Field& field, base::Bytes frame, const Section& section) {
  const bool octets_only =
      field.name == "information" || field.name == "OUI" || field.name == "VSI manager ID";
  if (field.width <= kLongestNumber && !octets_only) {
    if (field.name == "Ethertype" || field.name.ends_with("TPID")) {
      return fmt::format("{:#06x}", field.value);
    }
    return std::to_string(field.value);
  }
  const auto octets = octets_of(field, frame);
  if (field.width == kMacBits && field.name != "information") {
    lldp::MacAddress address;
    std::ranges::copy(octets, address.octets.begin());
    return to_string(address);
  }
  if (field.width == kIdBits && (field.name == "VSI ID" || field.name == "instance ID")) {
    const bool draft = field.name == "instance ID";  // always a UUID
    vdp::VsiId id{draft ? vdp::VsiIdFormat::kUuid
                        : static_cast<vdp::VsiIdFormat>(value_of(section, "VSI ID format"))};
    std::ranges::copy(octets, id.octets.begin());
    return to_string(id);
  }
  if (field.width == kIdBits && field.name == "VSI manager ID") {
    vdp::ManagerId id;
    std::ranges::copy(octets, id.octets.begin());
    return to_string(id);
  }
  return lldp::to_hex(octets);
}

std::string_view ethertype_text(std::uint64_t value) {
  switch (value) {
    case lldp::kLldpEthertype: return "LLDP";
    case lldp::kEcpEthertype: return "ECP";
    case lldp::kDraft02EcpEthertype: return "OUI-extended, as draft 0.2 uses it";
    default: return value < 0x0600 ? "a length: LLC" : "";
  }
}

std::string_view mode_text(std::uint64_t value) {
  static constexpr std::string_view kModes[] = {"not supported", "EVB bridge", "EVB station",
                                                "reserved"};
  return value < std::size(kModes) ? kModes[value] : "";
}

/// ECP's mode, or the one of a VDP TLV, which is the association type less one.
std::string_view draft_mode(const Section& section, std::uint64_t value) {
  if (section.title.starts_with("ECP")) return value == 0 ? "request" : "acknowledgement";
  return value < 4 ? to_string(static_cast<vdp::AssociationType>(value + 1)) : "reserved";
}

std::string_view relay_text(std::uint64_t value) {
  return value == 0 ? "off" : value == 1 ? "on" : "unknown";
}

/// KEEP and HARD-ERROR in responses, S and M in requests share their bits.
std::string_view shared_bit_text(const Section& section, std::uint64_t value,
                                 std::string_view request, std::string_view response) {
  if (value == 0) return "";
  return value_of(section, "response") == 1 ? response : request;
}

std::string vid_text(const Section& section, std::uint64_t value) {
  if (value == 0 && value_of(section, "response") == 0) return "the bridge chooses";
  return value == 4095 ? "reserved" : "";
}

struct Meaning {
  std::string_view name;
  std::string (*text)(const Section& section, std::uint64_t value);
};

constexpr Meaning kMeanings[] = {
    {"Ethertype", [](auto&, auto value) { return std::string(ethertype_text(value)); }},
    {"RTE",
     [](auto& section, auto value) {
       return section.title == "EVB TLV" ? exponent_text(value) : std::string();
     }},
    {"RWD", [](auto&, auto value) { return exponent_text(value); }},
    {"RKA", [](auto&, auto value) { return exponent_text(value); }},
    {"mode",
     [](auto& section, auto value) {
       return std::string(section.title == "EVB TLV" ? mode_text(value)
                                                     : draft_mode(section, value));
     }},
    {"RTE exponent", [](auto&, auto value) { return exponent_text(value); }},
    {"RRSTAT", [](auto&, auto value) { return std::string(relay_text(value)); }},
    {"ROL(RWD)", [](auto&, auto value) { return std::string(value == 1 ? "remote" : "local"); }},
    {"ROL(RKA)", [](auto&, auto value) { return std::string(value == 1 ? "remote" : "local"); }},
    {"TTL", [](auto&, auto value) { return std::string(value == 0 ? "shutdown" : "s"); }},
    {"role", [](auto&, auto value) { return std::string(value == 1 ? "station" : "bridge"); }},
    {"operation",
     [](auto&, auto value) {
       return std::string(value == 0 ? "request" : value == 1 ? "acknowledgement" : "reserved");
     }},
    {"reason",
     [](auto&, auto value) { return std::string(to_string(static_cast<vdp::Reason>(value))); }},
    {"VSI ID format",
     [](auto&, auto value) {
       return std::string(to_string(static_cast<vdp::VsiIdFormat>(value)));
     }},
    {"filter info format",
     [](auto&, auto value) {
       return std::string(to_string(static_cast<vdp::FilterFormat>(value)));
     }},
    {"KEEP/S",
     [](auto& section, auto value) {
       return std::string(shared_bit_text(section, value, "S: suspended here", "KEEP"));
     }},
    {"HARD/M",
     [](auto& section, auto value) {
       return std::string(shared_bit_text(section, value, "M: migrating to here", "HARD-ERROR"));
     }},
    {"VID", [](auto& section, auto value) { return vid_text(section, value); }},
    {"reserved", [](auto&, auto value) { return std::string(value == 0 ? "" : "not zero"); }},
};

}  // namespace

std::string exponent_text(std::uint64_t exponent) {
  const auto time = base::exponent_time(static_cast<std::uint8_t>(exponent)).count();
  if (time < 1000) return fmt::format("{} us", time);
  if (time < 1'000'000) return fmt::format("{:.2f} ms", static_cast<double>(time) / 1e3);
  return fmt::format("{:.3f} s", static_cast<double>(time) / 1e6);
}

DissectedField describe(const base::Field& field, base::Bytes frame, const Section& section) {
  DissectedField described{field, text_of(field, frame, section), {}};
  if (field.name == "destination" && field.width == kMacBits) {
    lldp::MacAddress address;
    std::ranges::copy(octets_of(field, frame), address.octets.begin());
    if (address.is_group()) described.meaning = destination_text(address);
    if (described.meaning == described.text) described.meaning.clear();
    return described;
  }
  const auto* const meaning =
      std::ranges::find_if(kMeanings, [&](const Meaning& it) { return it.name == field.name; });
  const bool ethernet = section.title.starts_with("Ethernet");
  if (meaning != std::end(kMeanings) && !(ethernet && field.name == "VID")) {
    described.meaning = meaning->text(section, field.value);
  }
  return described;
}

}  // namespace agent::replay
