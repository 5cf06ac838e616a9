// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/ports.hpp"
#include "agent/state/database.hpp"

namespace agent::state {

/// Keeps what the clients of station ports want, so that it outlives evbd. It hears of each request
/// before the port does and of each output after it, and writes what changed in one go per turn of
/// the loop. README.md says what is kept for how long.
class Keeper : public PortObserver {
 public:
  /// A wish that was ending when evbd ended is resumed, confirmed and ended again; if the bridge
  /// does not confirm it, it ends after this time.
  static constexpr base::Duration kEndingWait = std::chrono::seconds(10);

  Keeper(Ports& ports, Database database, std::vector<Wish> wishes);

  /// Asks for flush() and work() soon, from the loop, never from inside of an output.
  std::function<void()> wake;
  std::function<void(const std::string& sentence)> trouble;

  /// Feeds every wish that its port does not have into it again: at start, and when ports were
  /// configured anew. Wishes of ports that are no longer configured stay for the day when they are.
  void resume(base::Instant now);
  /// What is wanted, in no order.
  std::vector<Wish> wishes() const;
  std::size_t size() const { return wishes_.size(); }
  /// VSIs whose wish differs from what the database holds.
  std::size_t unwritten() const { return dirty_.size(); }
  const Wish* find(const WishKey& key) const;

  /// A client's request is about to be fed into a port.
  void asked(std::string_view port, const vdp::Input& input);
  /// libvirt asked for this VSI; comes before its request.
  void asked_by_libvirt(const WishKey& key, const LibvirtOrigin& origin);
  void port_output(std::string_view port, const vdp::Output& output) override;

  /// Writes what has changed.
  void flush();
  /// Ends what is to end.
  void work();
  std::optional<base::Instant> deadline() const { return endings_by_; }
  void time_passed(base::Instant now);

 private:
  using Wishes = std::unordered_map<WishKey, Wish, HashWishKey>;

  void changed(const WishKey& key, const vdp::VsiChanged& change);
  void touch(const WishKey& key);

  Ports& ports_;
  Database database_;
  Wishes wishes_;
  std::unordered_map<WishKey, vdp::VsiRequest, HashWishKey> candidates_;  ///< not yet accepted
  std::unordered_map<WishKey, LibvirtOrigin, HashWishKey> origins_;       ///< of candidates
  std::unordered_set<WishKey, HashWishKey> dirty_;
  std::unordered_set<WishKey, HashWishKey> endings_;  ///< to be ended when confirmed
  std::vector<WishKey> end_now_;
  std::optional<base::Instant> endings_by_;
  bool resuming_ = false;
  bool flush_expected_ = false;
  bool failing_ = false;
};

}  // namespace agent::state
