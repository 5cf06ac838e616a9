// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <array>

#include "agent/interface/plan.hpp"

namespace agent::interface {

using Checked = tl::expected<void, Refusal>;

template <class... Values>
tl::unexpected<Refusal> refused(pb::Code code, fmt::format_string<Values...> sentence,
                                Values&&... values) {
  return tl::unexpected(Refusal{code, fmt::format(sentence, std::forward<Values>(values)...)});
}

/// For addresses and ids that nobody named.
std::array<std::uint8_t, 16> random_octets();

/// "eth0.2" as device and VLAN ID.
struct VlanName {
  std::string base;
  std::uint32_t vid = 0;
};
std::optional<VlanName> split_vlan_name(const std::string& name);

/// Makes one plan; each member checks one thing and adds the steps that follow from it.
class Planner {
 public:
  Planner(const pb::InterfaceWanted& wanted, const std::optional<journal::Parameters>& parameters,
          const Situation& situation)
      : has_profile_(parameters.has_value()),
        parameters_(parameters.value_or(journal::Parameters())),
        situation_(situation) {
    plan_.wanted = wanted;
  }

  tl::expected<Plan, Refusal> make() {
    for (const auto check :
         {&Planner::name, &Planner::mode, &Planner::instances, &Planner::device, &Planner::vlan,
          &Planner::sharing, &Planner::bridge, &Planner::address, &Planner::mtu,
          &Planner::relay_required, &Planner::function, &Planner::endpoint, &Planner::bandwidth,
          &Planner::port_profile, &Planner::association}) {
      if (auto done = (this->*check)(); !done) return tl::unexpected(done.error());
    }
    step().mutable_up()->set_device(wanted().name());
    return std::move(plan_);
  }

 private:
  pb::InterfaceWanted& wanted() { return plan_.wanted; }
  journal::Step& step() { return plan_.steps.emplace_back(); }
  /// The device as a link; nullptr while it is a VLAN device that is still to be made.
  const net::Link* lower() const { return find(situation_.links, lower_); }
  bool passthrough() const { return plan_.wanted.mode() == pb::MODE_PASSTHROUGH; }
  std::vector<net::Link> siblings() const {
    const auto* const link = lower();
    return link == nullptr ? std::vector<net::Link>()
                           : siblings_of(situation_.links, link->index, "");
  }

  Checked name();
  Checked mode();
  Checked instances();
  Checked device();
  Checked vlan();
  Checked untagged_vlan();
  Checked priority();
  Checked bridge();
  Checked sharing();
  Checked address();
  Checked mtu();
  Checked relay_required();
  Checked function();
  Checked endpoint();
  Checked bandwidth();
  Checked port_profile();
  Checked association();
  Checked type_allows(const vdp::VsiRequest& request) const;

  Checked add_vlan(const net::Link& base, const std::string& name, std::uint32_t vid);
  Checked admit(const net::Link& end, const BridgeVlans& now, std::uint32_t vid, bool untagged);
  std::string channel_trouble(const std::string& device) const;
  Checked usable(const net::Link& link) const;
  /// Whether nobody else would notice that untagged frames are of another VLAN.
  Checked alone(const net::Link& link) const;
  /// The device that frames leave by: below a VLAN device.
  const net::Link& ground() const;
  Checked unused(const net::Link& link) const;

  bool has_profile_;
  journal::Parameters parameters_;
  const Situation& situation_;
  Plan plan_;
  std::string lower_;     ///< the device that the endpoint will stand on
  std::string physical_;  ///< the one below a VLAN device that is still to be made
  std::optional<VfPlace> function_;
  /// The device's bridge has to take untagged frames into the profile's VLAN.
  bool bridge_untags_ = false;
  bool vf_has_vlan_ = false;
  bool vf_has_rate_ = false;
};

}  // namespace agent::interface
