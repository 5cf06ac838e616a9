// SPDX-License-Identifier: Apache-2.0
#include "tests/support/emulated_link.hpp"

#include <gtest/gtest.h>

#include "lldp/base/deadlines.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/ethernet.hpp"

namespace support {
namespace {

vdp::PortConfig config_of(lldp::EvbRole role, std::uint8_t last_octet) {
  vdp::PortConfig config;
  config.evb.role = role;
  config.address = {{0x02, 0, 0, 0, 0, last_octet}};
  const base::Octets mac(config.address.octets.begin(), config.address.octets.end());
  config.lldp.local.chassis_id = {4, mac};
  config.lldp.local.port_id = {3, mac};
  return config;
}

}  // namespace

vdp::PortConfig EmulatedLink::station_config() { return config_of(lldp::EvbRole::kStation, 0xA1); }

vdp::PortConfig EmulatedLink::bridge_config() { return config_of(lldp::EvbRole::kBridge, 0xB1); }

vdp::VsiRequest EmulatedLink::request(std::uint32_t number) {
  const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(number >> shift); };
  vdp::VsiRequest request;
  request.id.octets = {0x5E, 0x1F, 0, 0, 0, 0,         0x40,     0,
                       0x80, 0,    0, 0, 0, octet(16), octet(8), octet(0)};
  request.vsi_type = {1, 1};
  vdp::FilterEntry entry;
  entry.mac = {{0x52, 0x54, 0x00, octet(16), octet(8), octet(0)}};
  entry.vid = 10;
  request.filters = {vdp::FilterFormat::kMacVid, {entry}};
  return request;
}

std::uint16_t EmulatedLink::vid_for(const vdp::VsiId& id) {
  return static_cast<std::uint16_t>(100 + id.octets[15]);
}

EmulatedLink::EmulatedLink(const vdp::PortConfig& station_config,
                           const vdp::PortConfig& bridge_config, std::uint32_t seed)
    : station(station_config), bridge(bridge_config), random_(seed) {}

void EmulatedLink::bring_up() {
  link(kStation, true);
  link(kBridge, true);
  advance(std::chrono::seconds(1));
}

void EmulatedLink::feed(Side side, const vdp::Input& input) {
  vdp::Outputs out = std::move(outputs_);
  out.clear();
  port(side).handle(now, input, out);
  carry_out(side, out);
  outputs_ = std::move(out);
}

std::optional<base::Instant> EmulatedLink::next_event() const {
  auto next = base::earlier(station.deadline(), bridge.deadline());
  if (!events_.empty()) next = base::earlier(next, events_.begin()->first);
  return next;
}

void EmulatedLink::advance(base::Duration by) {
  const auto until = now + by;
  int wakes_at_once = 0;
  for (auto next = next_event(); next && *next <= until; next = next_event()) {
    wakes_at_once = *next > now ? 0 : wakes_at_once + 1;
    now = std::max(now, *next);
    if (!events_.empty() && events_.begin()->first <= now) {
      const auto event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      if (const auto* frame = std::get_if<base::Octets>(&event.what)) {
        feed(event.to, vdp::FrameReceived{*frame});
      } else {
        feed(event.to, std::get<vdp::Input>(event.what));
      }
      wakes_at_once = 0;
      continue;
    }
    ASSERT_LT(wakes_at_once, 100) << "a port does not come to rest";
    for (const auto side : {kStation, kBridge}) {
      const auto deadline = port(side).deadline();
      if (deadline && *deadline <= now) feed(side, vdp::TimePassed{});
    }
  }
  now = until;
}

void EmulatedLink::carry_out(Side from, vdp::Outputs& out) {
  for (auto& output : out) {
    std::visit(base::Overload{
                   [&](vdp::SendFrame& order) { transmit(from, std::move(order.frame)); },
                   [&](vdp::ResolveVsiType& question) { resolve(question); },
                   [&](vdp::AdmitVsi& order) { admit(order); },
                   [&](vdp::ReleaseVsi& order) { idle_releases += admitted.erase(order.id) == 0; },
                   [&](vdp::SetReflectiveRelay& order) {
                     at({}, from, vdp::Input(vdp::ReflectiveRelayChanged{order.on}));
                   },
                   [&](vdp::VsiChanged& fact) {
                     if (keep_told && from == kStation) told[fact.id].push_back(fact);
                   },
                   [](const auto&) {},
               },
               output);
  }
}

void EmulatedLink::transmit(Side from, base::Octets frame) {
  const auto ethertype = base::u16_at(frame, 12);
  ++(ethertype == lldp::kLldpEthertype ? lldp_frames : ecp_frames);
  const Side to = from == kStation ? kBridge : kStation;
  const auto disorder = [&] {
    return base::Duration(draw(static_cast<unsigned>(faults.disorder.count())));
  };
  if (faults.repetition > 0 && draw(100) < faults.repetition) at(delay + disorder(), to, frame);
  if (faults.loss > 0 && draw(100) < faults.loss) return;
  const bool late = faults.reordering > 0 && draw(100) < faults.reordering;
  at(late ? delay + disorder() : delay, to, std::move(frame));
}

void EmulatedLink::resolve(const vdp::ResolveVsiType& question) {
  const auto said = database(question);
  if (!said) return;
  vdp::VsiTypeResolved answer{question.question, said->reason, said->hard, question.filters};
  for (auto& entry : answer.filters.entries) {
    if (entry.vid == 0) entry.vid = vid_for(question.id);
  }
  at(said->delay, kBridge, vdp::Input(std::move(answer)));
}

void EmulatedLink::admit(const vdp::AdmitVsi& order) {
  const auto reason = admission(order);
  if (reason == vdp::Reason::kSuccess) admitted.insert_or_assign(order.id, order);
  at({}, kBridge, vdp::Input(vdp::VsiAdmitted{order.question, reason}));
}

void EmulatedLink::at(base::Duration from_now, Side to,
                      std::variant<base::Octets, vdp::Input> what) {
  events_.emplace(now + from_now, Event{to, std::move(what)});
}

}  // namespace support
