// SPDX-License-Identifier: Apache-2.0
#include "agent/api/permissions.hpp"

#include <grp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace agent::api {

std::optional<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  return Peer{credentials.uid, credentials.gid, credentials.pid};
}

std::vector<gid_t> groups_of(int socket) {
  std::vector<gid_t> groups;
  socklen_t size = 0;
  // The first call fails with ERANGE and tells the size.
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &size) != 0 && errno == ERANGE) {
    groups.resize(size / sizeof(gid_t));
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) groups.clear();
  }
  if (const auto peer = peer_of(socket)) groups.push_back(peer->gid);
  return groups;
}

std::optional<gid_t> group_id(const std::string& name) {
  group entry{};
  group* found = nullptr;
  std::vector<char> text(65536);
  if (getgrnam_r(name.c_str(), &entry, text.data(), text.size(), &found) == 0 && found != nullptr) {
    return entry.gr_gid;
  }
  gid_t number = 0;
  const auto* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

bool may_change(const Peer& peer, const std::vector<gid_t>& groups,
                std::optional<gid_t> admin_group) {
  if (peer.uid == 0) return true;
  return admin_group && std::ranges::find(groups, *admin_group) != groups.end();
}

}  // namespace agent::api
