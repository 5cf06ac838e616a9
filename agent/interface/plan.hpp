// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/interface/kernel.hpp"
#include "agent/ports.hpp"

namespace agent::interface {

/// Why an interface is not attached, or not as it was asked for; the sentence names the parameter.
struct Refusal {
  pb::Code code;
  std::string sentence;
};

/// The delivery modes that a VSI type allows; empty: all, or no such type is known here. The error
/// is a sentence.
using FindTypeModes = std::function<tl::expected<profiles::DeliveryModes, std::string>(
    const vdp::ManagerId& manager, vdp::VsiType type)>;

/// What is to be done for one interface, in this order; it is undone in the other order.
struct Plan {
  pb::InterfaceWanted wanted;  ///< with its name and MAC address
  std::vector<journal::Step> steps;
};

/// What a plan is made against.
struct Situation {
  Kernel& kernel;
  const Ports& ports;
  std::vector<net::Link> links;
  /// Names that are promised to interfaces under way.
  std::function<bool(const std::string& name)> promised;
  /// The delivery modes that the host's database allows a VSI type in; empty: there is none.
  FindTypeModes find_type_modes;
  /// Interfaces that have the profile, those under way included.
  std::vector<std::string> same_profile;
  /// The VLAN at the bridge that another interface of evbd needs; nullptr: none does.
  std::function<const journal::BridgeVlan*(const std::string& port, std::uint32_t vid)> shared_vlan;
};

/// Plans the interface, or says what stands against it. Nothing is changed. `parameters` without
/// value: it has no profile, or one that only the device's own driver knows.
tl::expected<Plan, Refusal> plan(const pb::InterfaceWanted& wanted,
                                 const std::optional<journal::Parameters>& parameters,
                                 const Situation& situation);

/// The filter that the interface needs now: what its parameters say, and in mode private nothing
/// from or to other guests of the device; nor from or to one of them that is in mode private.
journal::Filter filter_for(const std::string& device, const std::string& mac,
                           pb::InterfaceMode mode,
                           const std::optional<journal::Parameters>& parameters,
                           const std::vector<net::Link>& siblings);
/// The VLANs that a bridge has to admit tagged, at the end of an interface that stands on `lower`.
std::vector<std::uint32_t> bridge_vids(const journal::Parameters& parameters,
                                       const net::Link& lower);
/// Of the ifb that a limited receiver needs: "evb0-rx"; a long name loses its end.
std::string buffer_name(const std::string& interface);
/// Whether it lets everything pass.
bool is_open(const journal::Filter& filter);
/// Other macvtaps and macvlans on the same device.
std::vector<net::Link> siblings_of(const std::vector<net::Link>& links, int lower,
                                   std::string_view except);

}  // namespace agent::interface
