// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <unordered_map>

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
    askers_[key] = std::move(asker);
  }
  void forget(const VsiKey& key) { askers_.erase(key); }
  /// nullptr when no client of this run asked.
  const Asker* find(const VsiKey& key) const {
    const auto found = askers_.find(key);
    return found == askers_.end() ? nullptr : found->second.get();
  }

 private:
  std::unordered_map<VsiKey, std::shared_ptr<const Asker>, HashVsiKey> askers_;
};

}  // namespace agent::api
