// SPDX-License-Identifier: Apache-2.0
#include "agent/api/framing.hpp"

#include <cassert>

namespace agent::api {

void FrameReader::append(base::Bytes octets) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  base::append(buffer_, octets);
}

tl::expected<std::optional<base::Bytes>, TooLarge> FrameReader::next() {
  const auto held = base::Bytes(buffer_).subspan(taken_);
  if (held.size() < kLengthSize) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthSize; ++i) length = length << 8U | held[i];
  if (length > max_message_) return tl::unexpected(TooLarge{length});
  if (held.size() - kLengthSize < length) return std::nullopt;
  taken_ += kLengthSize + length;
  return held.subspan(kLengthSize, length);
}

void append_message(std::string& out, const google::protobuf::MessageLite& message) {
  const auto length = message.ByteSizeLong();
  assert(length <= 0x7FFFFFFFU);
  for (unsigned shift = 32; shift > 0;) {
    shift -= 8;
    out.push_back(static_cast<char>(length >> shift & 0xFFU));
  }
  const auto at = out.size();
  out.resize(at + length);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.data() + at));
}

}  // namespace agent::api
