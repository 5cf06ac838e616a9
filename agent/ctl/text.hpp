// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/api/evbd.pb.h"

// What evbctl prints for people. Functions of the messages alone; times are local.

namespace agent::ctl {

namespace pb = ::evbd::v1;

std::string agent_text(const pb::AgentReport& agent);
/// Both sides' CDCP and the S-channels, or whose channel the port is; empty without either.
std::string s_channels_text(const pb::Port& port);
std::string port_text(const pb::Port& port);
std::string neighbor_text(const pb::Neighbor& neighbor);
/// The table of `vsi show`.
std::string vsi_table(const pb::Vsis& vsis);
/// All of one VSI.
std::string vsi_text(const pb::Vsi& vsi);
/// The table of `interface show`, and what stands against each one's mode.
std::string interface_table(const pb::Interfaces& interfaces);
/// All of one interface.
std::string interface_text(const pb::Interface& interface);
/// One line: "evb0: attached, ...".
std::string interface_result_text(const pb::InterfaceResult& result, std::string_view verb);
/// One line: "... on port1: has VSI type 11/5/1 as it is now".
std::string type_result_text(const pb::TypeResult& result);
/// One line of an association or its end.
std::string result_text(const pb::VsiResult& result);
/// One line of a watch; neighbours may be several.
std::string event_text(const pb::Event& event);
/// What a recording holds.
std::string capture_text(const pb::CaptureStatus& status);
/// "192.0.2.20/1193047/2", as commands take it.
std::string type_name_text(const pb::TypeName& name);
/// One reason of the status octet.
std::string reason_text(std::uint32_t reason);

/// "52:54:00:aa:00:11 VLAN 2", "group 7 VLAN chosen by the bridge".
std::string filter_text(const pb::FilterEntry& entry);

}  // namespace agent::ctl
