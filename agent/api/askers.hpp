// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "agent/api/waits.hpp"

namespace agent::api {

/// Who asked for which VSI in this run of evbd, to be shown. One request's VSIs share one entry.
class Askers {
 public:
  struct Asker {
    std::string program;
    Peer peer;
    std::chrono::system_clock::time_point at;
  };

  void note(const VsiKey& key, std::shared_ptr<const Asker> asker) {
    Asked* const known = asked_.find(key);
    (known == nullptr ? asked_.make(key) : *known).by = std::move(asker);
  }
  void forget(const VsiKey& key) {
    if (Asked* const known = asked_.find(key)) asked_.erase(*known);
  }
  /// nullptr when no client of this run asked.
  const Asker* find(const VsiKey& key) const {
    const Asked* const known = asked_.find(key);
    return known == nullptr ? nullptr : known->by.get();
  }

 private:
  struct Asked {
    explicit Asked(const VsiKey& its_key) : key(its_key) {}
    const VsiKey& id() const { return key; }

    VsiKey key;
    std::shared_ptr<const Asker> by;
  };
  base::Table<VsiKey, Asked, HashVsiKey> asked_;
};

}  // namespace agent::api
