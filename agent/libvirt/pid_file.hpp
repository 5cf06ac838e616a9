// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace agent::libvirt {

/// The file in which libvirt looks up its agent's netlink port id: /run/lldpad.pid, the only path
/// that libvirt knows. The number stays there until the object ends, and is removed only if it is
/// still ours then.
class PidFile {
 public:
  /// Whether somebody who lives has this port id, and who it is ("lldpad, PID 17"); "" if nobody.
  static std::string owner_of(std::uint32_t port_id);

  /// Whether the file may be taken over for this number; the error is a sentence.
  static tl::expected<void, std::string> check(const std::string& path, std::uint32_t port_id);
  /// Writes the number, as one step for readers. Refused while lldpad or another live owner of the
  /// number that stands there now runs; the error is a sentence.
  static tl::expected<PidFile, std::string> publish(const std::string& path, std::uint32_t port_id);

  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&& other) noexcept;
  ~PidFile();

 private:
  PidFile(std::string path, std::uint32_t port_id) : path_(std::move(path)), port_id_(port_id) {}

  std::string path_;
  std::uint32_t port_id_ = 0;  // 0: moved from
};

/// Reads the number as libvirt does: ten characters at most, digits and then a blank; nullopt when
/// libvirt would call it an error.
std::optional<std::uint32_t> parse_pid_file(std::string_view text);
/// The file's number; nullopt when there is no file, or nothing that libvirt can read.
std::optional<std::uint32_t> read_pid_file(const std::string& path);

}  // namespace agent::libvirt
