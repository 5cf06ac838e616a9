// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/mirror.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lldp/base/overload.hpp"

namespace agent::profile_sync {
namespace {

constexpr std::string_view kUnpublished = "none";

/// Two clusters that were made with the same configuration have the same id in etcd: what tells
/// them apart is the identity that was drawn when the database was published.
std::string cluster_of(const Position& at, std::string_view identity) {
  return fmt::format("{}-{}", at.cluster, identity.empty() ? kUnpublished : identity);
}

}  // namespace

Mirror::Mirror(Etcd& etcd, profiles::Store& store, Keys keys, std::string source, Log& log,
               std::function<WallClock::time_point()> now)
    : etcd_(etcd), store_(store), keys_(std::move(keys)), log_(log), now_(std::move(now)) {
  state_.source = std::move(source);
}

Mirror::End Mirror::run_once() {
  heard_ = again_ = false;
  error_ = {};
  if (!catch_up()) return again_ ? End::kAgain : failed(error_);
  const auto end = etcd_.watch(keys_.database(), state_.revision + 1,
                               [this](const Batch& batch) { return take(batch); });
  if (again_) return End::kAgain;
  return failed(error_.text.empty() ? end : error_);
}

/// Brings the local database to where it can be followed; false: see error_.
bool Mirror::catch_up() {
  const auto known = store_.mirror_state();
  if (!known) return stored(tl::unexpected(known.error()));
  const auto head = etcd_.read(keys_.identity());
  if (!head) {
    error_ = head.error();
    return false;
  }
  cluster_ = head->at.cluster;
  const auto identity = head->entries.empty() ? std::string() : head->entries.front().value;
  const auto cluster = cluster_of(head->at, identity);
  if (*known) {
    const auto source = std::exchange(state_, **known).source;
    state_.source = source;
  }
  if (identity.empty()) {
    // An etcd that was emptied, or the wrong one: what guests run with is not thrown away for that.
    error_ = {EtcdError::Kind::kRefused,
              fmt::format("no database was published in etcd ({} is missing): the local one stays "
                          "as it is; `evb-profile-sync publish FILE` publishes one",
                          keys_.identity())};
    return false;
  }
  // Another process left it: which entries it could not read is known to it alone.
  const bool unknown_trouble = std::exchange(first_, false) && *known && !state_.trouble.empty();
  const bool follows = *known && state_.cluster == cluster &&
                       state_.revision <= head->at.revision &&
                       !std::exchange(from_nothing_, false) && !unknown_trouble;
  return follows ? contact() : read_everything();
}

bool Mirror::read_everything() {
  const auto snapshot = etcd_.read_all(keys_.database());
  if (!snapshot) {
    error_ = snapshot.error();
    return false;
  }
  unreadable_.clear();
  std::string identity;
  profiles::Changes all;
  for (const auto& entry : snapshot->entries) {
    if (entry.key == keys_.identity()) {
      identity = entry.value;
    } else {
      collect(entry, all);
    }
  }
  profiles::Contents contents{std::move(all.put_profiles), std::move(all.put_types)};
  for (const auto& [key, why] : unreadable_) {
    if (const auto name = keys_.name(key)) keep_old(*name, contents);
  }
  state_.cluster = cluster_of(snapshot->at, identity);
  state_.revision = snapshot->at.revision;
  state_.contact = now_();
  state_.trouble = unreadable();
  if (!stored(store_.replace_all(contents, state_))) return false;
  log_.notice("etcd's database of revision {} is here: {} profiles, {} VSI types", state_.revision,
              contents.profiles.size(), contents.types.size());
  return true;
}

/// An entry that somebody broke in etcd stays what it was.
void Mirror::keep_old(const EntryName& name, profiles::Contents& contents) {
  std::visit(base::Overload{
                 [&](const std::string& profile) {
                   const auto old = store_.find_profile(profile);
                   if (old && *old) contents.profiles.push_back(**old);
                 },
                 [&](const profiles::TypeName& type) {
                   const auto old = store_.find_type(type);
                   if (old && *old) contents.types.push_back({type, **old});
                 },
             },
             name);
}

void Mirror::collect(const KeyValue& entry, profiles::Changes& changes) {
  auto read = keys_.read(entry.key, entry.value);
  if (!read) {
    log_.warning("{} cannot be read, and stays what it was: {}", entry.key, read.error());
    unreadable_[entry.key] = read.error();
    return;
  }
  unreadable_.erase(entry.key);
  if (auto* const profile = std::get_if<profiles::PortProfile>(&*read)) {
    changes.put_profiles.push_back(std::move(*profile));
  } else {
    changes.put_types.push_back(std::move(std::get<profiles::VsiTypeEntry>(*read)));
  }
}

/// False ends the watch.
bool Mirror::take(const Batch& batch) {
  heard_ = true;
  told_.clear();
  if (batch.cluster != cluster_) {
    again_ = true;
    return false;
  }
  if (batch.events.empty()) return now_() - state_.contact < kContact || contact();
  // Several events of one key may come at once: the last one counts.
  std::map<std::string_view, const KeyEvent*> last;
  for (const auto& event : batch.events) last[event.entry.key] = &event;
  if (last.contains(keys_.identity())) {
    again_ = true;
    return false;
  }
  profiles::Changes changes;
  for (const auto& [key, event] : last) {
    if (!event->removed) {
      collect(event->entry, changes);
      continue;
    }
    unreadable_.erase(event->entry.key);
    const auto name = keys_.name(key);
    if (!name) continue;
    if (const auto* const profile = std::get_if<std::string>(&*name)) {
      changes.remove_profiles.push_back(*profile);
    } else {
      changes.remove_types.push_back(std::get<profiles::TypeName>(*name));
    }
  }
  state_.revision = std::max(state_.revision, batch.events.back().entry.modified);
  state_.contact = now_();
  state_.trouble = unreadable();
  if (!stored(store_.apply(changes, state_))) return false;
  log_.info("revision {}: {} entries changed, {} removed", state_.revision,
            changes.put_profiles.size() + changes.put_types.size(),
            changes.remove_profiles.size() + changes.remove_types.size());
  return true;
}

bool Mirror::contact() {
  state_.contact = now_();
  state_.trouble = unreadable();
  return stored(store_.apply(profiles::Changes{}, state_));
}

std::string Mirror::unreadable() const {
  if (unreadable_.empty()) return {};
  const auto& [key, why] = *unreadable_.begin();
  return fmt::format("{} entries in etcd cannot be read and stay what they were; the first, {}: {}",
                     unreadable_.size(), key, why);
}

bool Mirror::stored(const profiles::StoreResult<std::int64_t>& result) {
  if (result) return true;
  // Not etcd's fault, but it has to be tried again in the same way, and from what is on disk.
  error_ = {EtcdError::Kind::kUnreachable, result.error().text};
  return false;
}

/// Writes down why etcd is not followed. Before the first contact there is nothing to write it to.
Mirror::End Mirror::failed(const EtcdError& error) {
  if (error.kind == EtcdError::Kind::kStopped) return End::kStopped;
  if (error.kind == EtcdError::Kind::kCompacted) {
    log_.notice("{}: everything is read anew", error.text);
    from_nothing_ = true;
    return End::kAgain;
  }
  if (std::exchange(told_, error.text) != error.text) log_.warning("{}", error.text);
  const auto known = store_.mirror_state();
  if (!known || !*known || (*known)->trouble == error.text) return End::kTrouble;
  auto state = **known;
  state.trouble = error.text;
  if (const auto written = store_.apply(profiles::Changes{}, state); !written) {
    log_.warning("{}", written.error().text);
  }
  return End::kTrouble;
}

void follow(Mirror& mirror, Backoff& backoff,
            const std::function<bool(std::chrono::milliseconds)>& pause) {
  for (;;) {
    const auto end = mirror.run_once();
    if (end == Mirror::End::kStopped) return;
    if (mirror.heard()) backoff.reset();
    if (end == Mirror::End::kTrouble && !pause(backoff.next())) return;
  }
}

}  // namespace agent::profile_sync
