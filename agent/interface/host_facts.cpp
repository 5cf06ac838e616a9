// SPDX-License-Identifier: Apache-2.0
// What the host says of its interfaces: who uses them, and what they are made of.
#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "agent/interface/net_kernel.hpp"
#include "vdp/vsi.hpp"

namespace agent::interface {
namespace {

namespace fs = std::filesystem;

std::string address_text(int family, const nlattr* attribute) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (attribute == nullptr ||
      inet_ntop(family, nla_data(attribute), text.data(), text.size()) == nullptr) {
    return "unknown";
  }
  return text.data();
}

/// An address that somebody gave the interface; what IPv6 draws for every link is nobody's use.
std::string address_in_use(const nlmsghdr* header, int index) {
  const auto* const info = static_cast<const ifaddrmsg*>(nlmsg_data(header));
  if (static_cast<int>(info->ifa_index) != index) return {};
  if (info->ifa_family == AF_INET6 && info->ifa_scope == RT_SCOPE_LINK) return {};
  const auto* const address =
      nlmsg_find_attr(const_cast<nlmsghdr*>(header), sizeof *info, IFA_ADDRESS);
  return "the address " + address_text(info->ifa_family, address);
}

std::string route_in_use(const nlmsghdr* header, int index) {
  const auto* const info = static_cast<const rtmsg*>(nlmsg_data(header));
  auto* const message = const_cast<nlmsghdr*>(header);
  const auto* const out = nlmsg_find_attr(message, sizeof *info, RTA_OIF);
  if (out == nullptr || static_cast<int>(nla_get_u32(out)) != index) return {};
  // The kernel's own routes come with addresses, which are told by themselves, or with the link.
  if (info->rtm_protocol == RTPROT_KERNEL || info->rtm_type != RTN_UNICAST) return {};
  const auto* const to = nlmsg_find_attr(message, sizeof *info, RTA_DST);
  return to == nullptr ? "the default route" : "the route to " + address_text(info->rtm_family, to);
}

}  // namespace

std::string NetKernel::host_use(int index) {
  std::string use;
  auto request = net::make_message(RTM_GETADDR, NLM_F_DUMP);
  const ifaddrmsg all{};
  nlmsg_append(request.get(), const_cast<ifaddrmsg*>(&all), sizeof all, NLMSG_ALIGNTO);
  socket_.query(std::move(request), [&](const nlmsghdr* header) {
    if (use.empty()) use = address_in_use(header, index);
  });
  if (!use.empty()) return use;
  request = net::make_message(RTM_GETROUTE, NLM_F_DUMP);
  const rtmsg any{};
  nlmsg_append(request.get(), const_cast<rtmsg*>(&any), sizeof any, NLMSG_ALIGNTO);
  socket_.query(std::move(request), [&](const nlmsghdr* header) {
    if (use.empty()) use = route_in_use(header, index);
  });
  return use;
}

std::optional<VfPlace> NetKernel::vf_place(const std::string& device) {
  std::error_code error;
  const fs::path own = fs::path("/sys/class/net") / device / "device";
  const auto self = fs::canonical(own, error);
  if (error || !fs::exists(own / "physfn/net", error)) return std::nullopt;
  fs::directory_iterator physical(own / "physfn/net", error);
  if (error || physical == fs::directory_iterator()) return std::nullopt;
  static constexpr std::string_view kPrefix = "virtfn";
  for (const auto& entry : fs::directory_iterator(own / "physfn", error)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || fs::canonical(entry.path(), error) != self) continue;
    VfPlace place{physical->path().filename().string(), 0};
    const auto* const end = name.data() + name.size();
    if (std::from_chars(name.data() + kPrefix.size(), end, place.number).ptr == end) return place;
  }
  return std::nullopt;
}

std::string NetKernel::driver(const std::string& device) {
  std::error_code error;
  const auto path = fs::canonical(fs::path("/sys/class/net") / device / "device/driver", error);
  return error ? std::string() : path.filename().string();
}

std::string NetKernel::host_uuid() {
  std::ifstream file("/sys/class/dmi/id/product_uuid");
  std::string text;
  file >> text;
  const auto id = vdp::parse_uuid(text);
  return id ? std::string(id->octets.begin(), id->octets.end()) : std::string();
}

}  // namespace agent::interface
