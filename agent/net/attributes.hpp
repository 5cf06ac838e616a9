// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <array>
#include <cstddef>

// libnl's parsers, which only read but take no const, into arrays that know their size.

namespace agent::net {

/// The attributes behind the `fixed` octets of a message's own structure; false: they are broken.
template <std::size_t N>
bool parse(std::array<nlattr*, N>& to, const nlmsghdr* header, std::size_t fixed) {
  return nlmsg_parse(const_cast<nlmsghdr*>(header), static_cast<int>(fixed), to.data(),
                     static_cast<int>(N) - 1, nullptr) >= 0;
}

/// The attributes in one; false: it is absent or broken.
template <std::size_t N>
bool parse_nested(std::array<nlattr*, N>& to, nlattr* from) {
  return from != nullptr &&
         nla_parse_nested(to.data(), static_cast<int>(N) - 1, from, nullptr) >= 0;
}

}  // namespace agent::net
