// SPDX-License-Identifier: Apache-2.0
// evbreplay run with a capture: one side of it, told to our core or played to a live peer.
#include <net/if.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "agent/capture/value_text.hpp"
#include "agent/replay/capture_run.hpp"
#include "agent/replay/difference.hpp"
#include "agent/replay/live.hpp"
#include "agent/replay/run.hpp"

namespace agent::replay {
namespace {

template <class T>
using Asked = tl::expected<T, std::string>;

Asked<lldp::EvbRole> role_of(const cli::Arguments& arguments) {
  const auto word = arguments.value("--as");
  const auto role = word ? capture::Text<lldp::EvbRole>::read(*word) : std::nullopt;
  if (role) return *role;
  return tl::unexpected(word ? fmt::format("--as '{}' is not station or bridge.", *word)
                             : "--as station or --as bridge says which side is played.");
}

/// "FROM=TO", both UUIDs or both MAC addresses.
Asked<std::pair<base::Octets, base::Octets>> read_replacement(const std::string& text) {
  const auto equals = text.find('=');
  const auto octets = [](std::string_view word) {
    base::Octets found;
    if (const auto vsi = vdp::parse_uuid(word)) {
      found.assign(vsi->octets.begin(), vsi->octets.end());
    } else if (const auto mac = lldp::parse_mac_address(word)) {
      found.assign(mac->octets.begin(), mac->octets.end());
    }
    return found;
  };
  if (equals != std::string::npos) {
    auto from = octets(std::string_view(text).substr(0, equals));
    auto to = octets(std::string_view(text).substr(equals + 1));
    if (!from.empty() && from.size() == to.size()) return std::pair(from, to);
  }
  return tl::unexpected(
      fmt::format("--replace '{}' is no FROM=TO of two UUIDs or two MAC addresses.", text));
}

Asked<double> read_positive(const std::string& name, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() + text.size() && std::isfinite(value) && value >= 0.001 && value <= 1e6) {
    return value;
  }
  return tl::unexpected(fmt::format("{} '{}' is no number 0.001..1000000.", name, text));
}

Asked<LiveOptions> live_options(const cli::Arguments& arguments) {
  LiveOptions options;
  options.interface = arguments.value("--interface").value_or("");
  options.speed = 1.0;
  if (const auto speed = arguments.value("--speed"); speed && *speed == "max") {
    options.speed.reset();
  } else if (speed) {
    const auto factor = read_positive("--speed", *speed);
    if (!factor) return tl::unexpected(factor.error());
    options.speed = *factor;
  }
  if (const auto text = arguments.value("--patience")) {
    const auto seconds = read_positive("--patience", *text);
    if (!seconds) return tl::unexpected(seconds.error());
    options.patience = std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000));
  }
  for (const auto& text : arguments.values("--replace")) {
    auto replacement = read_replacement(text);
    if (!replacement) return tl::unexpected(replacement.error());
    options.replaced.push_back(*std::move(replacement));
  }
  return options;
}

std::string differences(const Part& part, const LiveRun& live) {
  const auto lines = [](const std::vector<std::string>& facts) {
    return std::vector<std::string_view>(facts.begin(), facts.end());
  };
  std::string text;
  for (const auto& sentence : live.troubles()) text += sentence + "\n";
  const auto lldp = difference(lines(part.answers.lldp()), lines(live.answers().lldp()));
  const auto vdp = difference(lines(part.answers.vdp()), lines(live.answers().vdp()));
  if (!lldp.empty()) text += "EVB TLVs of the peer (- recorded, + now)\n" + lldp;
  if (!vdp.empty()) text += "VDP of the peer (- recorded, + now)\n" + vdp;
  return text;
}

}  // namespace

Exit run_live(const Session& session, const std::string& path) {
  const auto role = role_of(session.arguments);
  if (!role) return session.fail(Exit::kUsage, role.error());
  auto options = live_options(session.arguments);
  if (!options) return session.fail(Exit::kUsage, options.error());
  if (::if_nametoindex(options->interface.c_str()) == 0) {
    return session.fail(Exit::kMissing,
                        fmt::format("there is no interface '{}'.", options->interface));
  }
  PartReader reader(*role);
  const auto read = read_capture(session, path, [&](const DecodedFrame& frame) {
    reader.take(frame);
    return true;
  });
  if (read != Exit::kOk) return read;
  const auto part = reader.finish();
  if (!part) return session.fail(Exit::kUnusable, fmt::format("{}: {}.", path, part.error()));
  LiveRun live(*part, *options);
  if (const auto opened = live.open(); !opened) {
    const bool forbidden = errno == EPERM || errno == EACCES;
    return session.fail(
        forbidden ? Exit::kForbidden : Exit::kFailed,
        fmt::format("{}: {}; it needs CAP_NET_RAW.", options->interface, opened.error()));
  }
  live.run();
  const auto differs = differences(*part, live);
  session.print(differs.empty() ? fmt::format("{} steps played; the peer said what was recorded\n",
                                              part->steps.size())
                                : differs);
  return differs.empty() ? Exit::kOk : Exit::kBroken;
}

Exit run_capture(const Session& session, const std::string& path) {
  const auto role = role_of(session.arguments);
  if (!role) return session.fail(Exit::kUsage, role.error());
  CaptureRun run(*role);
  const auto read = read_capture(session, path, [&](const DecodedFrame& frame) {
    run.take(frame);
    return true;
  });
  if (read != Exit::kOk) return read;
  if (const auto done = run.finish(); !done) {
    return session.fail(Exit::kUnusable, fmt::format("{}: {}.", path, done.error()));
  }
  const auto differs = run.differences();
  if (!session.arguments.has("--expect")) session.print(run.text());
  session.print(differs);
  return session.arguments.has("--expect") && !differs.empty() ? Exit::kBroken : Exit::kOk;
}

}  // namespace agent::replay
