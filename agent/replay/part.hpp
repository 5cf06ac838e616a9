// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/replay/decoded_frame.hpp"
#include "lldp/base/bytes.hpp"
#include "lldp/base/time.hpp"
#include "lldp/evb_negotiation.hpp"

namespace agent::replay {

/// What a frame says, apart from what differs in every run (ECP sequence numbers, addresses, TTL):
/// a line for the EVB TLV, and one for each association TLV.
std::vector<std::string> facts_of(const DecodedFrame& frame);

/// Collects the facts of one end, in its order. Repetitions (an ECPDU sent again, an LLDPDU that
/// says the same as the one before) are left out.
class Facts {
 public:
  /// True when the frame said something new.
  bool add(const DecodedFrame& frame);

  const std::vector<std::string>& lldp() const { return lldp_; }
  const std::vector<std::string>& vdp() const { return vdp_; }
  std::size_t size() const { return lldp_.size() + vdp_.size(); }
  /// How much was said.
  struct Count {
    std::size_t lldp = 0;
    std::size_t vdp = 0;
  };
  Count count() const { return {lldp_.size(), vdp_.size()}; }
  /// Whether this end, live, has come as far as a recorded one had at `count`: as much of VDP, and
  /// before its first VDP by LLDP in a state that the recorded one was in then or later. Who speaks
  /// VDP has agreed on EVB, if perhaps on other values than the recorded one, which is waited for
  /// at the end only.
  bool reached(const Facts& recorded, const Count& count, bool at_the_end) const;

 private:
  std::vector<std::string> lldp_;
  std::vector<std::string> vdp_;
  std::optional<std::uint16_t> sequence_;
};

/// One frame that this side of a capture sends of its own accord: an LLDPDU or an ECP request.
struct Step {
  base::Duration at{};  ///< since the first frame of the capture
  std::uint64_t frame = 0;
  bool ecp = false;
  base::Octets octets;    ///< the whole frame
  Facts::Count answered;  ///< of the other side, before the step after this one
};

/// One side of a capture as a part to be played.
struct Part {
  lldp::EvbRole role = lldp::EvbRole::kStation;
  lldp::MacAddress address;  ///< of the recorded side
  std::vector<Step> steps;
  Facts answers;  ///< of the other side, over the whole capture
  base::Duration ack_time{};
  unsigned max_retries = 3;
};

/// Finds the side: by the mode of its EVB TLVs, or else by the requests and responses of VDP. The
/// error is a sentence.
class PartReader {
 public:
  explicit PartReader(lldp::EvbRole role) : role_(role) {}

  void take(const DecodedFrame& frame);
  tl::expected<Part, std::string> finish() const;

 private:
  struct Heard {
    base::Duration at{};
    DecodedFrame frame;
    base::Octets octets;
  };
  std::optional<lldp::MacAddress> side(lldp::EvbRole role) const;

  lldp::EvbRole role_;
  std::optional<std::int64_t> first_;
  std::vector<std::shared_ptr<Heard>> frames_;
};

}  // namespace agent::replay
