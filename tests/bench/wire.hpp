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

/// A raw socket on one interface, for what arrives of one Ethertype. Every call that fails ends
/// the program with a sentence: a benchmark that cannot measure has nothing to say.
class Wire {
 public:
  Wire(const std::string& interface, std::uint16_t ethertype);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void send(std::span<const std::uint8_t> frame) const;
  /// Waits for the next frame that arrives; the span is valid until the next call.
  std::span<const std::uint8_t> receive();

 private:
  int socket_;
  std::vector<std::uint8_t> buffer_;
};

/// A frame as the recorder keeps it: its head only.
struct Recorded {
  std::int64_t nanoseconds = 0;  ///< when the kernel had it
  bool sent = false;             ///< by us; else received
  std::uint8_t operation = 0;    ///< ECP version and operation, the first octet of the header
};

/// Records the ECP frames of both directions without waking up for any of them: the kernel stamps
/// and queues them, take() reads them when all is over.
class Recorder {
 public:
  explicit Recorder(const std::string& interface);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  std::vector<Recorded> take();
  /// Whether somebody set the clock that the kernel stamps frames with while we recorded: their
  /// distances mean nothing then.
  bool clock_was_set() const;

 private:
  bool stamps_are_true(const Wire& prober);

  int socket_;
  std::int64_t clock_offset_;
};

/// Microseconds of a clock that only goes forward.
std::int64_t microseconds();

}  // namespace bench
