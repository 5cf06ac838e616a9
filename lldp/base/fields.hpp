// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/hex.hpp"
#include "lldp/base/result.hpp"

// The walkers of a layout table. A table is one function template
//   void walk(auto& field, auto& tlv) { field("R", 3, tlv.max_retries); ... }
// that lists the fields in wire order; reader, writer, printer and tracer walk the same table, so
// they cannot disagree about the layout.

namespace base {

/// Reads the fields of a layout table, most significant bit first. The first fault sticks, and
/// reading goes on harmlessly, so that a table needs no `if` per field.
class FieldReader {
 public:
  explicit FieldReader(Bytes octets) : octets_(octets) {}

  template <class T>
  void operator()(std::string_view /*name*/, unsigned width, T& field) {
    if (!has(width)) return;
    std::uint64_t value = 0;
    while (width > 0) {  // what the field has of each octet
      const auto left = 8 - static_cast<unsigned>(bit_ % 8);
      const auto taken = std::min(left, width);
      const auto octet = static_cast<unsigned>(octets_[bit_ / 8]) >> (left - taken);
      value = value << taken | (octet & ((1U << taken) - 1));
      bit_ += taken;
      width -= taken;
    }
    field = static_cast<T>(value);
  }

  /// A field of whole octets, on an octet boundary.
  template <std::size_t N>
  void operator()(std::string_view /*name*/, std::array<std::uint8_t, N>& field) {
    if (!has(N * 8)) return;
    std::copy_n(octets_.begin() + static_cast<std::ptrdiff_t>(bit_ / 8), N, field.begin());
    bit_ += N * 8;
  }

  /// Bits that are sent as 0 and ignored when received.
  void reserved(unsigned width) {
    if (has(width)) bit_ += width;
  }

  /// The verdict once the whole table was read: all octets used, none missing.
  std::optional<DecodeError> finish() {
    if (!fault_ && bit_ < octets_.size() * 8) fail(Fault::kWrongLength);
    return fault_;
  }

  /// The first fault so far, where octets after the table are allowed.
  std::optional<DecodeError> fault() const { return fault_; }
  /// Offset of the next octet.
  std::size_t octet() const { return bit_ / 8; }

 private:
  bool has(std::size_t width) {
    if (!fault_ && bit_ + width > octets_.size() * 8) {
      fault_ = DecodeError{Fault::kTruncated, octets_.size()};
    }
    return !fault_;
  }
  void fail(Fault fault) { fault_ = DecodeError{fault, bit_ / 8}; }

  Bytes octets_;
  std::size_t bit_ = 0;
  std::optional<DecodeError> fault_;
};

/// Appends the fields of a layout table to octets, most significant bit first; fields have up to 32
/// bits.
class FieldWriter {
 public:
  explicit FieldWriter(Octets& to) : to_(to) {}

  template <class T>
  void operator()(std::string_view /*name*/, unsigned width, const T& field) {
    put(static_cast<std::uint64_t>(field), width);
  }
  template <std::size_t N>
  void operator()(std::string_view /*name*/, const std::array<std::uint8_t, N>& field) {
    append(to_, field);
  }
  void reserved(unsigned width) { put(0, width); }

 private:
  void put(std::uint64_t value, unsigned width) {
    pending_ = pending_ << width | (value & ((std::uint64_t{1} << width) - 1));
    pending_bits_ += width;
    while (pending_bits_ >= 8) {
      pending_bits_ -= 8;
      to_.push_back(static_cast<std::uint8_t>(pending_ >> pending_bits_));
    }
  }

  Octets& to_;
  std::uint64_t pending_ = 0;  // bits that do not fill an octet yet; a table ends on an octet
  unsigned pending_bits_ = 0;
};

/// Writes the fields of a layout table into octets that are there already and suffice, for tables
/// that are written thousands of times in a burst.
class FieldFiller {
 public:
  explicit FieldFiller(std::uint8_t* to) : to_(to) {}

  template <class T>
  void operator()(std::string_view /*name*/, unsigned width, const T& field) {
    put(static_cast<std::uint64_t>(field), width);
  }
  template <std::size_t N>
  void operator()(std::string_view /*name*/, const std::array<std::uint8_t, N>& field) {
    to_ = std::copy_n(field.begin(), N, to_);
  }
  void reserved(unsigned width) { put(0, width); }

 private:
  void put(std::uint64_t value, unsigned width) {
    pending_ = pending_ << width | (value & ((std::uint64_t{1} << width) - 1));
    pending_bits_ += width;
    for (; pending_bits_ >= 8; pending_bits_ -= 8) {
      *to_++ = static_cast<std::uint8_t>(pending_ >> (pending_bits_ - 8));
    }
  }

  std::uint8_t* to_;
  std::uint64_t pending_ = 0;  // bits that do not fill an octet yet; a table ends on an octet
  unsigned pending_bits_ = 0;
};

/// Prints the fields of a layout table as "name=value name=value".
class FieldPrinter {
 public:
  template <class T>
  void operator()(std::string_view name, unsigned /*width*/, const T& field) {
    label(name);
    text_ += std::to_string(static_cast<std::uint64_t>(field));
  }
  template <std::size_t N>
  void operator()(std::string_view name, const std::array<std::uint8_t, N>& field) {
    label(name);
    for (const auto octet : field) put_hex(octet, std::back_inserter(text_));
  }
  void reserved(unsigned /*width*/) {}

  std::string take() && { return std::move(text_); }

 private:
  void label(std::string_view name) {
    if (!text_.empty()) text_ += ' ';
    text_ += name;
    text_ += '=';
  }

  std::string text_;
};

/// One field of a layout table where it stands on the wire.
struct Field {
  std::string_view name;
  std::size_t octet = 0;    ///< that holds its first bit
  unsigned bit = 0;         ///< its first bit in there, 0 is the most significant
  std::size_t width = 0;    ///< in bits
  std::uint64_t value = 0;  ///< of fields up to 64 bits; 0 of longer ones
  friend bool operator==(const Field&, const Field&) = default;
};
using Fields = std::vector<Field>;

/// Reads as FieldReader does and notes where each field stands, reserved bits included, so that a
/// broken PDU can be shown up to the octet where it breaks. Octets count from `offset`.
class FieldTracer {
 public:
  FieldTracer(Bytes octets, std::size_t offset, Fields& to)
      : octets_(octets), offset_(offset), to_(to) {}

  template <class T>
  void operator()(std::string_view name, unsigned width, T& field) {
    const auto value = trace(name, width);
    if (value) field = static_cast<T>(*value);
  }
  template <std::size_t N>
  void operator()(std::string_view name, std::array<std::uint8_t, N>& field) {
    const auto begin = octets_.begin() + static_cast<std::ptrdiff_t>(octet());
    if (trace(name, N * 8)) std::copy_n(begin, N, field.begin());
  }
  void reserved(unsigned width) { trace("reserved", width); }

  /// Offset of the next octet, within what was given.
  std::size_t octet() const { return bit_ / 8; }

 private:
  std::optional<std::uint64_t> trace(std::string_view name, std::size_t width) {
    if (ended_ || bit_ + width > octets_.size() * 8) {
      ended_ = true;
      return std::nullopt;
    }
    Field field{name, offset_ + bit_ / 8, static_cast<unsigned>(bit_ % 8), width};
    for (std::size_t i = 0; i < width; ++i, ++bit_) {
      const unsigned one = static_cast<unsigned>(octets_[bit_ / 8]) >> (7 - bit_ % 8) & 1U;
      if (width <= 64) field.value = field.value << 1U | one;
    }
    to_.push_back(field);
    return field.value;
  }

  Bytes octets_;
  std::size_t offset_;
  Fields& to_;
  std::size_t bit_ = 0;
  bool ended_ = false;
};

}  // namespace base
