// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/journal.hpp"

#include "agent/capture/stimulus_text.hpp"
#include "agent/capture/words.hpp"

namespace agent::capture {
namespace {

using Fault = std::optional<std::string>;

/// Reads a journal line by line.
class Reader {
 public:
  Fault take(std::string_view line) {
    const auto words = words_of(line);
    if (words.empty()) return std::nullopt;
    if (words[0] == "port") return port(words);
    if (journal_.ports.empty()) return "a journal's second line begins with 'port'";
    if (words[0] == "config") return config(words);
    return timed(words);
  }

  /// What is missing at the end.
  Fault end() const {
    if (journal_.ports.empty()) return "there is no port in it";
    return configured_ ? Fault() : Fault("the port has no 'config' line");
  }

  Journal journal() && { return std::move(journal_); }

 private:
  Fault port(const std::vector<std::string_view>& words) {
    if (!journal_.ports.empty()) {
      if (auto fault = end()) return fault;
    }
    const auto name = words.size() > 1 ? unescaped(words[1]) : std::nullopt;
    if (!name || name->empty()) return "port: its name is missing";
    PortJournal port;
    port.port = *name;
    std::string timers = "recorded";
    std::string begins = "at-start";
    WordReader reader({words.begin() + 2, words.end()});
    reader("timers", timers);
    reader("begins", begins);
    reader("began", port.began);
    if (auto fault = reader.finish()) return fault;
    if (timers != "recorded" && timers != "deadlines") {
      return "timers: it is recorded or deadlines";
    }
    if (begins != "at-start" && begins != "midway") return "begins: it is at-start or midway";
    port.timers = timers == "recorded" ? Timers::kRecorded : Timers::kDeadlines;
    port.from_start = begins == "at-start";
    journal_.ports.push_back(std::move(port));
    configured_ = ended_ = false;
    return std::nullopt;
  }

  Fault config(const std::vector<std::string_view>& words) {
    if (configured_) return "config: the port has one already; later ones are 'reconfigured'";
    auto config = read_config({words.begin() + 1, words.end()});
    if (!config) return "config: " + config.error();
    journal_.ports.back().config = *std::move(config);
    configured_ = true;
    return std::nullopt;
  }

  Fault timed(const std::vector<std::string_view>& words) {
    auto& port = journal_.ports.back();
    if (!configured_) return "the port's 'config' line has to come first";
    if (ended_) return "the port's journal has ended";
    const auto at = parse_seconds(words[0]);
    if (!at) return fmt::format("'{}' is no time in seconds", escaped(words[0].substr(0, 30)));
    if (*at < port.length) return "the time is before that of the line above";
    port.length = *at;
    if (words.size() == 2 && words[1] == "end") {
      ended_ = true;
      return std::nullopt;
    }
    const bool together = words.size() > 1 && words[1] == "+";
    if (together && (port.stimuli.empty() || port.stimuli.back().at != base::Instant(*at))) {
      return "+: no stimulus of the same instant stands above it";
    }
    auto stimulus = read_stimulus({words.begin() + (together ? 2 : 1), words.end()});
    if (!stimulus) return stimulus.error();
    if (port.timers == Timers::kDeadlines &&
        std::holds_alternative<vdp::TimePassed>(stimulus->input)) {
      return "time: it stands in journals with timers=recorded only";
    }
    stimulus->at = base::Instant(*at);
    stimulus->together = together;
    port.stimuli.push_back(*std::move(stimulus));
    return std::nullopt;
  }

  Journal journal_;
  bool configured_ = false;
  bool ended_ = false;
};

}  // namespace

std::string port_heading(const PortJournal& port) {
  auto text = fmt::format("port {} timers={} begins={}", escaped(port.port),
                          port.timers == Timers::kRecorded ? "recorded" : "deadlines",
                          port.from_start ? "at-start" : "midway");
  if (port.began != 0) text += fmt::format(" began={}", port.began);
  return text + "\nconfig" + config_text(port.config) + "\n";
}

std::string stimulus_line(base::Duration at, const Stimulus& stimulus) {
  return fmt::format("{} {}{}\n", seconds_text(at), stimulus.together ? "+ " : "",
                     stimulus_text(stimulus.input));
}

std::string end_line(base::Duration at) { return fmt::format("{} end\n", seconds_text(at)); }

std::string print(const Journal& journal) {
  std::string text(kJournalHeading);
  text += '\n';
  for (const auto& port : journal.ports) {
    text += port_heading(port);
    for (const auto& stimulus : port.stimuli) {
      text += stimulus_line(stimulus.at.time_since_epoch(), stimulus);
    }
    text += end_line(port.length);
  }
  return text;
}

tl::expected<Journal, JournalError> parse_journal(std::string_view text) {
  if (text.size() > kMaxJournal) return tl::unexpected(JournalError{1, "it is longer than 1 GiB"});
  Reader reader;
  unsigned number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (++number == 1) {
      if (line == kJournalHeading) continue;
      return tl::unexpected(
          JournalError{1, fmt::format("it does not begin with '{}'", kJournalHeading)});
    }
    if (auto fault = reader.take(line)) return tl::unexpected(JournalError{number, *fault});
  }
  if (auto fault = reader.end()) return tl::unexpected(JournalError{number, *fault});
  return std::move(reader).journal();
}

}  // namespace agent::capture
