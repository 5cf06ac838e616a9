// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/publish.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <span>
#include <system_error>
#include <utility>

namespace agent::profile_sync {
namespace {

using Problems = std::vector<std::string>;

/// A folder for the database in which a document is judged before it is published.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / "evb-publish-XXXXXX") {
    auto name = path_.string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string file() const { return path_ / "profiles.db"; }

 private:
  std::filesystem::path path_;
};

std::string new_identity() {
  std::random_device random;
  std::string text;
  for (int i = 0; i < 4; ++i) text += fmt::format("{:08x}", random());
  return text;
}

void put(profiles::Changes& changes, Entry entry) {
  if (auto* const profile = std::get_if<profiles::PortProfile>(&entry)) {
    changes.put_profiles.push_back(std::move(*profile));
  } else {
    changes.put_types.push_back(std::move(std::get<profiles::VsiTypeEntry>(entry)));
  }
}

profiles::Changes changes_of(const profiles::Contents& contents) {
  profiles::Changes changes;
  changes.put_profiles = contents.profiles;
  changes.put_types = contents.types;
  return changes;
}

std::vector<Entry> entries_of(const profiles::Contents& contents) {
  std::vector<Entry> entries(contents.types.begin(), contents.types.end());
  entries.insert(entries.end(), contents.profiles.begin(), contents.profiles.end());
  return entries;
}

/// Holds the document against what is published, with the rules of a local database.
tl::expected<void, Problems> judge(const Keys& keys, const Snapshot& published,
                                   const profiles::Document& document, const std::string& file,
                                   const PublishOptions& options) {
  const Scratch scratch;
  auto store = profiles::Store::open(scratch.file(), profiles::Access::kWrite);
  if (!store) return tl::unexpected(Problems{store.error().text});
  if (!options.replace) {
    profiles::Changes there;
    for (const auto& entry : published.entries) {
      if (auto read = keys.read(entry.key, entry.value)) put(there, std::move(*read));
    }
    // By force: what is published may be anything.
    const profiles::MirrorState state{.cluster = "published"};
    const auto copied = store->replace_all({there.put_profiles, there.put_types}, state);
    if (!copied) return tl::unexpected(Problems{copied.error().text});
    if (const auto ended = store->end_mirror(); !ended) {
      return tl::unexpected(Problems{ended.error().text});
    }
  }
  const auto found = profiles::conflicts(document, file, *store, options.force);
  if (!found) return tl::unexpected(Problems{found.error().text});
  Problems problems;
  for (const auto& problem : *found) problems.push_back(to_string(problem));
  if (!problems.empty()) return tl::unexpected(problems);
  const auto applied = store->apply(changes_of(document.contents), options.force);
  if (applied) return {};
  return tl::unexpected(applied.error().reasons.empty() ? Problems{applied.error().text}
                                                        : applied.error().reasons);
}

struct Plan {
  std::vector<Write> writes;
  Published counts;
};

Plan plan(const Keys& keys, const Snapshot& published, const profiles::Document& document,
          bool replace) {
  std::map<std::string, const KeyValue*> there;
  for (const auto& entry : published.entries) there[entry.key] = &entry;
  Plan plan;
  if (there.erase(keys.identity()) == 0)
    plan.writes.push_back({keys.identity(), new_identity(), 0});
  for (const auto& entry : entries_of(document.contents)) {
    const auto key = keys.of(name_of(entry));
    auto value = write(entry);
    const auto old = there.find(key);
    const bool is_new = old == there.end();
    const bool same = !is_new && old->second->value == value;
    if (!same) plan.writes.push_back({key, std::move(value), is_new ? 0 : old->second->modified});
    plan.counts.added += is_new ? 1U : 0U;
    plan.counts.changed += !is_new && !same ? 1U : 0U;
    if (!is_new) there.erase(old);
  }
  if (!replace) return plan;
  for (const auto& [key, entry] : there) {
    plan.writes.push_back({key, std::nullopt, entry->modified});
    ++plan.counts.removed;
  }
  return plan;
}

}  // namespace

tl::expected<Published, Problems> publish(Etcd& etcd, const Keys& keys,
                                          const profiles::Document& document,
                                          const std::string& file, const PublishOptions& options) {
  const auto published = etcd.read_all(keys.database());
  if (!published) return tl::unexpected(Problems{published.error().text});
  if (auto judged = judge(keys, *published, document, file, options); !judged) {
    return tl::unexpected(judged.error());
  }
  const auto planned = plan(keys, *published, document, options.replace);
  const auto& writes = planned.writes;
  auto counts = planned.counts;
  counts.revision = published->at.revision;
  for (std::size_t from = 0; from < writes.size(); from += kWritesAtOnce) {
    const auto to = std::min(writes.size(), from + kWritesAtOnce);
    const auto at = [&](std::size_t i) { return writes.begin() + static_cast<std::ptrdiff_t>(i); };
    const auto revision = etcd.write({at(from), at(to)});
    if (!revision) {
      Problems problems{revision.error().text};
      if (from > 0) {
        problems.push_back(
            fmt::format("{} of {} changes were published before that; publish the file again", from,
                        writes.size()));
      }
      return tl::unexpected(problems);
    }
    counts.revision = *revision;
  }
  return counts;
}

}  // namespace agent::profile_sync
