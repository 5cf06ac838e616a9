// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/api/client_link.hpp"
#include "agent/api/event_log.hpp"
#include "agent/api/reports.hpp"

namespace agent::api {

/// VSIs in one Response of a list; a VSI takes 200 to 400 octets.
inline constexpr std::size_t kVsisAtOnce = 128;

/// The answer to VsiList. The ids are those at the time of the request; each VSI is reported as it
/// is when its turn comes, and left out if it is gone by then.
class VsiListStream : public Stream {
 public:
  VsiListStream(std::uint32_t request, const Reports& reports, std::vector<VsiKey> keys)
      : request_(request), reports_(reports), keys_(std::move(keys)) {}
  Progress produce(std::string& out) override;

 private:
  std::uint32_t request_;
  const Reports& reports_;
  std::vector<VsiKey> keys_;
  std::size_t next_ = 0;
};

/// The answer to TypeApply.
class TypeResultStream : public Stream {
 public:
  TypeResultStream(std::uint32_t request, std::vector<TypeApplied> results)
      : request_(request), results_(std::move(results)) {}
  Progress produce(std::string& out) override;

 private:
  std::uint32_t request_;
  std::vector<TypeApplied> results_;
  std::size_t next_ = 0;
};

/// The events of one Watch: the snapshot if it was asked for, then the log from the time of the
/// request, or from where an earlier watch ended.
class WatchStream : public Stream {
 public:
  WatchStream(const pb::Request& request, const Reports& reports, const EventLog& log,
              std::uint64_t after);
  Progress produce(std::string& out) override;

 private:
  void write(pb::ServerMessage& message, std::string& out) const;
  pb::Event& begin(pb::ServerMessage& message) const;
  void take_snapshot();
  bool snapshot_step(std::string& out);
  void tell_lost(std::string& out);
  bool wanted(const LoggedEvent& event) const;
  void tell(std::uint64_t sequence, const LoggedEvent& event, std::string& out) const;

  std::uint32_t request_;
  const Reports& reports_;
  const EventLog& log_;
  VsiSelection selection_;
  std::uint64_t next_;  // sequence
  bool in_snapshot_;
  bool snapshot_taken_ = false;
  std::vector<std::string> snapshot_ports_;
  std::vector<VsiKey> snapshot_vsis_;
  std::size_t snapshot_at_ = 0;
};

}  // namespace agent::api
