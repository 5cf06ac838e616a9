// SPDX-License-Identifier: Apache-2.0
#include "profiles/store_impl.hpp"

#include "profiles/store_rows.hpp"

namespace profiles {

const std::string kSelectProfile =
    std::string("SELECT name, manager, type_id, type_version, require_relay, ") +
    kParameterColumns + " FROM port_profile ";
const std::string kSelectType =
    std::string("SELECT manager, type_id, type_version, ") + kParameterColumns + " FROM vsi_type ";

namespace {

/// Removals are remembered for readers that only want what changed; more than these are forgotten,
/// and such readers start from nothing.
constexpr std::int64_t kMostRemovals = 10'000;

const std::string kPutProfile =
    "INSERT OR REPLACE INTO port_profile (name, revision, manager, "
    "type_id, type_version, require_relay, " +
    std::string(kParameterColumns) + ") VALUES (" + placeholders(6 + kParameterCount) + ")";
const std::string kPutType =
    "INSERT OR REPLACE INTO vsi_type (manager, type_id, type_version, "
    "revision, " +
    std::string(kParameterColumns) + ") VALUES (" + placeholders(4 + kParameterCount) + ")";
const std::string kWhereType = "WHERE manager = ? AND type_id = ? AND type_version = ?";

}  // namespace

PortProfile profile_of(SQLite::Statement& row) {
  PortProfile profile;
  profile.name = row.getColumn(0).getString();
  if (!row.getColumn(1).isNull()) profile.vsi_type = read_type(row, 1);
  profile.require_relay = row.getColumn(4).getInt() != 0;
  profile.parameters = read_parameters(row, 5);
  return profile;
}

VsiTypeEntry type_of(SQLite::Statement& row) {
  return {read_type(row, 0), read_parameters(row, 3)};
}

SQLite::Statement& Store::Impl::statement(const std::string& sql) {
  auto found = statements.find(sql);
  if (found == statements.end()) {
    found = statements.emplace(sql, SQLite::Statement(*database, sql)).first;
  }
  found->second.tryReset();
  found->second.clearBindings();
  return found->second;
}

std::optional<PortProfile> Store::Impl::profile(const std::string& name) {
  static const std::string kSql = kSelectProfile + "WHERE name = ?";
  auto& select = statement(kSql);
  select.bind(1, name);
  std::optional<PortProfile> found;
  if (select.executeStep()) found = profile_of(select);
  select.reset();  // a statement in the middle would hold the readers' lock
  return found;
}

std::optional<NetworkParameters> Store::Impl::type(const TypeName& name) {
  static const std::string kSql = kSelectType + kWhereType;
  auto& select = statement(kSql);
  bind_type(select, 1, name);
  std::optional<NetworkParameters> found;
  if (select.executeStep()) found = read_parameters(select, 3);
  select.reset();
  return found;
}

std::int64_t Store::Impl::revision() {
  return database->execAndGet("SELECT revision FROM meta").getInt64();
}

std::optional<MirrorState> Store::Impl::mirror() {
  auto& select = statement("SELECT cluster, source, revision, contact, trouble FROM mirror");
  std::optional<MirrorState> state;
  if (select.executeStep()) {
    state = MirrorState{select.getColumn(0).getString(), select.getColumn(1).getString(),
                        select.getColumn(2).getInt64(),
                        std::chrono::system_clock::time_point(
                            std::chrono::milliseconds(select.getColumn(3).getInt64())),
                        select.getColumn(4).getString()};
  }
  select.reset();
  return state;
}

void Store::Impl::write_mirror(const MirrorState& state) {
  auto& insert = statement("INSERT OR REPLACE INTO mirror VALUES (1, ?, ?, ?, ?, ?)");
  insert.bind(1, state.cluster);
  insert.bind(2, state.source);
  insert.bind(3, state.revision);
  insert.bind(4, std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(
                                  state.contact.time_since_epoch())
                                  .count()});
  insert.bind(5, state.trouble);
  insert.exec();
}

Contents Store::Impl::contents() {
  Contents all;
  SQLite::Statement profiles(*database, kSelectProfile + "ORDER BY name");
  while (profiles.executeStep()) all.profiles.push_back(profile_of(profiles));
  SQLite::Statement types(*database, kSelectType + "ORDER BY manager, type_id, type_version");
  while (types.executeStep()) all.types.push_back(type_of(types));
  return all;
}

bool Store::Impl::put(const PortProfile& entry, std::int64_t revision) {
  if (profile(entry.name) == entry) return false;
  auto& insert = statement(kPutProfile);
  insert.bind(1, entry.name);
  insert.bind(2, revision);
  if (entry.vsi_type) {
    bind_type(insert, 3, *entry.vsi_type);
  } else {
    bind_no_type(insert, 3);
  }
  insert.bind(6, entry.require_relay ? 1 : 0);
  bind_parameters(insert, 7, entry.parameters);
  insert.exec();
  auto& returned = statement("DELETE FROM removed_profile WHERE name = ?");
  returned.bind(1, entry.name);
  returned.exec();
  return true;
}

bool Store::Impl::put(const VsiTypeEntry& entry, std::int64_t revision) {
  if (type(entry.name) == entry.parameters) return false;
  auto& insert = statement(kPutType);
  bind_type(insert, 1, entry.name);
  insert.bind(4, revision);
  bind_parameters(insert, 5, entry.parameters);
  insert.exec();
  auto& returned = statement("DELETE FROM removed_type " + kWhereType);
  bind_type(returned, 1, entry.name);
  returned.exec();
  return true;
}

bool Store::Impl::remove(const std::string& name, std::int64_t revision) {
  auto& erase = statement("DELETE FROM port_profile WHERE name = ?");
  erase.bind(1, name);
  if (erase.exec() == 0) return false;
  auto& note = statement("INSERT OR REPLACE INTO removed_profile VALUES (?, ?)");
  note.bind(1, name);
  note.bind(2, revision);
  note.exec();
  return true;
}

bool Store::Impl::remove(const TypeName& name, std::int64_t revision) {
  auto& erase = statement("DELETE FROM vsi_type " + kWhereType);
  bind_type(erase, 1, name);
  if (erase.exec() == 0) return false;
  auto& note = statement("INSERT OR REPLACE INTO removed_type VALUES (?, ?, ?, ?)");
  bind_type(note, 1, name);
  note.bind(4, revision);
  note.exec();
  return true;
}

void Store::Impl::forget_old_removals() {
  const auto count = database->execAndGet(
      "SELECT (SELECT count(*) FROM removed_profile) + (SELECT count(*) FROM removed_type)");
  if (count.getInt64() <= kMostRemovals) return;
  database->exec(
      "UPDATE meta SET forgotten = revision; DELETE FROM removed_profile; DELETE FROM "
      "removed_type");
}

void Store::Impl::commit(SQLite::Transaction& transaction) {
  transaction.commit();
  database->tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::int64_t Store::Impl::change(const Changes& changes) {
  const auto before = revision();
  const auto after = before + 1;
  bool changed = false;
  for (const auto& name : changes.remove_profiles) changed |= remove(name, after);
  for (const auto& name : changes.remove_types) changed |= remove(name, after);
  for (const auto& type : changes.put_types) changed |= put(type, after);
  for (const auto& profile : changes.put_profiles) changed |= put(profile, after);
  if (!changed) return before;
  auto& update = statement("UPDATE meta SET revision = ?");
  update.bind(1, after);
  update.exec();
  if (!changes.remove_profiles.empty() || !changes.remove_types.empty()) forget_old_removals();
  return after;
}

}  // namespace profiles
