// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "agent/replay/conversation.hpp"

namespace agent::replay::report {

/// One lifeline of the diagram.
struct Lane {
  std::string title;  ///< "station", "bridge", "clients"
  std::string name;   ///< its address; may be empty
};

/// From which lifeline to which an arrow leads.
struct Way {
  std::size_t from = 0;
  std::size_t to = 0;
};

/// Who stands where: clients, stations and bridges side by side, then those that only speak LLDP,
/// then those for whom there is no room, and in the end the link itself, for what is sent to nobody
/// in particular.
class Lanes {
 public:
  /// The next frame of the capture.
  void take(const DecodedFrame& frame);
  /// Settles it, once all were taken.
  void arrange(const Conversation& talk, bool clients);

  const std::vector<Lane>& lanes() const { return lanes_; }
  Way way(const DecodedFrame& frame) const;
  /// What clients ask goes this way; nullopt: there is no lane for them.
  std::optional<Way> way_of_clients() const;
  /// Where a lifeline stands, in percent of the width.
  double position(std::size_t lane) const;

 private:
  using Key = std::tuple<std::uint32_t, std::uint16_t, lldp::MacAddress>;  // interface, S-VID
  struct Speaker {
    bool ecp = false;
  };
  static Key key_of(const DecodedFrame& frame);
  void place(const Key& key, std::string_view role);
  void place_pair(const Conversation& talk, const End& end);
  void pair_rest();

  std::map<Key, Speaker> speakers_;
  bool more_speakers_ = false;
  bool foreign_ = false;
  std::vector<Lane> lanes_;
  std::map<Key, std::size_t> place_of_;
  std::map<std::size_t, std::size_t> peer_of_;
  std::size_t others_ = 0;  // the lane of all others; lanes_.size() when there is none
  std::size_t link_ = 0;    // likewise
  std::optional<std::size_t> station_;
  bool clients_ = false;
};

}  // namespace agent::replay::report
