// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/host_report.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

namespace agent::profile_sync {
namespace {

constexpr std::string_view kConnected = "connected";

/// Written only when it changes, so without what changes by itself.
std::string value_of(pb::Vsi vsi) {
  vsi.clear_timer();
  vsi.clear_machine_state();
  vsi.clear_next_try();
  vsi.clear_next_try_in_us();
  vsi.clear_tries();
  vsi.clear_asked_by();
  vsi.clear_type_change();  // no event of the VSI tells that it came or went
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  return google::protobuf::util::MessageToJsonString(vsi, &text, options).ok() ? text : "{}";
}

std::optional<pb::Vsi> read_vsi(const std::string& text) {
  pb::Vsi vsi;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(text, &vsi, options).ok()) return std::nullopt;
  return vsi;
}

}  // namespace

std::string hosts_prefix(const std::string& prefix) { return prefix + "hosts/"; }

HostReport::HostReport(const std::string& prefix, const std::string& host)
    : key_(hosts_prefix(prefix) + host) {
  disconnected("evbd was not reached so far");
}

void HostReport::connected() {
  wanted_[key_] = kConnected;
  unseen_.clear();
  for (const auto& [key, value] : wanted_) {
    if (key != key_) unseen_.insert(key);
  }
}

void HostReport::disconnected(std::string_view why) { wanted_[key_] = why; }

void HostReport::take(const pb::Event& event) {
  if (event.has_snapshot_end()) {
    for (const auto& key : unseen_) wanted_.erase(key);
    unseen_.clear();
  }
  if (!event.has_vsi()) return;
  const auto key = fmt::format("{}/vsi/{}/{}", key_, event.port(), event.vsi().id());
  unseen_.erase(key);
  if (event.vsi().gone() || !event.vsi().has_vsi()) {
    wanted_.erase(key);
  } else {
    wanted_[key] = value_of(event.vsi().vsi());
  }
}

std::map<std::string, std::optional<std::string>> HostReport::changes() const {
  std::map<std::string, std::optional<std::string>> changes;
  for (const auto& [key, value] : wanted_) {
    const auto there = standing_.find(key);
    if (there == standing_.end() || there->second != value) changes[key] = value;
  }
  for (const auto& [key, value] : standing_) {
    if (!wanted_.contains(key)) changes[key] = std::nullopt;
  }
  return changes;
}

std::vector<HostVsis> read_hosts(const std::string& prefix, const std::vector<KeyValue>& entries) {
  std::map<std::string, HostVsis> hosts;
  const auto all = hosts_prefix(prefix);
  for (const auto& entry : entries) {
    if (!entry.key.starts_with(all)) continue;
    const auto rest = entry.key.substr(all.size());
    const auto slash = rest.find('/');
    auto& host = hosts[rest.substr(0, slash)];
    if (slash == std::string::npos) {
      host.status = entry.value;
    } else if (const auto vsi = read_vsi(entry.value)) {
      *host.vsis.add_vsis() = *vsi;
    } else {
      host.unreadable.push_back(entry.key);
    }
  }
  std::vector<HostVsis> found;
  for (auto& [name, host] : hosts) {
    host.host = name;
    found.push_back(std::move(host));
  }
  return found;
}

}  // namespace agent::profile_sync
