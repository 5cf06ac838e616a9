// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "agent/net/link_monitor.hpp"

namespace agent::net {

/// Reads RTM_NEWLINK; nullopt for a message that does not describe an interface by name.
std::optional<Link> read_link(const nlmsghdr* header);
/// A macvtap or macvlan: what a guest stands on.
bool is_guest_device(const Link& link);
/// Whether RTM_DELLINK says that the interface went to another network namespace.
bool moved_away(const nlmsghdr* header);

}  // namespace agent::net
