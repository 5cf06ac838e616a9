// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "profiles/store.hpp"

// How the database stands in etcd: below a prefix, a key for each entry, its value the entry as
// TOML, as `evbctl profile export` writes it.
//
//   PREFIX db/identity                        who this database is: drawn when it was first
//   published PREFIX db/profile/NAME PREFIX db/type/MANAGER/ID/VERSION         MANAGER: 32
//   hexadecimal digits, or "any"

namespace agent::profile_sync {

using Entry = std::variant<profiles::PortProfile, profiles::VsiTypeEntry>;
using EntryName = std::variant<std::string, profiles::TypeName>;

class Keys {
 public:
  /// `prefix` ends in '/'.
  explicit Keys(std::string prefix) : prefix_(std::move(prefix)) {}

  const std::string& prefix() const { return prefix_; }
  std::string database() const { return prefix_ + "db/"; }
  std::string identity() const { return prefix_ + "db/identity"; }
  std::string of(const EntryName& name) const;
  /// nullopt: no key of an entry.
  std::optional<EntryName> name(std::string_view key) const;
  /// What stands under a key. The error is a sentence.
  tl::expected<Entry, std::string> read(std::string_view key, std::string_view value) const;

 private:
  std::string prefix_;
};

EntryName name_of(const Entry& entry);
std::string write(const Entry& entry);

}  // namespace agent::profile_sync
