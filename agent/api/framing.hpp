// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "lldp/base/bytes.hpp"

namespace agent::api {

/// Octets of the length in front of every message, big-endian; it does not count itself.
inline constexpr std::size_t kLengthSize = 4;

/// The announced length is above the limit; nothing was allocated for it.
struct TooLarge {
  std::size_t announced;
  friend bool operator==(const TooLarge&, const TooLarge&) = default;
};

/// Cuts a stream of octets into messages. It holds at most one incomplete message and what was
/// appended after it.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_message) : max_message_(max_message) {}

  void append(base::Bytes octets);
  /// The next whole message, valid until the next append(); nullopt: more octets are needed. After
  /// an error the stream cannot be followed any further.
  tl::expected<std::optional<base::Bytes>, TooLarge> next();
  /// Octets held that are not taken yet.
  std::size_t pending() const { return buffer_.size() - taken_; }

 private:
  std::size_t max_message_;
  base::Octets buffer_;
  std::size_t taken_ = 0;
};

/// Appends the message behind its length.
void append_message(std::string& out, const google::protobuf::MessageLite& message);

}  // namespace agent::api
