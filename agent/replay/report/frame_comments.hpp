// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/pcapng_writer.hpp"
#include "lldp/base/bytes.hpp"

namespace agent::replay::report {

/// What a pcapng file says of its frames. libpcap does not hand comments out, so they are read
/// beside it, block by block (draft-ietf-opsawg-pcapng). Whatever is not to be understood ends the
/// comments: what is wrong with a capture is libpcap's to tell.
class FrameComments {
 public:
  /// Of anything but a pcapng file there are none.
  explicit FrameComments(const std::string& path);
  /// Takes over an open file.
  explicit FrameComments(std::FILE* file);

  /// Of the next frame, in the order of the file; valid until the next call. Several comments are
  /// joined, long ones cut.
  std::string_view next();

  // Of the frame of the last next():
  capture::Direction direction() const { return direction_; }
  /// Its place among interfaces(), which grow as the file is read.
  std::size_t interface() const { return interface_; }
  const std::vector<std::string>& interfaces() const { return interfaces_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  bool read_block(std::uint32_t& type);
  void take_options(std::size_t at);
  void take_interface();
  std::string option_text(std::size_t at, std::size_t length) const;
  std::uint32_t number(std::size_t at, std::size_t width) const;

  std::unique_ptr<std::FILE, Closer> file_;
  bool big_endian_ = false;
  std::vector<std::uint8_t> body_;
  std::string comment_;
  capture::Direction direction_ = capture::Direction::kUnknown;
  std::size_t interface_ = 0;
  std::size_t section_ = 0;  ///< how many interfaces stand in the sections before
  std::vector<std::string> interfaces_;
};

}  // namespace agent::replay::report
