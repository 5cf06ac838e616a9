// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/port_log.hpp"

#include <utility>
#include <variant>

#include "lldp/base/overload.hpp"

namespace agent {
namespace {

std::string explain(const vdp::Failure& failure) {
  std::string text(to_string(failure.cause));
  if (failure.reason != vdp::Reason::kSuccess) {
    text += fmt::format(", reason {} ({})", static_cast<int>(failure.reason),
                        to_string(failure.reason));
  }
  if (failure.local != vdp::LocalRefusal::kNone) {
    text += fmt::format(", {}", to_string(failure.local));
  }
  if (failure.hard) text += ", hard";
  if (failure.keep) text += ", what was agreed before stays";
  if (failure.ecp_unacknowledged) text += ", not even ECP was acknowledged";
  return text;
}

std::string_view name_of(lldp::RelayStatus status) {
  switch (status) {
    case lldp::RelayStatus::kOff: return "off";
    case lldp::RelayStatus::kOn: return "on";
    case lldp::RelayStatus::kUnknown2:
    case lldp::RelayStatus::kUnknown: break;
  }
  return "unknown";
}

}  // namespace

template <class... Args>
void PortLog::limited(RateLimit& limit, base::Instant now, LogLevel level,
                      fmt::format_string<Args...> format, Args&&... args) {
  if (!log_.enabled(level)) return;
  const auto silent = limit.pass(now);
  if (!silent) return;
  log_.line(level, format, std::forward<Args>(args)...);
  if (*silent > 0) log_.line(level, "{}: {} more like this were not logged", port_, *silent);
}

void PortLog::output(base::Instant now, const vdp::Output& output, const vdp::Port& core) {
  std::visit(base::Overload{
                 [&](const vdp::EvbChanged& change) { evb(change); },
                 [&](const vdp::VsiChanged& change) { vsi(now, change); },
                 [&](const vdp::RequestRefused& refused) {
                   log_.notice("{}: request for VSI {} refused: {}", port_,
                               vdp::to_string(refused.id), vdp::to_string(refused.refusal));
                 },
                 [&](const vdp::NeighborsChanged&) {
                   const auto count = core.neighbors().size();
                   if (std::exchange(neighbors_, count) == count) return;
                   log_.info("{}: {} LLDP neighbour(s) now", port_, count);
                 },
                 [&](const vdp::SChannelsChanged&) { s_channels(core); },
                 [&](const vdp::FrameRefused& refused) { frame_refused(now, refused.error); },
                 [&](const vdp::EcpDeliveryFailed& failed) {
                   limited(deliveries_, now, LogLevel::kWarning,
                           "{}: ECPDU {} was never acknowledged; is the neighbour's ECP alive?",
                           port_, failed.sequence);
                 },
                 [](const auto&) {},
             },
             output);
}

void PortLog::evb(const vdp::EvbChanged& change) {
  const auto& values = change.operational;
  if (values.on && values.dialect == lldp::Dialect::kDraft02) {
    log_.notice("{}: EVB is on in draft 0.2, reflective relay {}", port_,
                name_of(values.relay_status));
  } else if (values.on) {
    log_.notice("{}: EVB is on: R {}, RTE {}, RWD {}, RKA {}, GroupIDs {}, reflective relay {}",
                port_, values.max_retries, values.retransmit_exponent, values.resource_wait_delay,
                values.reinit_keep_alive, values.group_ids ? "yes" : "no",
                name_of(values.relay_status));
  } else if (evb_on_) {
    log_.notice("{}: EVB is off: no EVB neighbour", port_);
  }
  evb_on_ = values.on;
}

void PortLog::s_channels(const vdp::Port& core) {
  const auto* const cdcp = core.cdcp();
  auto channels = cdcp == nullptr ? std::vector<lldp::SChannel>() : cdcp->channels();
  if (std::exchange(s_channels_, channels) == channels) return;
  std::string text;
  for (const auto& channel : channels) {
    if (channel.scid == lldp::kDefaultSChannel.scid) continue;
    text += fmt::format("{} {} (SVID {})", text.empty() ? "" : ",", channel.scid, channel.svid);
  }
  log_.notice("{}: S-channels:{}", port_, text.empty() ? " none but the default one" : text);
}

void PortLog::vsi(base::Instant now, const vdp::VsiChanged& change) {
  auto level = change.cause == vdp::VsiCause::kRequested ? LogLevel::kDebug : LogLevel::kInfo;
  if (change.failure) level = LogLevel::kWarning;
  if (!log_.enabled(level)) return;
  const auto silent = vsis_.pass(now);
  if (!silent) return;
  if (*silent > 0) log_.line(level, "{}: {} more VSIs changed and were not logged", port_, *silent);
  log_.line(level, "{}: VSI {} is {}: {}", port_, vdp::to_string(change.id),
            vdp::to_string(change.state),
            change.failure ? explain(*change.failure) : std::string(vdp::to_string(change.cause)));
}

void PortLog::frame_refused(base::Instant now, const base::DecodeError& error) {
  // Reflective relay and the bridge's other ports make these two ordinary.
  const bool ordinary =
      error.fault == base::Fault::kOwnFrame || error.fault == base::Fault::kNotPermitted;
  limited(frames_, now, ordinary ? LogLevel::kDebug : LogLevel::kNotice,
          "{}: a frame was refused at octet {}: {}", port_, error.octet,
          base::to_string(error.fault));
}

void PortLog::refused(base::Instant now, const vdp::ResolveVsiType& question, vdp::Reason reason,
                      const std::string& trouble) {
  limited(refusals_, now, LogLevel::kNotice,
          "{}: VSI {} may not have VSI type {} version {} of manager {}: {}{}{}", port_,
          vdp::to_string(question.id), question.vsi_type.id, question.vsi_type.version,
          vdp::to_string(question.manager), vdp::to_string(reason), trouble.empty() ? "" : "; ",
          trouble);
}

void PortLog::not_admitted(base::Instant now, const std::string& trouble) {
  limited(refusals_, now, LogLevel::kWarning, "{}: {}", port_, trouble);
}

void PortLog::trouble(base::Instant now, const std::string& sentence) {
  limited(troubles_, now, LogLevel::kWarning, "{}: {}", port_, sentence);
}

}  // namespace agent
