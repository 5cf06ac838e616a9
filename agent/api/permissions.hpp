// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace agent::api {

/// Who is at the other end of a unix socket, as the kernel vouches for it (SO_PEERCRED).
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
};

/// nullopt when the socket has no peer any more.
std::optional<Peer> peer_of(int socket);

/// The peer's group and supplementary groups as the kernel knows them (SO_PEERCRED, SO_PEERGROUPS).
/// Asking the user database instead could block the loop on a directory server.
std::vector<gid_t> groups_of(int socket);
/// nullopt when there is no such group; a number stands for itself.
std::optional<gid_t> group_id(const std::string& name);

/// The rule: root may change things, and members of the admin group, if there is one.
bool may_change(const Peer& peer, const std::vector<gid_t>& groups,
                std::optional<gid_t> admin_group);

}  // namespace agent::api
