// SPDX-License-Identifier: Apache-2.0
// Puts one port profile into a database: put_profile FILE NAME [untagged=2] [tagged=3]...
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "profiles/store.hpp"

namespace {

void set(profiles::PortProfile& profile, const std::string& key, const std::string& value) {
  auto& to = profile.parameters;
  const auto number = std::strtoull(value.c_str(), nullptr, 10);
  const auto vid = static_cast<std::uint16_t>(number);
  if (key == "untagged") to.untagged = vid;
  if (key == "tagged") to.tagged.push_back(vid);
  if (key == "mtu") to.mtu = vid;
  if (key == "default_priority") to.default_priority = static_cast<std::uint8_t>(number);
  if (key == "transmit") to.transmit = profiles::Rate{number, 0};
  if (key == "receive") to.receive = profiles::Rate{number, 0};
  if (key == "mac") to.macs.push_back(*lldp::parse_mac_address(value));
  if (key == "listed") to.mac_policy = profiles::MacPolicy::kListed;
  if (key == "max_instances") to.max_instances = number;
  if (key == "require_relay") profile.require_relay = value == "yes";
  if (key == "mode") to.modes.insert(*profiles::parse_delivery_mode(value));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  auto store = profiles::Store::open(argv[1], profiles::Access::kWrite);
  if (!store) {
    fmt::print(stderr, "{}\n", store.error().text);
    return 1;
  }
  profiles::PortProfile profile;
  profile.name = argv[2];
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    const auto equals = word.find('=');
    set(profile, word.substr(0, equals), word.substr(equals + 1));
  }
  profiles::Changes changes;
  changes.put_profiles.push_back(profile);
  const auto done = store->apply(changes, profiles::Force::kNo);
  if (!done) fmt::print(stderr, "{}\n", done.error().text);
  return done ? 0 : 1;
}
