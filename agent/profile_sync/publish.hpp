// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/profile_sync/entries.hpp"
#include "agent/profile_sync/etcd.hpp"
#include "profiles/document.hpp"

namespace agent::profile_sync {

struct PublishOptions {
  bool replace = false;  ///< entries that are not in the document are removed
  profiles::Force force = profiles::Force::kNo;
};

struct Published {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t removed = 0;
  std::int64_t revision = 0;
};

/// Writes a document into etcd's database, by the rules of the local one (no type gets another body
/// under its version unless forced, ...). Errors are sentences; with one, nothing was written, but
/// for a document of more than kWritesAtOnce changes, of which the last ones may be missing: it can
/// be published again.
tl::expected<Published, std::vector<std::string>> publish(Etcd& etcd, const Keys& keys,
                                                          const profiles::Document& document,
                                                          const std::string& file,
                                                          const PublishOptions& options);

}  // namespace agent::profile_sync
