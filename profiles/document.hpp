// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "profiles/managers.hpp"
#include "profiles/store.hpp"
#include "profiles/toml_table.hpp"

// Port profiles and VSI types as TOML: the form that people edit.

namespace profiles {

/// What a file holds, in its order, and where each entry stands.
struct Document {
  Contents contents;
  std::vector<unsigned> profile_lines;  ///< of contents.profiles, one each
  std::vector<unsigned> type_lines;     ///< of contents.types, one each
};

/// Reads `[[port_profile]]` and `[[vsi_type]]`; the error holds every problem, each with its line.
/// `file` is the name used in problems.
tl::expected<Document, Problems> read_document(std::string_view text, const std::string& file,
                                               const ManagerTable& managers = {});
/// The same of TOML that is parsed already.
tl::expected<Document, Problems> read_document(const toml::table& table, const std::string& file,
                                               const ManagerTable& managers = {});

/// What read_document() reads again as the same. The order is that of `contents`, types first.
std::string write_document(const Contents& contents);
/// One entry of it.
std::string write_entry(const PortProfile& profile);
std::string write_entry(const VsiTypeEntry& type);

/// The lines of two texts that are not in the other.
struct LineDifference {
  std::vector<std::string> before;  ///< that go
  std::vector<std::string> after;   ///< that come
};
LineDifference line_difference(std::string_view before, std::string_view after);

/// What keeps the document from being imported into a database: a profile that would stand for a
/// type that is in neither; a type that would get another body under its version, unless forced.
StoreResult<Problems> conflicts(const Document& document, const std::string& file, Store& store,
                                Force force);

/// The entry with single parameters changed: "mtu=9000", "tagged=10,11", "transmit=100M" or with a
/// burst "transmit=100M,64K", "groups=4097:10", "vsi_type=192.0.2.20/1193047/2"; "mtu=" takes the
/// parameter away. Everything else is as in a document.
tl::expected<PortProfile, Problems> assign(const PortProfile& profile,
                                           std::span<const std::string> assignments);
tl::expected<VsiTypeEntry, Problems> assign(const VsiTypeEntry& type,
                                            std::span<const std::string> assignments);

}  // namespace profiles
