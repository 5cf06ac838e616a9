// SPDX-License-Identifier: Apache-2.0
#include "profiles/store.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <set>

#include "profiles/store_file.hpp"
#include "profiles/store_impl.hpp"
#include "profiles/store_rows.hpp"

namespace profiles {
namespace {

using Kind = StoreError::Kind;
using SQLite::TransactionBehavior;

/// More reasons than a person would read are not gathered.
constexpr std::size_t kMostReasons = 100;

const char* const kTypeExists =
    "SELECT 1 FROM vsi_type WHERE type_id = ?2 AND type_version = ?3 "
    "AND (?1 = x'' OR manager IN (?1, x'')) LIMIT 1";

const char* const kStandingForRemoved = R"(
SELECT p.name, p.manager, p.type_id, p.type_version FROM removed_type r
JOIN port_profile p ON p.type_id = r.type_id AND p.type_version = r.type_version
WHERE r.revision > ? AND NOT EXISTS (SELECT 1 FROM vsi_type t
  WHERE t.type_id = p.type_id AND t.type_version = p.type_version
  AND (p.manager = x'' OR t.manager IN (p.manager, x''))))";

StoreError refused(const std::string& path, std::vector<std::string> reasons) {
  auto text = fmt::format("{} was not changed: {}", path, reasons.front());
  if (reasons.size() > 1) text += fmt::format(" (and {} more)", reasons.size() - 1);
  return {Kind::kRefused, std::move(text), std::move(reasons)};
}

std::string stands_for_nothing(std::string_view profile, const TypeName& type) {
  return fmt::format(
      "profile {} stands for VSI type {}, which does not exist; import the type first or with it",
      profile, to_string(type));
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

StoreResult<Store> Store::open(const std::string& path, Access access,
                               std::chrono::milliseconds patience) {
  auto database = open_database(path, access, patience);
  if (!database) return tl::unexpected(std::move(database.error()));
  return Store(std::make_unique<Impl>(path, std::move(*database)));
}

StoreResult<std::optional<PortProfile>> Store::find_profile(std::string_view name) {
  return guarded(impl_->path, [&]() -> StoreResult<std::optional<PortProfile>> {
    return impl_->profile(std::string(name));
  });
}

StoreResult<std::optional<NetworkParameters>> Store::find_type(const TypeName& name) {
  return guarded(impl_->path, [&]() -> StoreResult<std::optional<NetworkParameters>> {
    return impl_->type(name);
  });
}

StoreResult<std::optional<NetworkParameters>> Store::find_type(const vdp::ManagerId& manager,
                                                               vdp::VsiType type) {
  auto own = find_type(TypeName{manager, type});
  if (!own || *own) return own;
  return find_type(TypeName{std::nullopt, type});
}

StoreResult<bool> Store::has_type(const TypeName& name) {
  return guarded(impl_->path, [&]() -> StoreResult<bool> { return impl_->has_type(name); });
}

StoreResult<Contents> Store::contents() {
  return guarded(impl_->path, [&]() -> StoreResult<Contents> {
    SQLite::Transaction one_state(*impl_->database);
    return impl_->contents();
  });
}

StoreResult<std::int64_t> Store::revision() {
  return guarded(impl_->path, [&]() -> StoreResult<std::int64_t> { return impl_->revision(); });
}

StoreResult<std::int64_t> Store::data_version() {
  return guarded(impl_->path, [&]() -> StoreResult<std::int64_t> {
    auto& pragma = impl_->statement("PRAGMA data_version");
    pragma.executeStep();
    const std::int64_t version = pragma.getColumn(0).getInt64();
    pragma.reset();
    return version;
  });
}

bool Store::Impl::has_type(const TypeName& name) {
  auto& exists = statement(kTypeExists);
  bind_type(exists, 1, name);
  const bool there = exists.executeStep();
  exists.reset();
  return there;
}

std::vector<std::string> Store::Impl::changed_bodies(const Changes& changes) {
  std::vector<std::string> reasons;
  for (const auto& put : changes.put_types) {
    const auto now = type(put.name);
    if (!now || same_body(*now, put.parameters) || reasons.size() == kMostReasons) continue;
    reasons.push_back(
        fmt::format("VSI type {} exists with another body, and VSIs may use it; give the new one "
                    "another version, or force it",
                    to_string(put.name)));
  }
  return reasons;
}

std::vector<std::string> Store::Impl::dangling(const Changes& changes, std::int64_t since) {
  std::vector<std::string> reasons;
  for (const auto& put : changes.put_profiles) {
    if (!put.vsi_type || reasons.size() == kMostReasons) continue;
    if (!has_type(*put.vsi_type)) reasons.push_back(stands_for_nothing(put.name, *put.vsi_type));
  }
  if (changes.remove_types.empty()) return reasons;
  auto& removed = statement(kStandingForRemoved);
  removed.bind(1, since);
  while (reasons.size() < kMostReasons && removed.executeStep()) {
    reasons.push_back(
        stands_for_nothing(removed.getColumn(0).getString(), profiles::read_type(removed, 1)));
  }
  removed.reset();
  return reasons;
}

StoreResult<std::int64_t> Store::apply(const Changes& changes, Force force) {
  for (const auto& profile : changes.put_profiles) {
    if (auto fault = name_fault(profile.name); !fault.empty()) {
      return tl::unexpected(refused(impl_->path, {std::move(fault)}));
    }
  }
  return guarded(impl_->path, [&]() -> StoreResult<std::int64_t> {
    SQLite::Transaction transaction(*impl_->database, TransactionBehavior::IMMEDIATE);
    if (const auto mirror = impl_->mirror()) {
      return tl::unexpected(
          refused(impl_->path, {"it mirrors " + mirror->source + ": make the change there"}));
    }
    if (force == Force::kNo) {
      auto reasons = impl_->changed_bodies(changes);
      if (!reasons.empty()) return tl::unexpected(refused(impl_->path, std::move(reasons)));
    }
    const auto before = impl_->revision();
    const auto after = impl_->change(changes);
    auto reasons = impl_->dangling(changes, before);
    if (!reasons.empty()) return tl::unexpected(refused(impl_->path, std::move(reasons)));
    impl_->commit(transaction);
    return after;
  });
}

StoreResult<std::optional<MirrorState>> Store::mirror_state() {
  return guarded(impl_->path,
                 [&]() -> StoreResult<std::optional<MirrorState>> { return impl_->mirror(); });
}

StoreResult<std::int64_t> Store::apply(const Changes& changes, const MirrorState& state) {
  return guarded(impl_->path, [&]() -> StoreResult<std::int64_t> {
    SQLite::Transaction transaction(*impl_->database, TransactionBehavior::IMMEDIATE);
    const auto after = impl_->change(changes);
    impl_->write_mirror(state);
    impl_->commit(transaction);
    return after;
  });
}

StoreResult<std::int64_t> Store::replace_all(const Contents& contents, const MirrorState& state) {
  return guarded(impl_->path, [&]() -> StoreResult<std::int64_t> {
    SQLite::Transaction transaction(*impl_->database, TransactionBehavior::IMMEDIATE);
    const auto after = impl_->change(difference(impl_->contents(), contents));
    impl_->write_mirror(state);
    impl_->commit(transaction);
    return after;
  });
}

StoreResult<void> Store::end_mirror() {
  return guarded(impl_->path, [&]() -> StoreResult<void> {
    impl_->database->exec("DELETE FROM mirror");
    return {};
  });
}

StoreResult<void> Store::check() {
  return guarded(impl_->path, [&]() -> StoreResult<void> {
    const auto verdict = impl_->database->execAndGet("PRAGMA integrity_check(1)").getString();
    if (verdict == "ok") {
      SQLite::Transaction one_state(*impl_->database);
      impl_->contents();
      return {};
    }
    return tl::unexpected(
        StoreError{Kind::kDamaged, fmt::format("{} is damaged: {}", impl_->path, verdict), {}});
  });
}

Changes difference(const Contents& from, const Contents& to) {
  Changes changes;
  std::set<std::string_view> profiles;
  for (const auto& profile : to.profiles) profiles.insert(profile.name);
  for (const auto& profile : from.profiles) {
    if (!profiles.contains(profile.name)) changes.remove_profiles.push_back(profile.name);
  }
  std::set<TypeName> types;
  for (const auto& type : to.types) types.insert(type.name);
  for (const auto& type : from.types) {
    if (!types.contains(type.name)) changes.remove_types.push_back(type.name);
  }
  changes.put_profiles = to.profiles;
  changes.put_types = to.types;
  return changes;
}

}  // namespace profiles
