// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/lanes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace agent::replay::report {
namespace {

constexpr std::size_t kMostPlaces = 6;       // what a page is wide enough for
constexpr std::size_t kMostSpeakers = 1024;  // whose names are remembered

std::string name_of(std::uint32_t interface, std::uint16_t service_vid,
                    const lldp::MacAddress& address) {
  auto name = to_string(address);
  if (service_vid != 0) name += fmt::format(" S-VID {}", service_vid);
  if (interface != 0) name += fmt::format(" interface {}", interface);
  return name;
}

}  // namespace

Lanes::Key Lanes::key_of(const DecodedFrame& frame) {
  return {frame.link.interface, frame.link.service_vid(), frame.link.source};
}

void Lanes::take(const DecodedFrame& frame) {
  const bool ours = frame.protocol == Protocol::kLldp || frame.protocol == Protocol::kEcp ||
                    frame.protocol == Protocol::kDraftEcp;
  if (!ours) {
    foreign_ = true;
    return;
  }
  const auto key = key_of(frame);
  auto found = speakers_.find(key);
  if (found == speakers_.end()) {
    if (speakers_.size() == kMostSpeakers) {
      more_speakers_ = true;
      return;
    }
    found = speakers_.emplace(key, Speaker{}).first;
  }
  if (frame.protocol != Protocol::kLldp) found->second.ecp = true;
}

void Lanes::place(const Key& key, std::string_view role) {
  if (place_of_.contains(key) || place_of_.size() == kMostPlaces) return;
  place_of_[key] = lanes_.size();
  const auto& [interface, service_vid, address] = key;
  lanes_.push_back({std::string(role), name_of(interface, service_vid, address)});
}

void Lanes::place_pair(const Conversation& talk, const End& end) {
  const auto place_end = [&](const End& one) -> std::optional<std::size_t> {
    const Key key{one.interface, one.service_vid, one.address};
    if (!speakers_.contains(key)) return std::nullopt;
    place(key, one.role == Role::kUnknown ? "" : to_string(one.role));
    const auto found = place_of_.find(key);
    if (found == place_of_.end()) return std::nullopt;
    if (one.role == Role::kStation && !station_) station_ = found->second;
    return found->second;
  };
  const auto from = place_end(end);
  const auto to = end.peer ? place_end(talk.ends()[*end.peer]) : std::nullopt;
  if (!from || !to) return;
  peer_of_[*from] = *to;
  peer_of_[*to] = *from;
}

/// Two that have no peer, and nobody else there: whom else should they mean?
void Lanes::pair_rest() {
  std::vector<std::size_t> alone;
  for (const auto& [key, place] : place_of_) {
    if (!peer_of_.contains(place)) alone.push_back(place);
  }
  if (alone.size() != 2 || speakers_.size() != place_of_.size() || more_speakers_) return;
  peer_of_[alone[0]] = alone[1];
  peer_of_[alone[1]] = alone[0];
  for (const auto one : alone) {  // one that is the bridge makes the other the station
    auto& lane = lanes_[one];
    if (lanes_[peer_of_[one]].title == "bridge" && lane.title.empty()) lane.title = "station";
  }
}

void Lanes::arrange(const Conversation& talk, bool clients) {
  clients_ = clients;
  if (clients) lanes_.push_back({"clients", ""});
  for (const auto& end : talk.ends()) {
    if (end.role == Role::kStation) place_pair(talk, end);
  }
  for (const auto& end : talk.ends()) place_pair(talk, end);
  for (const bool ecp : {true, false}) {
    for (const auto& [key, speaker] : speakers_) {
      if (speaker.ecp == ecp) place(key, "");
    }
  }
  pair_rest();
  const auto left = speakers_.size() - place_of_.size();
  const bool others = left > 0 || more_speakers_ || foreign_;
  others_ = lanes_.size();
  if (others)
    lanes_.push_back(
        {"others", left == 0 ? "" : fmt::format("{}{} more", left, more_speakers_ ? "+" : "")});
  const bool alone = peer_of_.size() < place_of_.size() || others;
  link_ = lanes_.size();
  if (alone || lanes_.size() < 2) lanes_.push_back({"the link", ""});
  if (!others) others_ = link_;
  for (auto& lane : lanes_) {
    if (lane.title.empty()) lane.title = "sender";
  }
}

Way Lanes::way(const DecodedFrame& frame) const {
  const bool ours = frame.protocol != Protocol::kOther && frame.protocol != Protocol::kNone;
  const auto found = ours ? place_of_.find(key_of(frame)) : place_of_.end();
  const auto last = lanes_.size() - 1;
  if (found == place_of_.end()) return {std::min(others_, last), last};
  const auto peer = peer_of_.find(found->second);
  return {found->second, peer == peer_of_.end() ? last : peer->second};
}

std::optional<Way> Lanes::way_of_clients() const {
  if (!clients_) return std::nullopt;
  return Way{0, station_.value_or(std::min<std::size_t>(1, lanes_.size() - 1))};
}

double Lanes::position(std::size_t lane) const {
  constexpr double kMargin = 7;
  const auto gaps = static_cast<double>(std::max<std::size_t>(lanes_.size(), 2) - 1);
  return kMargin + (100 - 2 * kMargin) * static_cast<double>(lane) / gaps;
}

}  // namespace agent::replay::report
