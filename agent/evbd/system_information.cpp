// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/system_information.hpp"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <memory>

#include "agent/version.hpp"

namespace agent {
namespace {

// 802.1AB tables 8-2, 8-3 and 8-4, and the IANA address family numbers.
constexpr std::uint8_t kChassisByMac = 4;
constexpr std::uint8_t kPortByInterfaceName = 5;
constexpr std::uint16_t kCapableBridge = 0x0004;
constexpr std::uint16_t kCapableStationOnly = 0x0080;
constexpr std::uint8_t kFamilyIpv4 = 1;
constexpr std::uint8_t kFamilyIpv6 = 2;
constexpr std::uint8_t kFamilyMac = 6;
constexpr std::size_t kLongestText = 255;

base::Octets octets_of(const lldp::MacAddress& address) {
  return {address.octets.begin(), address.octets.end()};
}

std::string shortened(std::string text) {
  if (text.size() > kLongestText) text.resize(kLongestText);
  return text;
}

std::optional<lldp::ManagementAddress> management_address(const ifaddrs& of) {
  if (of.ifa_addr == nullptr || (of.ifa_flags & IFF_LOOPBACK) != 0) return std::nullopt;
  lldp::ManagementAddress to;
  to.interface_number = ::if_nametoindex(of.ifa_name);
  const auto take = [&to](const void* octets, std::size_t size) {
    const auto* const first = static_cast<const std::uint8_t*>(octets);
    to.address.assign(first, first + size);
  };
  if (of.ifa_addr->sa_family == AF_INET) {
    to.family = kFamilyIpv4;
    take(&reinterpret_cast<const sockaddr_in*>(of.ifa_addr)->sin_addr, 4);
  } else if (of.ifa_addr->sa_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6*>(of.ifa_addr)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&address)) return std::nullopt;
    to.family = kFamilyIpv6;
    take(&address, 16);
  } else {
    return std::nullopt;
  }
  return to;
}

std::vector<lldp::ManagementAddress> management_addresses() {
  std::vector<lldp::ManagementAddress> addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return addresses;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  for (const auto* each = list; each != nullptr; each = each->ifa_next) {
    auto address = management_address(*each);
    if (!address) continue;
    const bool has_family = std::any_of(addresses.begin(), addresses.end(), [&](const auto& other) {
      return other.family == address->family;
    });
    if (!has_family) addresses.push_back(std::move(*address));
  }
  return addresses;
}

}  // namespace

SystemIdentity read_system_identity(const AgentConfig& config) {
  utsname host{};
  ::uname(&host);
  SystemIdentity system;
  system.name = config.system_name.empty() ? host.nodename : config.system_name;
  system.description = config.system_description.empty()
                           ? fmt::format("evbd {} on {} {}", kVersion, host.sysname, host.release)
                           : config.system_description;
  system.addresses = management_addresses();
  return system;
}

lldp::SystemInformation describe(const SystemIdentity& system, const PortSettings& settings,
                                 const net::Link& link) {
  lldp::SystemInformation say;
  say.chassis_id = {kChassisByMac, octets_of(system.chassis)};
  say.port_id = {kPortByInterfaceName, base::Octets(link.name.begin(), link.name.end())};
  const auto& tlvs = settings.tlvs;
  if (tlvs.port_description) {
    say.port_description = shortened(link.alias.empty() ? link.name : link.alias);
  }
  if (tlvs.system_name) say.system_name = shortened(system.name);
  if (tlvs.system_description) say.system_description = shortened(system.description);
  if (tlvs.capabilities) {
    const auto bit = settings.is_bridge() ? kCapableBridge : kCapableStationOnly;
    say.capabilities = lldp::Capabilities{bit, bit};
  }
  if (tlvs.management_address) {
    say.management_addresses = system.addresses;
    if (say.management_addresses.empty()) {
      say.management_addresses.push_back(
          {kFamilyMac, octets_of(link.address), 2, static_cast<std::uint32_t>(link.index), {}});
    }
  }
  return say;
}

}  // namespace agent
