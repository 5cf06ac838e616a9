// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/api/client_link.hpp"
#include "agent/ports.hpp"
#include "agent/vsi_key.hpp"
#include "lldp/base/small_vector.hpp"
#include "lldp/base/table.hpp"

namespace agent::api {

/// The requests whose answer is not complete: each waits for the first answer to each of its VSIs.
/// Finding who waits for a VSI costs the same however many wait.
class Waits {
 public:
  explicit Waits(const Ports& ports) : ports_(ports) {}

  /// One request under way. It stays valid until it is answered or its client is forgotten.
  struct Batch {
    std::weak_ptr<ClientLink> client;
    const ClientLink* owner = nullptr;  ///< to find it by; never followed
    std::uint32_t request = 0;
    vdp::AssociationType type = vdp::AssociationType::kAssociate;  ///< of all its VSIs
    std::vector<VsiKey> vsis;
    enum class Answer : std::uint8_t { kNone, kConfirmed, kWritten };
    std::vector<Answer> answers;
    /// Of what was not simply confirmed, by index; the rest is written when the response is sent.
    std::unordered_map<std::size_t, pb::VsiResult> results;
    std::size_t open = 0;
    std::optional<base::Instant> deadline;
  };

  Batch& open(const std::shared_ptr<ClientLink>& client, std::uint32_t request,
              vdp::AssociationType type, std::vector<VsiKey> vsis);
  /// False once it was answered; the pointer is only compared.
  bool is_open(const Batch* batch) const { return batches_.contains(batch); }
  /// Nothing waits any longer than this: what is open is answered NO_ANSWER.
  void limit(Batch& batch, base::Instant deadline);
  /// Answers what is open as accepted and under way.
  void accept_rest(Batch& batch);

  /// Facts of the core; they settle whoever waits for them.
  void changed(std::string_view port, const vdp::VsiChanged& change);
  void refused(std::string_view port, const vdp::RequestRefused& refusal);

  /// The client is gone: nothing is kept for it.
  void forget(const ClientLink* client);

  std::optional<base::Instant> deadline() const;
  void time_passed(base::Instant now);
  std::size_t size() const { return batches_.size(); }

 private:
  struct Place {
    Batch* batch;
    std::size_t index;
  };
  /// Who waits for a VSI: nearly always one.
  struct Waiting {
    explicit Waiting(const VsiKey& its_key) : key(its_key) {}
    const VsiKey& id() const { return key; }

    VsiKey key;
    base::SmallVector<Place, 1> places;
  };

  template <class Settle>
  void settle_all(const VsiKey& key, Settle&& settle);
  void settle(Batch& batch, std::size_t index, pb::Code code, std::string sentence);
  void closed(Batch& batch, std::size_t index);
  void write(Batch& batch, std::size_t index, pb::Code code, std::string sentence) const;
  void write_confirmed(const Batch& batch, std::size_t index, pb::VsiResult& result) const;
  void report_state(const VsiKey& key, pb::VsiResult& result) const;
  void unlist(const Batch& batch, std::size_t index);
  void answer(Batch& batch);
  void drop(Batch& batch);

  const Ports& ports_;
  std::unordered_map<const Batch*, std::unique_ptr<Batch>> batches_;
  base::Table<VsiKey, Waiting, HashVsiKey> index_;
  std::set<std::pair<base::Instant, Batch*>> deadlines_;
};

}  // namespace agent::api
