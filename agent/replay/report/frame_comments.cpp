// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/frame_comments.hpp"

#include <algorithm>

namespace agent::replay::report {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;  // reads the same in both orders
constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;
constexpr std::uint32_t kOldPacket = 2;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::size_t kFrameHead = 20;  // of an old or enhanced packet block, before its octets
constexpr std::size_t kCapturedLength = 12;  // where it stands in there
constexpr std::size_t kBlockHead = 8;
constexpr std::size_t kBlockFrame = 12;  // length twice, and the type
constexpr std::size_t kLongestBlock = std::size_t{1} << 24U;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::size_t kInterfaceHead = 8;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kNameOrFlags = 2;  // of an interface, of a frame
constexpr std::size_t kLongestComment = 1000;

constexpr std::size_t padded(std::size_t length) { return (length + 3) / 4 * 4; }

}  // namespace

FrameComments::FrameComments(const std::string& path)
    : FrameComments(std::fopen(path.c_str(), "rb")) {}

FrameComments::FrameComments(std::FILE* file) : file_(file) {}

std::uint32_t FrameComments::number(std::size_t at, std::size_t width) const {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value = value << 8U | body_[at + (big_endian_ ? i : width - 1 - i)];
  }
  return value;
}

/// The next block: its type, and in `body_` what stands between its two lengths. A section header
/// settles the order of octets for what follows, its own length included.
bool FrameComments::read_block(std::uint32_t& type) {
  body_.resize(kBlockHead);
  if (!file_ || std::fread(body_.data(), 1, kBlockHead, file_.get()) != kBlockHead) return false;
  type = number(0, 4);
  std::size_t read = 0;
  if (type == kSectionHeader) {
    body_.resize(kBlockHead + 4);
    if (std::fread(body_.data() + kBlockHead, 1, 4, file_.get()) != 4) return false;
    big_endian_ = false;
    if (number(kBlockHead, 4) != kByteOrder) big_endian_ = true;
    if (number(kBlockHead, 4) != kByteOrder) return false;
    read = 4;
    section_ = interfaces_.size();
  }
  const std::size_t length = number(4, 4);
  if (length < kBlockFrame + read || length > kLongestBlock || length % 4 != 0) return false;
  const auto rest = length - kBlockFrame - read;
  body_.resize(rest + 4);
  if (std::fread(body_.data(), 1, rest + 4, file_.get()) != rest + 4) return false;
  body_.resize(rest);
  return true;
}

void FrameComments::take_options(std::size_t at) {
  while (at + 4 <= body_.size()) {
    const auto code = number(at, 2);
    const std::size_t length = number(at + 2, 2);
    at += 4;
    if (code == 0 || length > body_.size() - at) return;
    if (code == kComment && comment_.size() < kLongestComment) {
      if (!comment_.empty()) comment_ += "; ";
      comment_ += option_text(at, length);
    }
    if (code == kNameOrFlags && length == 4) {
      const auto way = static_cast<capture::Direction>(number(at, 4) & 3U);
      if (way <= capture::Direction::kOutbound) direction_ = way;
    }
    at += padded(length);
  }
}

std::string FrameComments::option_text(std::size_t at, std::size_t length) const {
  return {body_.begin() + static_cast<std::ptrdiff_t>(at),
          body_.begin() + static_cast<std::ptrdiff_t>(at + length)};
}

void FrameComments::take_interface() {
  auto& name = interfaces_.emplace_back();
  for (std::size_t at = kInterfaceHead; at + 4 <= body_.size();) {
    const auto code = number(at, 2);
    const std::size_t length = number(at + 2, 2);
    at += 4;
    if (code == 0 || length > body_.size() - at) return;
    if (code == kNameOrFlags) name = option_text(at, length);
    at += padded(length);
  }
}

std::string_view FrameComments::next() {
  comment_.clear();
  direction_ = capture::Direction::kUnknown;
  interface_ = section_;
  std::uint32_t type = 0;
  while (read_block(type)) {
    if (type == kInterfaceDescription) take_interface();
    if (type == kSimplePacket) return comment_;
    if (type != kEnhancedPacket && type != kOldPacket) continue;
    if (body_.size() < kFrameHead) break;
    interface_ = section_ + number(0, type == kOldPacket ? 2 : 4);
    const std::size_t captured = number(kCapturedLength, 4);
    if (captured <= body_.size() - kFrameHead) take_options(kFrameHead + padded(captured));
    if (comment_.size() > kLongestComment) comment_ = comment_.substr(0, kLongestComment) + " ...";
    return comment_;
  }
  file_.reset();
  return {};
}

}  // namespace agent::replay::report
