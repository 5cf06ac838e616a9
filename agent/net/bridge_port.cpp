// SPDX-License-Identifier: Apache-2.0
#include "agent/net/bridge_port.hpp"

#include <fmt/format.h>
#include <linux/if_bridge.h>

#include <cerrno>
#include <cstring>

#include "agent/net/bridge_messages.hpp"

namespace agent::net {
namespace {

vdp::Reason reason_of(int error) {
  switch (error) {
    case 0: return vdp::Reason::kSuccess;
    case ENOSPC:
    case ENOMEM:
    case ENOBUFS: return vdp::Reason::kInsufficientResources;
    case EINVAL:
    case EEXIST:
    case EADDRNOTAVAIL: return vdp::Reason::kInvalidFilter;
    default: return vdp::Reason::kOtherFailure;
  }
}

constexpr std::uint16_t vlan_flags(bool untagged) {
  return untagged ? BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED : 0;
}

}  // namespace

std::size_t BridgePort::HashStation::operator()(const Station& station) const noexcept {
  std::uint64_t value = station.vid;
  for (const auto octet : station.mac.octets) value = value << 8U | octet;
  value *= 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(value ^ value >> 32U);
}

BridgePort::BridgePort(RouteSocket& socket, BridgePortState original)
    : socket_(socket), original_(std::move(original)), limits_(socket, original_) {}

Station BridgePort::key(const AdmittedMac& mac) const {
  return Station{mac.mac, original_.filters_vlans ? mac.vid : std::uint16_t{0}};
}

/// Enters the VLAN as wanted; a sentence when it cannot be had as it is wanted.
std::optional<std::string> BridgePort::join_vlan(const AdmittedMac& mac) {
  const auto [found, is_new] = vlans_.try_emplace(mac.vid);
  auto& vlan = found->second;
  if (!is_new && vlan.users > 0 && vlan.untagged != mac.untagged) {
    return fmt::format("VLAN {} is in use on the port both tagged and untagged", mac.vid);
  }
  for (const auto& [vid, other] : vlans_) {
    if (mac.untagged && vid != mac.vid && other.untagged && other.users > 0) {
      return fmt::format("the port's untagged VLAN is {} already and cannot be {}", vid, mac.vid);
    }
  }
  if (vlan.untagged != mac.untagged) vlan.installed = false;
  vlan.untagged = mac.untagged;
  return std::nullopt;
}

void BridgePort::use(const Station& station) {
  auto& entry = stations_[station];
  if (++entry.users == 1 && !entry.installed) to_install_.push_back(station);
  if (original_.filters_vlans) ++vlans_[station.vid].users;
}

void BridgePort::leave(const std::vector<Station>& stations) {
  for (const auto& station : stations) {
    if (--stations_.at(station).users == 0) maybe_unused_.push_back(station);
    if (original_.filters_vlans) --vlans_.at(station.vid).users;
  }
}

void BridgePort::admit(const vdp::Question& question, const std::vector<AdmittedMac>& macs,
                       const VsiLimits& limits) {
  Pending pending{{}, limits, {}, {question, vdp::Reason::kSuccess, {}}};
  pending.stations.reserve(macs.size());
  for (const auto& mac : macs) {
    if (original_.filters_vlans) {
      if (auto trouble = join_vlan(mac)) {
        pending.answer.reason = vdp::Reason::kInvalidFilter;
        pending.answer.trouble = std::move(*trouble);
        break;
      }
    }
    pending.stations.push_back(key(mac));
    use(pending.stations.back());
  }
  pending_.push_back(std::move(pending));
}

void BridgePort::release(const vdp::VsiId& vsi) {
  for (auto& pending : pending_) {
    if (pending.answer.question.vsi != vsi || pending.answer.reason != vdp::Reason::kSuccess)
      continue;
    pending.answer.reason = vdp::Reason::kOtherFailure;
    pending.answer.trouble = "released before it was admitted";
  }
  const auto found = vsis_.find(vsi);
  if (found == vsis_.end()) return;
  leave(found->second);
  vsis_.erase(found);
  limits_.remove(vsi);
}

std::vector<Admission> BridgePort::flush() {
  std::vector<Admission> answers;
  if (pending_.empty() && maybe_unused_.empty()) return answers;
  for (auto& pending : pending_) limit(pending);
  if (original_.filters_vlans) install_vlans();
  install_stations();
  answers.reserve(pending_.size());
  for (auto& pending : pending_) answers.push_back(settle(pending));
  pending_.clear();
  remove_unused();
  return answers;
}

/// Before the VSI's frames may pass, so that what cannot be limited changes nothing.
void BridgePort::limit(Pending& pending) {
  auto& answer = pending.answer;
  if (answer.reason != vdp::Reason::kSuccess) return;
  auto before = limits_.held(answer.question.vsi);
  if (!pending.limits.any() && !before.limits.any()) return;
  std::vector<lldp::MacAddress> macs;
  for (const auto& station : pending.stations) macs.push_back(station.mac);
  if (auto failure = limits_.set(answer.question.vsi, std::move(macs), pending.limits)) {
    const auto reason = reason_of(failure->error);
    const bool full = reason == vdp::Reason::kInsufficientResources;
    answer.reason = full ? reason : vdp::Reason::kOtherFailure;
    answer.trouble = std::move(failure->text);
  } else {
    pending.limited_before = std::move(before);
  }
}

void BridgePort::install_vlans() {
  for (auto& [vid, vlan] : vlans_) {
    if (vlan.users == 0 || vlan.installed) continue;
    const auto failure = socket_.perform(vlan_add(original_.index, vid, vlan_flags(vlan.untagged)));
    vlan.installed = !failure;
    vlan.error = failure ? failure->error : 0;
    vlan.trouble = failure ? failure->text : std::string();
  }
}

void BridgePort::install_stations() {
  std::vector<NlMessage> messages;
  std::vector<std::pair<const Station, Entry>*> entries;
  for (const auto& station : to_install_) {
    auto& found = *stations_.find(station);
    if (found.second.users == 0 || found.second.installed) continue;
    messages.push_back(fdb_add(original_.index, original_.filters_vlans, station, true));
    entries.push_back(&found);
    found.second.installed = true;  // until a failure says otherwise; also: no second message
    found.second.error = 0;
  }
  to_install_.clear();
  for (auto& failure : socket_.perform(messages)) {
    auto& [station, entry] = *entries[failure.index];
    entry.installed = false;
    entry.error = failure.error;
    entry.trouble = std::move(failure.text);
    if (entry.error == EEXIST) install_contested(station, entry);
  }
}

/// The bridge knows the address already: learned or admitted at another port, from where the VSI
/// moved here, or, and then it is refused, as an address of its own.
void BridgePort::install_contested(const Station& station, Entry& entry) {
  if (is_bridge_address(socket_, original_.bridge, original_.filters_vlans, station)) {
    entry.trouble = "the address is one of the bridge's own";
    return;
  }
  const auto failure =
      socket_.perform(fdb_add(original_.index, original_.filters_vlans, station, false));
  entry.installed = !failure;
  entry.error = failure ? failure->error : 0;
  entry.trouble = failure ? failure->text : std::string();
}

Admission BridgePort::settle(Pending& pending) {
  auto answer = std::move(pending.answer);
  for (const auto& station : pending.stations) {
    if (answer.reason != vdp::Reason::kSuccess) break;
    const Entry* failed = &stations_.at(station);
    if (original_.filters_vlans && !vlans_.at(station.vid).installed) {
      failed = &vlans_.at(station.vid);
    }
    if (failed->installed) continue;
    answer.reason = reason_of(failed->error);
    answer.trouble = fmt::format("cannot admit {} in VLAN {}: {}", lldp::to_string(station.mac),
                                 station.vid, failed->trouble);
  }
  if (answer.reason != vdp::Reason::kSuccess) {
    leave(pending.stations);
    if (const auto& before = pending.limited_before) {
      limits_.set(answer.question.vsi, before->macs, before->limits);
    }
    return answer;
  }
  auto& stations = vsis_[answer.question.vsi];
  leave(stations);
  stations = std::move(pending.stations);
  return answer;
}

void BridgePort::remove_unused() {
  std::vector<NlMessage> messages;
  for (const auto& station : maybe_unused_) {
    const auto found = stations_.find(station);
    if (found == stations_.end() || found->second.users > 0) continue;
    // A static entry that stood there before evbd came is not evbd's to remove.
    if (found->second.installed && !original_.stations.contains(station)) {
      messages.push_back(fdb_remove(original_.index, original_.filters_vlans, station));
    }
    stations_.erase(found);
  }
  maybe_unused_.clear();
  for (auto vlan = vlans_.begin(); vlan != vlans_.end();) {
    if (vlan->second.users > 0) {
      ++vlan;
      continue;
    }
    const auto before = original_.vlans.find(vlan->first);
    if (vlan->second.installed && before != original_.vlans.end()) {
      messages.push_back(vlan_add(original_.index, vlan->first, before->second));
    } else if (vlan->second.installed) {
      messages.push_back(vlan_remove(original_.index, vlan->first));
    }
    vlan = vlans_.erase(vlan);
  }
  // Nobody waits for these; what is gone already (ENOENT) or moved to another port is as wanted.
  if (!messages.empty()) socket_.perform(messages);
}

tl::expected<void, std::string> BridgePort::set_hairpin(bool on) {
  BridgePortFlags flags;
  flags.hairpin = on;
  if (const auto failure = socket_.perform(set_port_flags(original_.index, flags, false))) {
    return tl::unexpected(
        fmt::format("cannot turn reflective relay {}: {}", on ? "on" : "off", failure->text));
  }
  hairpin_ = on;
  return {};
}

std::optional<BridgePortFlags> BridgePort::read_flags() {
  const auto state = read_port(socket_, original_.index);
  if (!state || state->bridge != original_.bridge) return std::nullopt;
  return state->flags;
}

void BridgePort::lock() {
  BridgePortFlags flags;
  flags.locked = true;
  socket_.perform(set_port_flags(original_.index, flags, true));
}

}  // namespace agent::net
