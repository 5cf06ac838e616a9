// SPDX-License-Identifier: Apache-2.0
#include "lldp/tlv.hpp"

#include <cassert>

namespace lldp {

base::Result<std::optional<Tlv>> TlvWalker::next() {
  if (pdu_.size() - offset_ < kTlvHeaderSize) return std::nullopt;
  const unsigned header = base::u16_at(pdu_, offset_);
  const std::size_t length = header & 0x1FFU;
  const std::size_t begin = offset_ + kTlvHeaderSize;
  if (length > pdu_.size() - begin) {
    return tl::unexpected(base::DecodeError{base::Fault::kOverrun, offset_});
  }
  Tlv tlv{static_cast<std::uint8_t>(header >> 9U), pdu_.subspan(begin, length), offset_};
  offset_ = begin + length;
  return tlv;
}

void append_tlv(base::Octets& pdu, std::uint8_t type, base::Bytes value) {
  const auto at = begin_tlv(pdu, type);
  base::append(pdu, value);
  end_tlv(pdu, at);
}

std::size_t begin_tlv(base::Octets& pdu, std::uint8_t type) {
  const auto at = pdu.size();
  base::append_u16(pdu, static_cast<std::uint16_t>(type << 9U));
  return at;
}

void end_tlv(base::Octets& pdu, std::size_t begun_at) {
  const auto length = pdu.size() - begun_at - kTlvHeaderSize;
  assert(length <= kMaxTlvLength);
  pdu[begun_at] = static_cast<std::uint8_t>(pdu[begun_at] | length >> 8U);
  pdu[begun_at + 1] = static_cast<std::uint8_t>(length);
}

}  // namespace lldp
