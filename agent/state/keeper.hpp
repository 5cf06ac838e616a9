// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/ports.hpp"
#include "agent/state/database.hpp"
#include "lldp/base/table.hpp"

namespace agent::state {

/// Keeps what the clients of station ports want, so that it outlives evbd. It hears of each request
/// before the port does and of each output after it, and writes what has changed when it is told
/// to. README.md says what is kept for how long.
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
  std::size_t size() const { return size_; }
  /// VSIs whose wish differs from what the database holds.
  std::size_t unwritten() const { return unwritten_.size(); }
  /// Counts changes of wishes, written or not.
  std::uint64_t changes() const { return changes_; }
  const Wish* find(const VsiKey& key) const;

  /// A client's request is about to be fed into a port.
  void asked(std::string_view port, const vdp::Input& input);
  /// libvirt asked for this VSI; comes before its request.
  void asked_by_libvirt(const VsiKey& key, const LibvirtOrigin& origin);
  void port_output(std::string_view port, const vdp::Output& output) override;

  /// Writes what has changed first, so many VSIs at most, as one transaction. False: it could not
  /// be written; it is tried again with the next call.
  bool flush(std::size_t most = static_cast<std::size_t>(-1));
  /// Ends what is to end.
  void work();
  std::optional<base::Instant> deadline() const { return endings_by_; }
  void time_passed(base::Instant now);

 private:
  /// What is known of one VSI: its wish if `accepted`, and what leads to the next one.
  struct Entry {
    explicit Entry(const VsiKey& its_key) : key(its_key) { wish.port = key.port; }
    const VsiKey& id() const { return key; }

    VsiKey key;
    Wish wish;
    bool accepted = false;   ///< the port took a request: the wish counts
    bool asked = false;      ///< a request is on its way into the port, in `wish` or `next`
    bool unwritten = false;  ///< the database holds something else; it is in `unwritten_`
    bool to_end = false;     ///< ends as soon as it is confirmed
    std::unique_ptr<vdp::VsiRequest> next;  ///< asked for while another one is the wish
    std::unique_ptr<LibvirtOrigin> origin;  ///< of the request that is on its way
  };

  Entry& entry(const VsiKey& key);
  void changed(Entry& entry, const vdp::VsiChanged& change);
  void accept(Entry& entry);
  /// The port holds nothing of it any more, or never took it.
  void drop(Entry& entry);
  void touch(Entry& entry);
  void erase_if_empty(Entry& entry);

  Ports& ports_;
  Database database_;
  base::Table<VsiKey, Entry, HashVsiKey> entries_;
  std::size_t size_ = 0;  // entries that are accepted
  std::vector<Entry*> unwritten_;
  std::uint64_t changes_ = 0;
  std::vector<VsiKey> end_now_;
  std::optional<base::Instant> endings_by_;
  bool resuming_ = false;
  bool flush_expected_ = false;
  bool failing_ = false;
};

}  // namespace agent::state
