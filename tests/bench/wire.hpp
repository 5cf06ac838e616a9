// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bench {

inline constexpr std::uint16_t kEcp = 0x8940;

/// Octets of an ECP frame that carries this many VSIs with one MAC/VID filter each: Ethernet and
/// ECP header, manager TLV, an association TLV each, End TLV.
constexpr std::size_t ecp_frame_size(std::size_t vsis) { return 14 + 4 + 18 + vsis * 35 + 2; }

/// A raw socket on one interface. Every call that fails ends the program with a sentence: a
/// benchmark that cannot measure has nothing to say.
class Wire {
 public:
  /// Sees what arrives of one Ethertype.
  Wire(const std::string& interface, std::uint16_t ethertype);
  /// Counts frames of one Ethertype in both directions, keeping none.
  static Wire counter(const std::string& interface, std::uint16_t ethertype);
  ~Wire();
  Wire(Wire&& other) noexcept;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  Wire& operator=(Wire&&) = delete;

  void send(std::span<const std::uint8_t> frame) const;
  /// Waits for the next frame that arrives; the span is valid until the next call.
  std::span<const std::uint8_t> receive();
  /// Frames since the last call, for a counter.
  unsigned take_count() const;

 private:
  explicit Wire(int socket) : socket_(socket) {}

  int socket_;
  std::vector<std::uint8_t> buffer_;
};

/// Microseconds of a clock that only goes forward.
std::int64_t microseconds();

}  // namespace bench
