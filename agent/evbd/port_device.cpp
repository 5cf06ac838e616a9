// SPDX-License-Identifier: Apache-2.0
// The half of PortDriver that follows the interface and its Linux bridge.
#include <fmt/format.h>

#include <utility>

#include "agent/evbd/monotonic.hpp"
#include "agent/evbd/port_driver.hpp"
#include "lldp/ecp_framing.hpp"
#include "lldp/ethernet.hpp"

namespace agent {

vdp::PortConfig PortDriver::core_config() const {
  auto config = settings_.protocol;
  config.first_ecp_sequence = first_ecp_sequence_;
  net::Link link;
  link.name = settings_.name;
  if (link_) link = *link_;
  config.address = link.address;
  config.mtu = link.mtu;
  config.lldp.local = describe(services_.system, settings_, link);
  return config;
}

PortSockets::Destinations PortDriver::destinations() const {
  const auto& protocol = settings_.protocol;
  PortSockets::Destinations to{protocol.lldp_destination, {}};
  if (protocol.cdcp && protocol.cdcp_destination != protocol.lldp_destination) {
    to.others.push_back({lldp::kLldpEthertype, protocol.cdcp_destination});
  }
  for (const auto dialect : {lldp::Dialect::kRatified, lldp::Dialect::kDraft02}) {
    if (!lldp::may_speak(protocol.evb.dialect, dialect)) continue;
    to.others.push_back(
        {lldp::ecp_framing(dialect).ethertype, vdp::ecp_destination(protocol, dialect)});
  }
  return to;
}

/// Nothing may be granted that is not enforced: an enforcing port works only with its bridge.
bool PortDriver::usable() const {
  return link_ && link_->running && sockets_.is_open() && (!settings_.enforce || bridge_);
}

void PortDriver::follow_recorder() {
  tape_ = services_.recorder.tape(settings_.name, core_.config(), false, monotonic_now());
  tell_recorder_the_channel();
}

void PortDriver::tell_recorder_the_channel() {
  if (tape_) tape_->service_vid = link_ && link_->service_vlan ? link_->vid : std::uint16_t{0};
}

void PortDriver::follow_link() {
  const auto* const found = services_.links.find(settings_.name);
  const auto before = std::exchange(link_, found != nullptr ? std::optional(*found) : std::nullopt);
  const bool other_device = before && (!link_ || link_->index != before->index);
  tell_recorder_the_channel();
  if (other_device) {
    services_.log.notice("{}: the interface is gone", settings_.name);
    feed(vdp::LinkChanged{false});
    leave_bridge(true);
    sockets_.close();
  }
  if (link_) {
    if (services_.system.chassis == lldp::MacAddress{}) services_.system.chassis = link_->address;
    const bool master_changed = before && before->master != link_->master;
    if (!sockets_.is_open() || master_changed) open_sockets();
    follow_bridge();
    if (before != link_) feed(vdp::PortReconfigured{core_config()});
  }
  tell_link();
  services_.port_changed(settings_.name);
}

void PortDriver::tell_link() {
  const bool up = usable();
  if (up == core_.link_up()) return;
  services_.log.notice("{}: {}", settings_.name, up ? "the link is up" : info().trouble);
  feed(vdp::LinkChanged{up});
}

void PortDriver::open_sockets() {
  // What a bridge or a bond takes away never reaches a socket bound to an Ethertype.
  const bool taken_away = settings_.is_bridge() || link_->master != 0;
  const auto done = sockets_.open(link_->index, destinations(),
                                  taken_away ? net::Tap::kAll : net::Tap::kEthertype);
  socket_trouble_ = done ? std::string() : done.error();
  if (!done) services_.log.error("{}: {}", settings_.name, socket_trouble_);
}

void PortDriver::follow_bridge() {
  if (bridge_ && bridge_->original().bridge != link_->master) {
    feed(vdp::LinkChanged{false});
    leave_bridge(true);
  }
  if (!settings_.enforce) return;
  if (bridge_) {
    check_bridge_port();
    return;
  }
  auto taken = services_.bridges.take_over(link_->index);
  const auto trouble = std::exchange(bridge_trouble_, taken ? std::string() : taken.error());
  if (taken) {
    bridge_ = std::move(*taken);
    services_.log.notice("{}: the bridge port is locked; associated VSIs only", settings_.name);
  } else if (bridge_trouble_ != trouble) {
    services_.log.error("{}", bridge_trouble_);
  }
}

/// Somebody else may turn the port's flags with `bridge link set`.
void PortDriver::check_bridge_port() {
  const auto flags = bridge_->read_flags();
  if (!flags) return;
  if (!flags->locked.value_or(true)) {
    services_.log.warning("{}: somebody unlocked the bridge port; locked again", settings_.name);
    bridge_->lock();
  }
  const bool hairpin = flags->hairpin.value_or(false);
  if (hairpin != bridge_->hairpin()) {
    services_.log.warning("{}: somebody turned reflective relay {}", settings_.name,
                          hairpin ? "on" : "off");
    bridge_->note_hairpin(hairpin);
    feed(vdp::ReflectiveRelayChanged{hairpin});
  }
}

void PortDriver::leave_bridge(bool kernel_dropped_it) {
  if (!bridge_) return;
  if (kernel_dropped_it) {
    services_.bridges.forget(*bridge_);
  } else if (const auto done = services_.bridges.give_back(*bridge_); !done) {
    services_.log.error("{}", done.error());
  }
  bridge_.reset();
  bridge_trouble_.clear();
}

void PortDriver::reconfigure(PortSettings settings) {
  const auto to = destinations();
  const bool enforced = settings_.enforce;
  settings_ = std::move(settings);
  if (enforced && !settings_.enforce) leave_bridge(false);
  if (!settings_.enforce) bridge_trouble_.clear();
  if (link_ && destinations() != to) open_sockets();
  if (link_) follow_bridge();
  feed(vdp::PortReconfigured{core_config()});
  tell_link();
  services_.port_changed(settings_.name);
}

void PortDriver::shut_down(bool others_stay) {
  // A shutdown LLDPDU makes a bridge release all VSIs. The guests of a host outlive its agent,
  // which is back before the neighbour's TTL runs out or leaves their end to it.
  const bool guests = others_stay || (!settings_.is_bridge() && core_.vsi_count() > 0);
  if (!guests) feed(vdp::AdminStatusChanged{lldp::AdminStatus::kDisabled});
  leave_bridge(false);
  sockets_.close();
}

/// The S-channels of this port, or whose channel it is.
void PortDriver::tell_s_channels(PortInfo& info) const {
  info.uplink = settings_.uplink;
  info.scid = settings_.scid;
  // A device that is set down waits for its channel to come back: see SChannels.
  if (link_ && link_->admin_up && info.scid != 0) info.svid = link_->vid;
  const auto* const cdcp = core_.cdcp();
  if (cdcp == nullptr) return;
  for (const auto& channel : cdcp->local().channels) {
    if (channel.scid == lldp::kDefaultSChannel.scid) continue;
    info.s_channels[channel.scid] = s_channel_device(settings_, channel.scid);
  }
}

/// Why there is no interface that could work, in a sentence; empty when there is.
std::string PortDriver::absence() const {
  if (!settings_.uplink.empty() && (!link_ || !link_->admin_up)) {
    if (auto trouble = services_.channel_trouble(settings_.name); !trouble.empty()) return trouble;
    const auto* const why =
        settings_.is_bridge() ? "its device is not there yet" : "the bridge gives it no SVID";
    return fmt::format("S-channel {} of {} is down: {}; see `evbctl port show {}`", settings_.scid,
                       settings_.uplink, why, settings_.uplink);
  }
  if (!link_) return fmt::format("the interface {} does not exist", settings_.name);
  return {};
}

PortInfo PortDriver::info() const {
  PortInfo info;
  info.name = settings_.name;
  tell_s_channels(info);
  info.present = link_.has_value();
  info.trouble = absence();
  if (!link_) return info;
  if (settings_.is_bridge() && link_->bridge_port) {
    const auto* const bridge = services_.links.find(link_->master);
    if (bridge != nullptr) info.bridge = bridge->name;
  }
  if (!info.trouble.empty()) return info;
  if (!socket_trouble_.empty()) {
    info.trouble = socket_trouble_;
  } else if (settings_.enforce && !bridge_) {
    info.trouble = bridge_trouble_;
  } else if (!link_->admin_up) {
    info.trouble = "the interface is down; set it up with `ip link set " + settings_.name + " up`";
  } else if (!link_->running) {
    info.trouble = "the interface has no carrier";
  }
  return info;
}

}  // namespace agent
