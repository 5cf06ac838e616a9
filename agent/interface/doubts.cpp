// SPDX-License-Identifier: Apache-2.0
#include "agent/interface/doubts.hpp"

#include <fmt/format.h>

namespace agent::interface {
namespace {

/// "evb1 (vepa), macvtap0 (private)"
std::string list(const std::vector<const net::Link*>& links) {
  std::string text;
  for (const auto* const link : links) {
    text +=
        fmt::format("{}{} ({})", text.empty() ? "" : ", ", link->name, to_string(mode_of(*link)));
  }
  return text;
}

template <class Wanted>
std::vector<const net::Link*> those(const std::vector<net::Link>& links, Wanted&& wanted) {
  std::vector<const net::Link*> found;
  for (const auto& link : links) {
    if (wanted(mode_of(link))) found.push_back(&link);
  }
  return found;
}

}  // namespace

Relay relay(const Ports& ports, std::string_view device) {
  const auto place = ports.place(device);
  const auto* const core = place ? ports.core(place->port) : nullptr;
  if (core == nullptr || core->config().evb.role != lldp::EvbRole::kStation) return Relay::kNoPort;
  const auto& values = core->evb().operational();
  if (!values.on) return Relay::kNoBridge;
  return values.relay_status == lldp::RelayStatus::kOn ? Relay::kGranted : Relay::kNotGranted;
}

std::optional<std::string> relay_doubt(const Ports& ports, std::string_view device) {
  static constexpr std::string_view kEffect =
      "guests of this host in mode vepa reach each other only if the bridge reflects";
  switch (relay(ports, device)) {
    case Relay::kGranted: return std::nullopt;
    case Relay::kNotGranted:
      return fmt::format("the bridge at {} has not granted reflective relay; {}", device, kEffect);
    case Relay::kNoBridge:
      return fmt::format("no EVB bridge is heard on {}, so reflective relay is not granted; {}",
                         device, kEffect);
    case Relay::kNoPort: break;
  }
  return fmt::format(
      "{} is no station port of evbd, so nobody knows whether its bridge reflects; {}", device,
      kEffect);
}

std::vector<std::string> doubts(pb::InterfaceMode mode, const std::string& device,
                                const std::vector<net::Link>& siblings, const Ports& ports,
                                bool filtered) {
  std::vector<std::string> sentences;
  if (mode == pb::MODE_VEPA) {
    if (auto doubt = relay_doubt(ports, device)) sentences.push_back(std::move(*doubt));
  }
  if (mode == pb::MODE_BRIDGE) {
    const auto others = those(siblings, [](auto each) { return each != pb::MODE_BRIDGE; });
    if (!others.empty()) {
      sentences.push_back(
          fmt::format("frames are delivered within the host only to guests in mode bridge; those "
                      "with {} take the way over the bridge, which has to reflect them",
                      list(others)));
    }
  }
  const auto concerned = mode == pb::MODE_PRIVATE
                             ? those(siblings, [](auto) { return true; })
                             : those(siblings, [](auto each) { return each == pb::MODE_PRIVATE; });
  if (!concerned.empty() && !filtered && relay(ports, device) != Relay::kNotGranted) {
    sentences.push_back(
        fmt::format("unicast frames that the bridge reflects pass between this interface and {}, "
                    "although mode private is to keep them apart: the kernel drops only broadcasts "
                    "there, and cannot filter on this device",
                    list(concerned)));
  }
  return sentences;
}

}  // namespace agent::interface
