// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>

#include "profiles/port_profile.hpp"
#include "vdp/vsi.hpp"

namespace profiles {

/// The answer to one request: the request's filters with VIDs and priorities filled in, or the
/// standard's reason. `hard` means that the same request will always be refused.
struct Resolution {
  vdp::Reason reason = vdp::Reason::kSuccess;
  bool hard = false;
  vdp::FilterInfo filters;
};

/// Holds the filters of a request against one type.
Resolution resolve(const NetworkParameters& parameters, const vdp::FilterInfo& wanted);

/// What a VSI type led to at some time; it stays what it was while somebody holds on to it.
using TypeBody = std::shared_ptr<const NetworkParameters>;

/// The answer where nothing is known of the type. Unknown manager: reason 3; unknown type or
/// version: reason 4; neither is hard, as the database may learn it.
Resolution unknown_type(bool manager_known);

/// VSI types in memory: (manager or any manager, type id, version) -> network parameters.
class VsiTypes {
 public:
  /// Without a manager: the type of whatever manager has none of its own. False when there already
  /// is such a type.
  bool add(const std::optional<vdp::ManagerId>& manager, vdp::VsiType type,
           NetworkParameters parameters);
  /// In place of what the type was, if it was.
  void put(const TypeName& name, NetworkParameters parameters);
  void remove(const TypeName& name);
  /// Exactly that entry; nullptr: there is none.
  TypeBody find(const TypeName& name) const;
  /// Whether there is a type of this manager, or of any.
  bool knows(const vdp::ManagerId& manager) const;
  std::size_t size() const { return types_.size(); }
  friend bool operator==(const VsiTypes& one, const VsiTypes& other);

 private:
  std::map<TypeName, TypeBody> types_;
  std::map<std::optional<vdp::ManagerId>, std::size_t> managers_;  ///< how many types of each
};

/// A file's types and a database's, as one: the manager's own type first, the file's before the
/// database's, then that of any manager, in the same order. nullptr: nobody has it.
TypeBody find_type(const VsiTypes& file, const VsiTypes& database, const vdp::ManagerId& manager,
                   vdp::VsiType type);

}  // namespace profiles
