// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "vdp/port_events.hpp"

namespace agent::capture {

/// One thing that went through PortDriver::feed.
struct Stimulus {
  base::Instant at;
  vdp::Input input;
  std::shared_ptr<const base::Octets> frame;  ///< what a FrameReceived points into
  bool together = false;                      ///< given to the core in one call with the one before
};

/// Where TimePassed comes from in a replay.
enum class Timers : std::uint8_t {
  kRecorded,   ///< from the journal, late as they were: exactly what happened
  kDeadlines,  ///< at each instant of Port::deadline(): what should have happened
};

/// All that one port's core was told, from `config` on. The first instant is 0.
struct PortJournal {
  std::string port;
  Timers timers = Timers::kRecorded;
  /// False: the journal begins in the middle of the port's life, or its oldest stimuli were
  /// dropped, so a replay begins with a port that knows less than the recorded one did.
  bool from_start = true;
  std::int64_t began = 0;  ///< wall clock of instant 0, microseconds since 1970; 0: not known
  vdp::PortConfig config;
  std::vector<Stimulus> stimuli;
  base::Duration length{};  ///< until when the port was watched
};

/// The text of a stimuli.txt; captures/README.md describes it.
struct Journal {
  std::vector<PortJournal> ports;
};

struct JournalError {
  unsigned line;  ///< from 1
  std::string reason;
};

/// The first line of every journal.
inline constexpr std::string_view kJournalHeading = "evbd journal 1";
/// A reader refuses more.
inline constexpr std::size_t kMaxJournal = std::size_t{1} << 30U;

std::string print(const Journal& journal);
tl::expected<Journal, JournalError> parse_journal(std::string_view text);

/// The pieces of print(), for who writes a long journal bit by bit.
std::string port_heading(const PortJournal& port);
std::string stimulus_line(base::Duration at, const Stimulus& stimulus);
std::string end_line(base::Duration at);

}  // namespace agent::capture
