// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/replay/offline.hpp"
#include "agent/replay/part.hpp"

namespace agent::replay {

/// A capture told to our own core in the place of one side: the other side's frames arrive when
/// they did, a client asks for what the recorded station asked for, and the bridge's database says
/// what the recorded bridge said. What the core puts out can be held against what was recorded.
class CaptureRun {
 public:
  explicit CaptureRun(lldp::EvbRole role) : role_(role), reader_(role) {}

  void take(const DecodedFrame& frame);
  /// The run; the error is a sentence.
  tl::expected<void, std::string> finish();

  /// As OfflinePort::text().
  std::string text() const { return port_->text(); }
  /// What the recorded side said and the core did not, and the reverse; empty: the same.
  std::string differences() const;

 private:
  struct Heard {
    base::Duration at{};
    base::Octets octets;
  };
  vdp::PortConfig config(const Part& part) const;
  std::vector<vdp::Input> answer(const vdp::Output& output) const;
  vdp::VsiTypeResolved resolved(const vdp::ResolveVsiType& question) const;
  base::Octets as_answer(const Heard& heard, const DecodedFrame& frame) const;
  void ask(base::Instant at, const DecodedFrame& frame);

  lldp::EvbRole role_;
  PartReader reader_;
  std::optional<std::int64_t> first_;
  std::vector<Heard> frames_;
  Facts recorded_;
  Facts said_;
  std::vector<vdp::AssociationTlv> commands_;   // of the recorded station, the last of each VSI
  std::vector<vdp::AssociationTlv> responses_;  // of the recorded bridge
  bool relay_given_ = false;                    // by the recorded bridge, at any time
  std::optional<OfflinePort> port_;
};

}  // namespace agent::replay
