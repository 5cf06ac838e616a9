// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "lldp/base/bytes.hpp"

struct pcap;

namespace agent::replay {

/// Why a capture could not be read, or not to its end.
enum class CaptureTrouble : std::uint8_t {
  kMissing,    ///< there is no such file
  kForbidden,  ///< no right to read it
  kUnusable,   ///< empty, not a capture, or a link type that carries no Ethertypes
  kDamaged,    ///< it ends in the middle of a frame or header: all frames before that were given
};

struct CaptureError {
  CaptureTrouble trouble;
  std::string sentence;  ///< what, where, what to do
};

/// How each frame of a capture begins.
enum class LinkType : std::uint8_t {
  kEthernet,
  kLinuxCooked,   ///< "tcpdump -i any", LINUX_SLL
  kLinuxCooked2,  ///< LINUX_SLL2
};

/// One frame; `octets` are valid until the next one is read.
struct CapturedFrame {
  std::uint64_t number = 0;      ///< as Wireshark counts, from 1
  std::int64_t nanoseconds = 0;  ///< since 1970, UTC
  base::Bytes octets;
  std::size_t wire_length = 0;  ///< more than octets.size(): the capture kept only the beginning

  bool cut() const { return wire_length > octets.size(); }
};

/// A pcap or pcapng file, read frame by frame in constant memory.
class CaptureFile {
 public:
  /// "-" is the standard input.
  static tl::expected<CaptureFile, CaptureError> open(const std::string& path);
  /// `name` is for sentences.
  static tl::expected<CaptureFile, CaptureError> open(const std::string& path,
                                                      const std::string& name);
  /// An open file, which is closed with the object; `name` is for sentences.
  static tl::expected<CaptureFile, CaptureError> open(std::FILE* file, const std::string& name);

  LinkType link_type() const { return link_type_; }
  /// False at the end. After an error the file is at its end.
  tl::expected<bool, CaptureError> next(CapturedFrame& frame);
  /// How much of the file was read, 0..1; nullopt for what has no size.
  std::optional<double> progress() const;

 private:
  struct Closer {
    void operator()(pcap* handle) const;
  };
  CaptureFile(std::string name, std::unique_ptr<pcap, Closer> handle, LinkType link_type);

  std::string name_;
  std::unique_ptr<pcap, Closer> handle_;
  LinkType link_type_;
  std::uint64_t frames_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace agent::replay
