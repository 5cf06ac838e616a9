// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/pcapng_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "agent/capture/pcapng_writer.hpp"
#include "agent/version.hpp"

namespace agent::replay {
namespace {

constexpr std::size_t kFlushAt = std::size_t{1} << 16U;
constexpr std::uint16_t kCooked = 113;  // LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2
constexpr std::uint16_t kCooked2 = 276;

std::uint16_t number_of(LinkType type) {
  switch (type) {
    case LinkType::kEthernet: return capture::kEthernetLinkType;
    case LinkType::kLinuxCooked: return kCooked;
    case LinkType::kLinuxCooked2: return kCooked2;
  }
  return capture::kEthernetLinkType;
}

std::string cannot_be_written(const std::string& name) {
  return fmt::format("{}: cannot be written: {}.", name, std::strerror(errno));
}

}  // namespace

tl::expected<PcapngFile, std::string> PcapngFile::create(const std::string& path, LinkType type,
                                                         std::FILE* standard_output) {
  const bool standard = path == "-";
  PcapngFile made(standard ? "standard output" : path, type);
  if (!standard) made.own_.reset(std::fopen(path.c_str(), "wb"));
  made.file_ = standard ? standard_output : made.own_.get();
  if (made.file_ == nullptr) return tl::unexpected(cannot_be_written(path));
  capture::append_section_header(made.pending_, fmt::format("evbreplay {}", kVersion));
  return made;
}

void PcapngFile::flush() {
  failed_ |= std::fwrite(pending_.data(), 1, pending_.size(), file_) != pending_.size();
  pending_.clear();
}

std::optional<std::string> PcapngFile::write(const CapturedFrame& frame,
                                             const report::FrameComments& notes,
                                             std::string_view comment, Pseudonyms& pseudonyms) {
  if (frame.nanoseconds < 0) {
    return fmt::format("{}: the time of frame {} is before 1970.", name_, frame.number);
  }
  for (; interfaces_ < std::max<std::size_t>(notes.interfaces().size(), 1); ++interfaces_) {
    const auto& names = notes.interfaces();
    const auto name = interfaces_ < names.size() ? names[interfaces_] : std::string();
    base::Octets other(name.begin(), name.end());
    pseudonyms.text(other);
    capture::append_interface(pending_, {reinterpret_cast<const char*>(other.data()), other.size()},
                              number_of(type_), true);
  }
  const auto interface = notes.interface() < interfaces_ ? notes.interface() : 0;
  capture::append_frame(pending_, {static_cast<std::uint32_t>(interface), frame.nanoseconds,
                                   notes.direction(), frame.octets, comment, frame.wire_length});
  if (pending_.size() >= kFlushAt) flush();
  return std::nullopt;
}

std::optional<std::string> PcapngFile::finish() {
  flush();
  failed_ |= std::fflush(file_) != 0;
  return failed_ ? std::optional(cannot_be_written(name_)) : std::nullopt;
}

}  // namespace agent::replay
