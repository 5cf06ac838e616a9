// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

namespace base {

/// Which rule a refused octet string broke.
enum class Fault : std::uint8_t {
  kTruncated,       ///< the octets end before the layout does
  kWrongLength,     ///< octets are left over after the layout
  kOverrun,         ///< a TLV's length leads past the end of its PDU
  kReservedValue,   ///< a field holds a value that the standard reserves
  kMissing,         ///< a mandatory TLV is absent where it must stand
  kDuplicate,       ///< a TLV that may stand once stands twice
  kWrongAddress,    ///< the destination address is not this agent's
  kOwnFrame,        ///< our own frame came back
  kWrongEthertype,  ///< not an Ethertype that we speak
  kWrongVersion,    ///< a protocol version that we do not speak
  kWrongOperation,  ///< an operation code that the standard reserves
  kWrongSubtype,    ///< an ECP subtype or organisational subtype that we do not serve
  kCountMismatch,   ///< a count says more entries than the TLV holds
  kNotPermitted,    ///< well formed, but not allowed in this state or role
};

/// A refusal: the rule, and the offset of the octet where it was broken, from the start of what was
/// given to the decoder.
struct DecodeError {
  Fault fault;
  std::size_t octet;
  friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

template <class T>
using Result = tl::expected<T, DecodeError>;

constexpr std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::kTruncated: return "truncated";
    case Fault::kWrongLength: return "wrong length";
    case Fault::kOverrun: return "TLV runs past the end";
    case Fault::kReservedValue: return "reserved value";
    case Fault::kMissing: return "mandatory TLV missing";
    case Fault::kDuplicate: return "duplicate TLV";
    case Fault::kWrongAddress: return "not this agent's destination address";
    case Fault::kOwnFrame: return "own frame came back";
    case Fault::kWrongEthertype: return "Ethertype not served";
    case Fault::kWrongVersion: return "protocol version not served";
    case Fault::kWrongOperation: return "reserved operation";
    case Fault::kWrongSubtype: return "subtype not served";
    case Fault::kCountMismatch: return "entry count does not fit the length";
    case Fault::kNotPermitted: return "not permitted here";
  }
  return "?";
}

}  // namespace base
