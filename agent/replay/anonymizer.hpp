// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/replay/decoded_frame.hpp"
#include "agent/replay/dissection.hpp"
#include "agent/replay/pseudonyms.hpp"

namespace agent::replay {

/// Makes a frame that says the same to a bridge or station, and nothing of who they are. It begins
/// with zeroes, and takes over field by field what `dissect` has a name for: numbers as they are,
/// addresses, ids and names as pseudonyms. So what nobody understands cannot get through.
class Anonymizer {
 public:
  explicit Anonymizer(Pseudonyms pseudonyms) : pseudonyms_(std::move(pseudonyms)) {}

  /// As long as the captured octets; valid until the next call.
  base::Bytes frame(LinkType type, const DecodedFrame& frame);

  /// What was zeroed.
  struct Zeroed {
    std::size_t foreign = 0;  ///< frames of other protocols: their payload
    std::size_t tlvs = 0;     ///< TLVs that are not known: their information
    std::size_t strays = 0;   ///< frames with something in padding or in what is too broken to read
  };
  const Zeroed& zeroed() const { return zeroed_; }
  Pseudonyms::Counts replaced() const { return pseudonyms_.counts(); }

  // The parts of frames, for who has them in hand: replaced as they are in a frame.
  using Span = std::span<std::uint8_t>;
  void vsi_id(Span id, vdp::VsiIdFormat format);
  void manager(Span id);
  void identifier(Span id, std::uint8_t subtype, bool chassis);
  void network_address(Span family_and_address);
  Pseudonyms& pseudonyms() { return pseudonyms_; }

 private:
  void whole_header(LinkType type, base::Bytes octets);
  void take(const DissectedField& field, const Section& section, const DecodedFrame& frame);
  void copy(const base::Field& field, base::Bytes octets);
  void information(Span octets, const Section& section, base::Bytes original);
  void management_address(Span value);

  Pseudonyms pseudonyms_;
  Zeroed zeroed_;
  base::Octets made_;
  base::Octets known_;  // for each octet the bits that some field holds
};

}  // namespace agent::replay
