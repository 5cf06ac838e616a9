// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"

namespace lldp {

/// The longest information string that the 9-bit length of a TLV can announce.
inline constexpr std::size_t kMaxTlvLength = 511;
inline constexpr std::size_t kTlvHeaderSize = 2;

/// One TLV as 802.1AB clause 8.4 and VDP clause 41.2 share it: 7-bit type, 9-bit length,
/// information string. `value` points into the PDU; `offset` is where the header stands in it.
struct Tlv {
  std::uint8_t type = 0;
  base::Bytes value;
  std::size_t offset = 0;
};

/// Takes a PDU apart, TLV by TLV, and never reads past its end.
class TlvWalker {
 public:
  explicit TlvWalker(base::Bytes pdu) : pdu_(pdu) {}

  /// The next TLV; nullopt at the end of the PDU (also when a single octet is left over); a fault
  /// kOverrun, at the header's octet, when the length leads past the end.
  base::Result<std::optional<Tlv>> next();

 private:
  base::Bytes pdu_;
  std::size_t offset_ = 0;
};

/// Appends header and value; value has at most kMaxTlvLength octets.
void append_tlv(base::Octets& pdu, std::uint8_t type, base::Bytes value);

/// Appends a header whose length is filled in by `end_tlv`, for values written in place.
std::size_t begin_tlv(base::Octets& pdu, std::uint8_t type);
void end_tlv(base::Octets& pdu, std::size_t begun_at);

}  // namespace lldp
