// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "agent/capture/journal.hpp"
#include "vdp/port.hpp"

namespace agent::replay {

/// One core in virtual time. Every output is a line of text.
class OfflinePort {
 public:
  /// Answers what a core asks its surroundings for, as inputs to be fed at the same instant.
  using Answer = std::function<std::vector<vdp::Input>(const vdp::Output&)>;

  explicit OfflinePort(const vdp::PortConfig& config, Answer answer = {});

  /// Time before `at`: timers that run out are served at their instants.
  void advance(base::Instant at);
  /// Stimuli that are given to the core in one call.
  void feed(base::Instant at, std::span<const capture::Stimulus> stimuli);
  void feed(base::Instant at, const vdp::Input& input);

  const vdp::Port& core() const { return core_; }
  /// A line for each output, and what the port holds in the end.
  std::string text() const;
  const std::vector<base::Octets>& sent() const { return sent_; }

 private:
  vdp::Port core_;
  Answer answer_;
  std::string text_;
  base::Instant now_{};
  std::vector<base::Octets> sent_;
  bool restless_ = false;
};

/// The whole expected.txt of a journal: what each port puts out, told the same at the same
/// instants.
std::string replay(const capture::Journal& journal);
/// Takes the recorded instants of TimePassed out: timers are served when they are due instead.
void keep_deadlines(capture::Journal& journal);
/// One port of it, after the last stimulus.
OfflinePort run_port(const capture::PortJournal& port);

}  // namespace agent::replay
