// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/publish.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
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

std::vector<Entry> entries_of(const profiles::Contents& contents) {
  std::vector<Entry> entries(contents.types.begin(), contents.types.end());
  entries.insert(entries.end(), contents.profiles.begin(), contents.profiles.end());
  return entries;
}

/// Copies what is published, whatever it is, into a database.
profiles::StoreResult<void> copy(const Keys& keys, const Snapshot& published,
                                 profiles::Store& store) {
  profiles::Changes there;
  for (const auto& entry : published.entries) {
    if (auto read = keys.read(entry.key, entry.value)) put(there, std::move(*read));
  }
  const profiles::MirrorState state{.cluster = "published"};
  const auto copied = store.replace_all({there.put_profiles, there.put_types}, state);
  if (!copied) return tl::unexpected(copied.error());
  return store.end_mirror();
}

/// Holds the document against what is published, with the rules of a local database.
tl::expected<void, Problems> judge(const Keys& keys, const Snapshot& published,
                                   const profiles::Document& document, const std::string& file,
                                   const PublishOptions& options) {
  const auto failed = [](const profiles::StoreError& error) {
    return tl::unexpected(error.reasons.empty() ? Problems{error.text} : error.reasons);
  };
  const Scratch scratch;
  auto store = profiles::Store::open(scratch.file(), profiles::Access::kWrite);
  if (!store) return failed(store.error());
  if (const auto copied = copy(keys, published, *store); !copied) return failed(copied.error());
  const auto found = profiles::conflicts(document, file, *store, options.force);
  if (!found) return failed(found.error());
  Problems problems;
  for (const auto& problem : *found) problems.push_back(to_string(problem));
  if (!problems.empty()) return tl::unexpected(problems);
  const auto now = store->contents();
  if (!now) return failed(now.error());
  auto changes = profiles::difference(*now, document.contents);
  if (!options.replace) {
    changes.remove_profiles.clear();
    changes.remove_types.clear();
  }
  if (const auto done = store->apply(changes, options.force); !done) return failed(done.error());
  return {};
}

/// Makes what etcd holds of a document, against what was read from it.
class Planner {
 public:
  Planner(const Keys& keys, const Snapshot& published) : keys_(keys) {
    for (const auto& entry : published.entries) there_[entry.key] = &entry;
    if (there_.contains(keys_.identity())) return;
    writes.push_back({Write::What::kPut, keys_.identity(), 0, new_identity()});
  }

  void put(const Entry& entry) {
    const auto key = keys_.of(name_of(entry));
    auto value = write(entry);
    named_.insert(key);
    const auto old = there_.find(key);
    const bool is_new = old == there_.end();
    if (!is_new && old->second->value == value) return;
    hold_type(entry);
    writes.push_back(
        {Write::What::kPut, key, is_new ? 0 : old->second->modified, std::move(value)});
    written_.insert(key);
    ++(is_new ? counts.added : counts.changed);
  }

  /// Removes what was not put.
  void remove_others() {
    for (const auto& [key, entry] : there_) {
      if (key == keys_.identity() || named_.contains(key)) continue;
      writes.push_back({Write::What::kRemove, key, entry->modified, {}});
      ++counts.removed;
    }
  }

  std::vector<Write> writes;
  Published counts;

 private:
  /// A profile stands for a type that was published before: it must still be there then.
  void hold_type(const Entry& entry) {
    const auto* const profile = std::get_if<profiles::PortProfile>(&entry);
    if (profile == nullptr || !profile->vsi_type) return;
    const auto key = keys_.of(*profile->vsi_type);
    const auto type = there_.find(key);
    if (type == there_.end() || written_.contains(key)) return;
    writes.push_back({Write::What::kCompare, key, type->second->modified, {}});
  }

  const Keys& keys_;
  std::map<std::string, const KeyValue*> there_;
  std::set<std::string> named_;    ///< in the document
  std::set<std::string> written_;  ///< of these, what changes
};

/// Up to where writes go together: a comparison stays with what it is for, which follows it.
std::size_t batch_end(const std::vector<Write>& writes, std::size_t from) {
  auto to = std::min(writes.size(), from + kWritesAtOnce);
  while (to < writes.size() && writes[to - 1].what == Write::What::kCompare) --to;
  return to;
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
  Planner planner(keys, *published);
  for (const auto& entry : entries_of(document.contents)) planner.put(entry);
  if (options.replace) planner.remove_others();
  const auto& writes = planner.writes;
  auto counts = planner.counts;
  counts.revision = published->at.revision;
  std::size_t to = 0;
  for (std::size_t from = 0; from < writes.size(); from = to) {
    to = batch_end(writes, from);
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
