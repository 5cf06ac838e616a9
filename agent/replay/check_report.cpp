// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/check_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/replay/state_names.hpp"

namespace agent::replay {
namespace {

constexpr std::size_t kShownVsis = 50;
constexpr std::size_t kShownMoments = 12;

double seconds_from(const Finding& finding, Moment moment) {
  return static_cast<double>(moment.at - finding.conversation.first().at) / 1e9;
}

/// RTE alone is negotiated in draft 0.2, and its times are fixed.
std::string draft_values_text(const lldp::EvbOperational& values) {
  return fmt::format(
      "draft 0.2, {}: RTE {}, unused; ackTimer {}, answers {}, keep-alives {}, relay {}",
      values.on ? "EVB on" : "ECP and VDP are not supported by both", values.retransmit_exponent,
      time_text(values.ack_time().count() * 1000),
      time_text(values.response_wait_time().count() * 1000),
      time_text(values.keep_alive_time().count() * 1000),
      values.relay_status == lldp::RelayStatus::kOn ? "on" : "off");
}

std::string values_text(const InForce& values) {
  if (!values) return "values unknown";
  if (values->dialect == lldp::Dialect::kDraft02) return draft_values_text(*values);
  return fmt::format(
      "{}: R {}, ackTimer {}, respWaitDelay {}, reinitKeepAlive {}, toutKeepAlive {}, "
      "reflective relay {}{}",
      values->on ? "EVB on" : "EVB off", values->max_retries,
      time_text(values->ack_time().count() * 1000),
      time_text(values->response_wait_time().count() * 1000),
      time_text(values->keep_alive_time().count() * 1000),
      time_text(values->keep_alive_timeout().count() * 1000),
      values->relay_status == lldp::RelayStatus::kOn ? "on" : "off",
      values->group_ids ? ", GroupIDs" : "");
}

class Text {
 public:
  explicit Text(const Finding& finding) : finding_(finding), talk_(finding.conversation) {}

  std::string run() {
    line("{}: {} frames in {:.3f} s", finding_.file, finding_.frames,
         seconds_from(finding_, talk_.last()));
    condition();
    ends();
    values();
    vsis();
    deviations();
    verdict();
    return std::move(text_);
  }

 private:
  template <class... T>
  void line(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<T>(values)...);
    text_ += '\n';
  }

  void condition() {
    const auto told = talk_.condition().sentences();
    if (!told.empty()) line("\nCapture");
    for (const auto& sentence : told) line("  {}", sentence);
  }

  void ends() {
    line("\nEnds");
    if (talk_.ends().empty()) line("  none: no EVB TLV and no ECP in this capture");
    for (std::size_t i = 0; i < talk_.ends().size(); ++i) {
      const auto& end = talk_.ends()[i];
      line("  {:<8} {}{}  frames {} to {}{}", to_string(end.role), to_string(end.address),
           end.service_vid == 0 ? "" : fmt::format(" S-VID {}", end.service_vid), end.first.frame,
           end.last.frame, end.peer ? "" : ", its peer is not in the capture");
      exchanges(i);
      for (const auto kind : {TimerKind::kAck, TimerKind::kResponse, TimerKind::kKeepAlive}) {
        timer(i, kind);
      }
    }
  }

  void exchanges(std::size_t end) {
    const auto& sum = talk_.exchanges_of(end);
    if (sum.requests == 0) return;
    line("    ECP requests {}, sent again {}, given up {}, acknowledged {}", sum.requests,
         sum.resends, sum.given_up, sum.acknowledged);
    if (sum.acknowledged == 0) return;
    line("    round trip {} on average, {} at most",
         time_text(static_cast<Nanoseconds>(sum.sum / sum.acknowledged * 1000)),
         time_text(static_cast<Nanoseconds>(sum.slowest * 1000)));
  }

  void timer(std::size_t end, TimerKind kind) {
    const auto& all = talk_.statistics(end, kind);
    if (all.count == 0) return;
    line("    {}: {} measured, {} to {}, {} on average", to_string(kind), all.count,
         time_text(all.shortest), time_text(all.longest), time_text(all.mean()));
  }

  void values() {
    InForce last;
    bool begun = false;
    for (const auto& change : talk_.evb_changes()) {
      if (change.in_force == last) continue;
      if (!std::exchange(begun, true)) line("\nIn force");
      last = change.in_force;
      line("  frame {} ({:.3f} s)  {}", change.moment.frame, seconds_from(finding_, change.moment),
           values_text(change.in_force));
    }
  }

  void vsis() {
    if (talk_.vsis().empty()) return;
    line("\nVSIs");
    std::size_t shown = 0;
    for (const auto& life : talk_.vsis()) {
      if (++shown > kShownVsis) {
        line("  {} more", talk_.vsis().size() - kShownVsis);
        break;
      }
      vsi(life);
    }
  }

  void vsi(const VsiLife& life) {
    line("  {}  manager {}, type {} version {}: {}, {} keep-alives", to_string(life.id),
         manager_text(life), life.request.vsi_type.id, life.request.vsi_type.version,
         to_string(life.state), life.keep_alives);
    const auto count = life.timeline.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (count > kShownMoments && i == kShownMoments / 2) {
        i = count - kShownMoments / 2;
        line("    ...");
      }
      const auto& moment = life.timeline[i];
      line("    frame {} ({:.3f} s)  {}; station {}, bridge {}: {}", moment.moment.frame,
           seconds_from(finding_, moment.moment), to_string(moment.state), station_state(moment),
           bridge_state(moment), to_string(moment.cause));
    }
  }

  void deviations() {
    const auto found = finding_.verdict.deviations();
    line("\nDeviations");
    if (found.empty()) line("  none");
    for (const auto& one : found) {
      line("  {:<6} frame {} ({:.3f} s)  {}  {}{}", to_string(one.rule->severity), one.moment.frame,
           seconds_from(finding_, one.moment), one.rule->id, one.who,
           one.vsi.empty() ? "" : fmt::format(", VSI {}", one.vsi));
      line("         {} ({}, {})", one.rule->rule, one.rule->clause, one.rule->statement);
      line("         expected {}; seen {}", one.expected, one.seen);
      line("         likely: {}", one.rule->cause);
      line("         Wireshark: {}", one.display_filter());
      if (one.times > 1) {
        line("         {} times, the last in frame {}", one.times, one.again.frame);
      }
    }
    for (const auto* rule : all_rules()) {
      auto more = finding_.verdict.count(*rule).broken;
      for (const auto& one : found) more -= one.rule == rule ? one.times : 0;
      if (more > 0) line("  {} more of {}", more, rule->id);
    }
  }

  void verdict() {
    std::string exercised;
    std::string broken;
    for (const auto& [statement, count] : finding_.verdict.statements()) {
      if (count.held + count.broken > 0) exercised += fmt::format(" {}", statement);
      if (count.broken > 0) broken += fmt::format(" {}", statement);
    }
    line("\nStatements exercised:{}", exercised.empty() ? " none" : exercised);
    if (!broken.empty()) line("Statements broken:{}", broken);
    line("Verdict: {} must, {} should, {} notes", finding_.verdict.broken(Severity::kMust),
         finding_.verdict.broken(Severity::kShould), finding_.verdict.broken(Severity::kNote));
  }

  const Finding& finding_;
  const Conversation& talk_;
  std::string text_;
};

}  // namespace

std::string finding_text(const Finding& finding) { return Text(finding).run(); }

std::string rules_text() {
  std::string text;
  for (const auto* rule : all_rules()) {
    text += fmt::format("{:<29} {:<6} {:<4} {:<18} {}\n", rule->id, to_string(rule->severity),
                        rule->statement, rule->clause, rule->rule);
  }
  return text;
}

}  // namespace agent::replay
