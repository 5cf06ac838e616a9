// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/api/evbd.pb.h"
#include "agent/ctl/arguments.hpp"

namespace agent::ctl {

/// A VSI as the user described it, and what to tell about it.
struct VsiInput {
  evbd::v1::VsiWanted wanted;
  bool id_generated = false;
  std::string origin;  ///< "interface 2 of guest.xml"; empty: the command line
};
template <class T>
using Input = tl::expected<T, std::string>;  // the error is a sentence for the user

/// A random UUID (version 4).
std::string new_uuid();

/// "UUID", or "ipv4:192.0.2.1", "ipv6:…", "mac:…", "local:…".
struct IdText {
  evbd::v1::VsiIdFormat format;
  std::string id;
};
IdText split_id(const std::string& text);

/// --manager: 1..255, or what stands for 16 octets.
Input<evbd::v1::Manager> read_manager(const std::string& text);
/// One --filter: "mac=52:54:00:aa:00:11,vid=2,group=7", any part once.
Input<evbd::v1::FilterEntry> read_filter(const std::string& text);

/// --id, --manager, --type and --type-version.
Input<void> read_type(const Arguments& arguments, VsiInput& vsi);
/// The VSI that the options of associate and preassociate describe, without --xml.
Input<VsiInput> vsi_from_options(const Arguments& arguments);
/// XML of --xml, "-" being the standard input; at most one octet more than is allowed.
Input<std::string> read_file(const std::string& path);
/// Puts --port, --vlan, --bridge-assigns-vlan and --migrating-to-here on VSIs from XML, and refuses
/// the options that XML replaces.
Input<void> apply_options(const Arguments& arguments, std::vector<VsiInput>& vsis);

}  // namespace agent::ctl
