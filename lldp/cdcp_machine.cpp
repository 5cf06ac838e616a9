// SPDX-License-Identifier: Apache-2.0
#include "lldp/cdcp_machine.hpp"

#include <algorithm>
#include <bitset>

#include "lldp/organizational.hpp"

namespace lldp {

// clang-format off
constexpr base::Arrow<CdcpMachine> CdcpMachine::kDiagram[] = {
    // from                  when                          to
    {State::kNotRunning,     &CdcpMachine::wants_changed,  State::kRequestSvids},
    {State::kNotRunning,     &CdcpMachine::meets_bridge,   State::kReceiveSvids},
    {State::kNotRunning,     &CdcpMachine::meets_station,  State::kAssignSvids},
    {State::kRequestSvids,   &CdcpMachine::remote_lost,    State::kNotRunning},
    {State::kRequestSvids,   &CdcpMachine::always,         State::kRunning},
    {State::kReceiveSvids,   &CdcpMachine::always,         State::kRunning},
    {State::kAssignSvids,    &CdcpMachine::always,         State::kRunning},
    {State::kRunning,        &CdcpMachine::remote_lost,    State::kNotRunning},
    {State::kRunning,        &CdcpMachine::wants_changed,  State::kRequestSvids},
    {State::kRunning,        &CdcpMachine::remote_offers,  State::kReceiveSvids},
    {State::kRunning,        &CdcpMachine::remote_asks,    State::kAssignSvids},
};
// clang-format on

namespace {

using Identifiers = std::bitset<4096>;

const SChannel* find(const std::vector<SChannel>& channels, std::uint16_t scid) {
  const auto found = std::ranges::find(channels, scid, &SChannel::scid);
  return found == channels.end() ? nullptr : &*found;
}

std::uint16_t svid_of(const std::vector<SChannel>& channels, std::uint16_t scid) {
  const auto* const channel = find(channels, scid);
  return channel == nullptr ? std::uint16_t{0} : channel->svid;
}

/// Notes an identifier of this range that was not used before as used.
bool claim(std::uint16_t id, std::uint16_t low, std::uint16_t high, Identifiers& used) {
  if (id < low || id > high || used.test(id)) return false;
  used.set(id);
  return true;
}

}  // namespace

bool is_sound(const CdcpConfig& config) {
  Identifiers seen;
  const auto fits = [&](std::uint16_t scid) {
    return claim(scid, kDefaultSChannel.scid + 1, kHighestScid, seen);
  };
  return config.capacity >= 1 && config.capacity <= kMaxSChannels &&
         std::ranges::all_of(config.wants, fits) && config.pool_low >= kLowestSvid &&
         config.pool_low <= config.pool_high && config.pool_high <= kHighestSvid;
}

CdcpMachine::CdcpMachine(CdcpRole role, const CdcpConfig& config) : role_(role), config_(config) {
  base::run<kDiagram>(*this);
}

void CdcpMachine::set_config(const CdcpConfig& config) {
  config_ = config;
  base::run<kDiagram>(*this);
}

void CdcpMachine::set_remote(const std::optional<CdcpTlv>& remote) {
  remote_ = remote;
  base::run<kDiagram>(*this);
}

void CdcpMachine::enter(State state) {
  state_ = state;
  switch (state) {
    case State::kNotRunning: list_ = withdrawn(); break;
    case State::kRequestSvids: list_ = requested(); break;
    case State::kReceiveSvids: list_ = received(); break;
    case State::kAssignSvids: list_ = assigned(); break;
    case State::kRunning: break;
  }
}

bool CdcpMachine::remote_lost() const {
  return !remote_ || remote_->role == role_ || !remote_->s_component;
}

std::uint16_t CdcpMachine::capacity() const {
  if (remote_lost()) return config_.capacity;
  return std::min(config_.capacity, remote_->channel_capacity);
}

/// A station goes on asking for its channels, a bridge has nobody to give any to.
CdcpMachine::List CdcpMachine::withdrawn() const {
  List list{kDefaultSChannel};
  if (role_ == CdcpRole::kBridge) return list;
  for (const auto& channel : list_) {
    if (channel.scid != kDefaultSChannel.scid) list.push_back({channel.scid, 0});
  }
  return list;
}

/// The channels that are wanted, as many as we can have; those that are there keep their SVID.
CdcpMachine::List CdcpMachine::requested() const {
  List list{kDefaultSChannel};
  for (const auto scid : config_.wants) {
    if (list.size() >= config_.capacity) break;
    list.push_back({scid, svid_of(list_, scid)});
  }
  std::ranges::sort(list, {}, &SChannel::scid);
  return list;
}

CdcpMachine::List CdcpMachine::received() const {
  List list = list_;
  Identifiers used;
  for (auto& channel : list) {
    if (channel.scid == kDefaultSChannel.scid) continue;
    const auto given = svid_of(remote_->channels, channel.scid);
    channel.svid = claim(given, kLowestSvid, kHighestSvid, used) ? given : std::uint16_t{0};
  }
  return list;
}

/// The station's list, cut to what both can do. Channels keep their SVID, then comes what the
/// station names itself, then the pool.
CdcpMachine::List CdcpMachine::assigned() const {
  List list{kDefaultSChannel};
  Identifiers used;
  const auto keep = [&](SChannel& channel, std::uint16_t svid) {
    if (channel.svid == 0 && claim(svid, config_.pool_low, config_.pool_high, used)) {
      channel.svid = svid;
    }
  };
  for (const auto& asked : remote_->channels) {
    if (list.size() >= capacity()) break;
    if (asked.scid != kDefaultSChannel.scid) list.push_back({asked.scid, 0});
  }
  std::ranges::sort(list, {}, &SChannel::scid);
  for (auto& channel : list) keep(channel, svid_of(list_, channel.scid));
  for (auto& channel : list) keep(channel, svid_of(remote_->channels, channel.scid));
  std::uint16_t next = config_.pool_low;
  for (auto& channel : list) {
    for (; channel.svid == 0 && next <= config_.pool_high; ++next) keep(channel, next);
  }
  std::erase_if(list, [](const SChannel& channel) { return channel.svid == 0; });
  return list;
}

bool CdcpMachine::remote_forgot() const {
  return meets_station() && std::ranges::any_of(list_, [&](const SChannel& channel) {
           const auto* const asked = find(remote_->channels, channel.scid);
           return asked != nullptr && asked->svid == 0 && channel.scid != kDefaultSChannel.scid;
         });
}

CdcpTlv CdcpMachine::local() const {
  return {.role = role_, .channel_capacity = config_.capacity, .channels = list_};
}

std::vector<SChannel> CdcpMachine::channels() const {
  auto channels = list_;
  std::erase_if(channels, [](const SChannel& channel) { return channel.svid == 0; });
  return channels;
}

std::string_view to_string(CdcpMachine::State state) {
  switch (state) {
    case CdcpMachine::State::kNotRunning: return "NOT_RUNNING";
    case CdcpMachine::State::kRequestSvids: return "SET_SVID_REQUEST";
    case CdcpMachine::State::kReceiveSvids: return "RX_SVID_CONFIG";
    case CdcpMachine::State::kAssignSvids: return "TX_SVID_CONFIG";
    case CdcpMachine::State::kRunning: return "RUNNING";
  }
  return "?";
}

std::optional<CdcpTlv> find_cdcp_tlv(const std::vector<Neighbor>& neighbors, CdcpRole role) {
  std::optional<CdcpTlv> first;
  for (const auto& neighbor : neighbors) {
    auto tlv = find_cdcp_tlv(neighbor.information);
    if (tlv && tlv->role != role) return tlv;
    if (!first) first = std::move(tlv);
  }
  return first;
}

}  // namespace lldp
