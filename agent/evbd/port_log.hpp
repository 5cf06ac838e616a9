// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/evbd/log.hpp"
#include "agent/evbd/rate_limit.hpp"
#include "vdp/port.hpp"

namespace agent {

/// What of a port's outputs is worth a line of the log.
class PortLog {
 public:
  PortLog(Log& log, std::string port) : log_(log), port_(std::move(port)) {}

  /// `core` is the port after the output.
  void output(base::Instant now, const vdp::Output& output, const vdp::Port& core);
  /// Bridge: a question of a VSI that was answered with no.
  void refused(base::Instant now, const vdp::ResolveVsiType& question, vdp::Reason reason,
               const std::string& trouble);
  void not_admitted(base::Instant now, const std::string& trouble);
  /// A frame could not be sent or received.
  void trouble(base::Instant now, const std::string& sentence);

 private:
  void evb(const vdp::EvbChanged& change);
  void s_channels(const vdp::Port& core);
  void vsi(base::Instant now, const vdp::VsiChanged& change);
  void frame_refused(base::Instant now, const base::DecodeError& error);
  template <class... Args>
  void limited(RateLimit& limit, base::Instant now, LogLevel level,
               fmt::format_string<Args...> format, Args&&... args);

  Log& log_;
  std::string port_;
  bool evb_on_ = false;
  std::size_t neighbors_ = 0;
  std::vector<lldp::SChannel> s_channels_;
  RateLimit frames_;
  RateLimit deliveries_;
  RateLimit troubles_;
  RateLimit refusals_;
  RateLimit vsis_{100, std::chrono::seconds(1)};  // thousands may change at once
};

}  // namespace agent
