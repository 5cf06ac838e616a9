// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "agent/ctl/json.hpp"
#include "agent/ctl/numbers.hpp"
#include "agent/ctl/terminal.hpp"
#include "agent/ctl/text.hpp"

namespace agent::ctl {
namespace {

constexpr std::uint32_t kMostOctets = 1U << 30U;
constexpr std::uint32_t kLeastOctets = 65'536;

/// The request that the command line asks for; the error is a sentence.
tl::expected<pb::Request, std::string> request_of(const cli::Arguments& arguments) {
  pb::Request request;
  if (arguments.command->verb == "stop") {
    request.mutable_capture_stop();
  } else if (arguments.command->verb == "show") {
    request.mutable_capture_show();
  } else {
    auto& start = *request.mutable_capture_start();
    for (const auto& port : arguments.values("--port")) start.add_ports(port);
    if (const auto text = arguments.value("--max-octets")) {
      const auto octets = parse_number(*text, kLeastOctets, kMostOctets);
      if (!octets) {
        return tl::unexpected(fmt::format("--max-octets '{}' {}.", *text, octets.error()));
      }
      start.set_max_octets(*octets);
    }
  }
  return request;
}

/// The error is a sentence. A file that is there already is left as it is.
template <class Pieces>
tl::expected<std::size_t, std::string> write_new(const std::filesystem::path& path,
                                                 const Pieces& pieces) {
  if (std::filesystem::exists(path)) {
    return tl::unexpected(fmt::format("{} is there already; name another folder.", path.string()));
  }
  std::ofstream file(path, std::ios::binary);
  std::size_t octets = 0;
  for (const auto& piece : pieces) {
    file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    octets += piece.size();
  }
  file.close();
  if (!file) {
    return tl::unexpected(
        fmt::format("{} cannot be written: {}.", path.string(), std::strerror(errno)));
  }
  return octets;
}

}  // namespace

Exit capture(const Terminal& terminal) {
  auto request = request_of(terminal.arguments);
  if (!request) return terminal.fail(Exit::kUsage, request.error());
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(*std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  terminal.print(terminal.json() ? json_array({&response->capture()})
                                 : capture_text(response->capture()));
  return Exit::kOk;
}

Exit save_capture(const Terminal& terminal) {
  const std::filesystem::path folder = terminal.arguments.operands.front();
  pb::Request request;
  request.mutable_capture_save();
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return terminal.fail(Exit::kFailed,
                         fmt::format("{} cannot be made: {}.", folder.string(), error.message()));
  }
  for (const auto& [name, pieces] :
       {std::pair(folder / "frames.pcapng", &response->capture_data().pcapng()),
        std::pair(folder / "stimuli.txt", &response->capture_data().journal())}) {
    const auto written = write_new(name, *pieces);
    if (!written) return terminal.fail(Exit::kFailed, written.error());
    if (!terminal.json()) terminal.print(fmt::format("{}: {} octets\n", name.string(), *written));
  }
  return Exit::kOk;
}

std::string capture_text(const pb::CaptureStatus& status) {
  if (!status.on() && status.max_octets() == 0) return "Nothing is or was recorded.\n";
  auto text = fmt::format(
      "{}, {}\n", status.on() ? "recording" : "stopped",
      status.ports().empty() ? "all ports" : fmt::format("{}", fmt::join(status.ports(), ", ")));
  text += fmt::format("  {} frames, {} stimuli, {} of {} octets\n", status.frames(),
                      status.stimuli(), status.octets(), status.max_octets());
  if (status.dropped() > 0) {
    text += fmt::format("  {} older stimuli made room: a replay begins midway\n", status.dropped());
  }
  return text;
}

}  // namespace agent::ctl
