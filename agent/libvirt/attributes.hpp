// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/netlink.h>

#include <cassert>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "lldp/base/bytes.hpp"

namespace agent::libvirt {

/// One netlink attribute.
struct Attribute {
  std::uint16_t type = 0;  ///< without the nested and byte order flags
  base::Bytes value;
  std::size_t octet = 0;  ///< of its header, in the message

  std::size_t value_octet() const { return octet + NLA_HDRLEN; }
};

/// Walks attributes and never leaves the octets it was given.
class AttributeReader {
 public:
  /// `offset` is that of `octets` in the message.
  AttributeReader(base::Bytes octets, std::size_t offset) : octets_(octets), offset_(offset) {}

  /// nullopt at the end, and where the octets are no attribute: see fault().
  std::optional<Attribute> next() {
    if (fault_ || octets_.empty()) return std::nullopt;
    nlattr header{};
    if (octets_.size() < sizeof header) return fail();
    std::memcpy(&header, octets_.data(), sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > octets_.size()) return fail();
    const Attribute attribute{static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
                              octets_.subspan(NLA_HDRLEN, header.nla_len - NLA_HDRLEN), offset_};
    const auto taken = std::min<std::size_t>(NLA_ALIGN(header.nla_len), octets_.size());
    octets_ = octets_.subspan(taken);
    offset_ += taken;
    return attribute;
  }

  /// The octet of the message at which no attribute begins though octets are left.
  std::optional<std::size_t> fault() const { return fault_; }

 private:
  std::nullopt_t fail() {
    fault_ = offset_;
    return std::nullopt;
  }

  base::Bytes octets_;
  std::size_t offset_;
  std::optional<std::size_t> fault_;
};

/// Builds one netlink message; padding is zero.
class MessageWriter {
 public:
  MessageWriter(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence,
                std::uint32_t port_id) {
    put_raw(nlmsghdr{0, type, flags, sequence, port_id});
  }

  template <class Value>
  void put_raw(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value> && sizeof value % NLA_ALIGNTO == 0);
    append(&value, sizeof value);
  }
  void put(std::uint16_t type, base::Bytes value) { put(type, value.data(), value.size()); }
  template <class Value>
  void put_value(std::uint16_t type, const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    put(type, &value, sizeof value);
  }

  /// Everything until end_nest() becomes the value of one attribute.
  std::size_t begin_nest(std::uint16_t type) {
    const auto at = octets_.size();
    put(static_cast<std::uint16_t>(type | NLA_F_NESTED), nullptr, 0);
    return at;
  }
  void end_nest(std::size_t at) {
    const auto size = octets_.size() - at;
    assert(size <= 0xFFFF);
    const auto length = static_cast<std::uint16_t>(size);
    std::memcpy(octets_.data() + at, &length, sizeof length);
  }

  base::Octets finish() && {
    const auto length = static_cast<std::uint32_t>(octets_.size());
    std::memcpy(octets_.data(), &length, sizeof length);
    return std::move(octets_);
  }

 private:
  void put(std::uint16_t type, const void* value, std::size_t size) {
    append_header(static_cast<std::uint16_t>(NLA_HDRLEN + size), type);
    append(value, size);
    octets_.resize(NLA_ALIGN(octets_.size()));
  }
  void append_header(std::uint16_t length, std::uint16_t type) {
    const nlattr header{length, type};
    append(&header, sizeof header);
  }
  void append(const void* from, std::size_t size) {
    const auto* const octets = static_cast<const std::uint8_t*>(from);
    octets_.insert(octets_.end(), octets, octets + size);
  }

  base::Octets octets_;
};

}  // namespace agent::libvirt
