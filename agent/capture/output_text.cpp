// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/output_text.hpp"

#include "agent/capture/words.hpp"
#include "agent/replay/decoded_frame.hpp"
#include "agent/replay/frame_line.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/printable.hpp"

namespace agent::capture {
namespace {

std::string failure_text(const vdp::Failure& failure) {
  WordWriter write;
  write("command", failure.command);
  write("reason", failure.reason);
  write.flag("hard", failure.hard);
  write.flag("keep", failure.keep);
  if (failure.local != vdp::LocalRefusal::kNone) {
    write("local", std::string(to_string(failure.local)));
  }
  write.flag("ecp-unacknowledged", failure.ecp_unacknowledged);
  return std::move(write).take();
}

std::string vsi_text(const vdp::VsiChanged& change) {
  auto text = fmt::format("vsi {} {} cause={}", Text<vdp::VsiId>::write(change.id),
                          one_word(to_string(change.state)), one_word(to_string(change.cause)));
  if (change.failure) text += failure_text(*change.failure);
  if (change.gone) text += " gone";
  return text;
}

template <class Order>
std::string question_text(std::string_view verb, const Order& order) {
  WordWriter write;
  write("vsi", order.id);
  write("question", order.question.number);
  write("manager", order.manager);
  write("vsi-type", order.vsi_type.id);
  write("version", order.vsi_type.version);
  write("filters", order.filters);
  return std::string(verb) + std::move(write).take();
}

std::string evb_text(const lldp::EvbOperational& evb) {
  WordWriter write;
  write("r", evb.max_retries);
  write("rte", evb.retransmit_exponent);
  write("rwd", evb.resource_wait_delay);
  write("rka", evb.reinit_keep_alive);
  write("group-ids", evb.group_ids);
  write("relay", static_cast<int>(evb.relay_status));
  if (evb.dialect == lldp::Dialect::kDraft02) write("dialect", std::string(to_string(evb.dialect)));
  return (evb.on ? "evb on" : "evb off") + std::move(write).take();
}

std::string s_channels_text(const vdp::Port& core) {
  const auto* const cdcp = core.cdcp();
  if (cdcp == nullptr) return "s-channels off";
  auto text = fmt::format("s-channels {}", to_string(cdcp->state()));
  for (const auto& channel : cdcp->channels()) {
    text += fmt::format(" {}:{}", channel.scid, channel.svid);
  }
  return text;
}

}  // namespace

std::string frame_summary(base::Bytes frame) {
  replay::DecodedFrame decoded;
  decode_frame(replay::LinkType::kEthernet, {1, 0, frame, frame.size()}, decoded);
  std::string text;
  append_summary(text, decoded);
  for (const auto& fault : decoded.faults) text += "; " + fault_text(fault);
  return text;
}

std::string output_text(const vdp::Output& output, const vdp::Port& core) {
  return std::visit(base::Overload{
                        [](const vdp::SendFrame& order) {
                          return fmt::format("send {}  ; {}", lldp::to_hex(order.frame),
                                             frame_summary(order.frame));
                        },
                        [](const vdp::ResolveVsiType& question) {
                          return question_text("resolve", question) +
                                 " type=" + Text<vdp::AssociationType>::write(question.type);
                        },
                        [](const vdp::AdmitVsi& order) { return question_text("admit", order); },
                        [](const vdp::ReleaseVsi& order) {
                          return "release vsi=" + Text<vdp::VsiId>::write(order.id);
                        },
                        [](const vdp::SetReflectiveRelay& order) {
                          return std::string(order.on ? "relay on" : "relay off");
                        },
                        [](const vdp::VsiChanged& change) { return vsi_text(change); },
                        [](const vdp::RequestRefused& refused) {
                          return fmt::format("request-refused vsi={} because={}",
                                             Text<vdp::VsiId>::write(refused.id),
                                             one_word(to_string(refused.refusal)));
                        },
                        [](const vdp::EvbChanged& change) { return evb_text(change.operational); },
                        [&](const vdp::NeighborsChanged&) {
                          return fmt::format("neighbors {}", core.neighbors().size());
                        },
                        [&](const vdp::SChannelsChanged&) { return s_channels_text(core); },
                        [](const vdp::FrameRefused& refused) {
                          return fmt::format("frame-refused octet={} rule={}", refused.error.octet,
                                             one_word(base::to_string(refused.error.fault)));
                        },
                        [](const vdp::EcpDeliveryFailed& failed) {
                          return fmt::format("undelivered sequence={}", failed.sequence);
                        },
                    },
                    output);
}

std::string state_text(const vdp::Port& core) {
  auto text = fmt::format("state {}\n", evb_text(core.evb().operational()));
  for (const auto& vsi : core.vsis()) {
    text += fmt::format("state vsi {} {} machine={} timer={} filters={}\n",
                        Text<vdp::VsiId>::write(vsi.id), one_word(to_string(vsi.state)),
                        vsi.machine_state, vsi.timer.empty() ? "none" : vsi.timer,
                        Text<vdp::FilterInfo>::write(vsi.filters));
  }
  if (core.cdcp() != nullptr) text += fmt::format("state {}\n", s_channels_text(core));
  const auto ecp = core.ecp();
  const auto& count = ecp.counters;
  text += fmt::format(
      "state ecp sent={} retries={} failures={} acks={} acks-ignored={} received={} "
      "duplicates={} refused={}\n",
      count.requests_sent, count.retries, count.failures, count.acks_received, count.acks_ignored,
      count.requests_received, count.duplicates, count.refused);
  return text;
}

}  // namespace agent::capture
