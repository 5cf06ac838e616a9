// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/api/evbd.pb.h"
#include "agent/profile_sync/etcd.hpp"

// What a host tells all others of its VSIs: below the prefix, under a lease that ends with the
// host,
//
//   hosts/HOST                 "connected" or why nothing is known of its evbd
//   hosts/HOST/vsi/PORT/ID     a Vsi of the API as JSON, without what changes by the second

namespace agent::profile_sync {

namespace pb = ::evbd::v1;

/// "PREFIXhosts/"
std::string hosts_prefix(const std::string& prefix);

/// The keys that a host wants to stand in etcd, from what its evbd tells.
class HostReport {
 public:
  HostReport(const std::string& prefix, const std::string& host);

  /// A watch with a snapshot has begun.
  void connected();
  /// Its VSIs stay as they were last known: guests run on without evbd.
  void disconnected(std::string_view why);
  void take(const pb::Event& event);

  /// What makes `standing` of what stands in etcd so far; without value: to be removed.
  std::map<std::string, std::optional<std::string>> changes() const;
  /// They were made.
  void made() { standing_ = wanted_; }
  /// Nothing stands any more, or nobody knows: the lease has ended.
  void lost() { standing_.clear(); }

 private:
  std::string key_;
  std::map<std::string, std::string> wanted_;
  std::map<std::string, std::string> standing_;
  std::set<std::string> unseen_;  ///< VSIs that the snapshot has not named so far
};

struct HostVsis {
  std::string host;
  std::string status;
  pb::Vsis vsis;
  std::vector<std::string> unreadable;  ///< keys
};
/// All hosts' reports, by their names. Whatever cannot be read is named, and the rest is there.
std::vector<HostVsis> read_hosts(const std::string& prefix, const std::vector<KeyValue>& entries);

}  // namespace agent::profile_sync
