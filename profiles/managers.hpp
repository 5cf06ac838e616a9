// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "vdp/vsi.hpp"

namespace profiles {

/// What the 8-bit manager ids of domain XML stand for: the 16 octets of the VSI manager ID TLV.
using ManagerTable = std::array<std::optional<vdp::ManagerId>, 256>;

/// The octets sent for `id`: the table's, else the id itself in the first octet and fifteen zeroes,
/// which is what lldpad sends.
vdp::ManagerId manager_octets(const ManagerTable& table, std::uint8_t id);

/// A manager as people write it; read again as TOML, it is the same one.
std::string manager_text(const vdp::ManagerId& manager);

/// Reads what manager_text() writes: a number 0..255 by way of `managers`, else as parse_manager.
tl::expected<vdp::ManagerId, std::string> read_manager_text(std::string_view text,
                                                            const ManagerTable& managers = {});

/// Reads a manager as people write it: "none" (zeroes: the bridge takes its default manager), an
/// IPv4 address (becomes ::ffff:a.b.c.d), an IPv6 address, a UUID, hexadecimal digits after "0x",
/// or text of 1..16 octets; hexadecimal and text stand at the left, zeroes follow. Text that looks
/// like a broken address, and "none" itself, is text when it is written "text:...". The error is a
/// sentence.
tl::expected<vdp::ManagerId, std::string> parse_manager(std::string_view text);

}  // namespace profiles
