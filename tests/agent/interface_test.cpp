// SPDX-License-Identifier: Apache-2.0
// What is done for an interface, in which order, and what is left of it: on a kernel in a map, with
// the real cores of a station and a bridge, in virtual time.
#include <gmock/gmock.h>

#include "agent/interface/doubts.hpp"
#include "api_ports.hpp"
#include "interface_fakes.hpp"

namespace agent::interface {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kMac = "52:54:00:aa:00:11";
constexpr const char* kId = api::kFirstId;

class InterfaceTest : public testing::Test {
 protected:
  InterfaceTest() {
    path = testing::TempDir() + "interfaces-" +
           testing::UnitTest::GetInstance()->current_test_info()->name() + ".db";
    forget_file();
    ports.link_up();
    start();
  }
  ~InterfaceTest() override {
    ports.observer = nullptr;
    interfaces.reset();
    forget_file();
  }

  void forget_file() const {
    for (const auto* const tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
  }

  /// A new run of evbd on the same file, kernel and ports.
  void start() {
    ports.observer = nullptr;
    interfaces.reset();
    auto opened = JournalFile::open(path);
    ASSERT_TRUE(opened) << opened.error();
    Surroundings around;
    around.find_profile = [this](const std::string& name)
        -> tl::expected<std::optional<journal::Parameters>, std::string> {
      if (!profiles.contains(name)) return std::nullopt;
      return profiles.at(name);
    };
    around.find_type_modes =
        [this](const vdp::ManagerId& manager,
               vdp::VsiType type) -> tl::expected<::profiles::DeliveryModes, std::string> {
      if (!type_trouble.empty()) return tl::unexpected(type_trouble);
      const bool ours = manager == vdp::ManagerId{{11}} && type == vdp::VsiType{1193047, 0};
      return ours ? type_modes : ::profiles::DeliveryModes();
    };
    interfaces = std::make_unique<Interfaces>(kernel, ports, std::move(*opened), around);
    ports.observer = interfaces.get();
    interfaces->start();
    interfaces->work();
  }

  void advance(base::Duration by) {
    for (auto left = by; left > 0ms; left -= 50ms) {
      ports.advance(50ms);
      interfaces->work();
      if (const auto deadline = interfaces->deadline(); deadline && *deadline <= ports.time) {
        interfaces->time_passed(ports.time);
      }
    }
  }

  pb::InterfaceWanted wanted(pb::InterfaceMode mode = pb::MODE_VEPA,
                             const std::string& device = "eth0") const {
    pb::InterfaceWanted asked;
    asked.set_device(device);
    asked.set_mode(mode);
    asked.set_mac(kMac);
    return asked;
  }
  pb::InterfaceWanted with_vsi(pb::InterfaceMode mode = pb::MODE_VEPA) const {
    auto asked = wanted(mode, "eth0.2");
    asked.mutable_vsi()->set_id(kId);
    asked.mutable_vsi()->mutable_manager()->set_number(11);
    asked.mutable_vsi()->set_type_id(1193047);
    return asked;
  }
  pb::InterfaceWanted with_profile(const journal::Parameters& parameters,
                                   pb::InterfaceMode mode = pb::MODE_PRIVATE) {
    profiles["finance"] = parameters;
    auto asked = wanted(mode);
    asked.set_profile("finance");
    return asked;
  }

  pb::InterfaceResults attach(const std::vector<pb::InterfaceWanted>& all, bool heard = true,
                              base::Duration time = 2s) {
    pb::InterfaceAttach request;
    for (const auto& each : all) *request.add_interfaces() = each;
    // The answer may come after this function has ended.
    const auto results = std::make_shared<pb::InterfaceResults>();
    answered = false;
    interfaces->attach(request, [this, results, heard](const auto& got) {
      *results = got;
      answered = true;
      return heard;
    });
    interfaces->work();
    advance(time);
    return *results;
  }
  pb::InterfaceResults detach(const std::string& name) {
    pb::InterfaceDetach request;
    request.add_names(name);
    pb::InterfaceResults results;
    interfaces->detach(request, [&](const auto& got) {
      results = got;
      return true;
    });
    interfaces->work();
    advance(2s);
    return results;
  }
  static std::string sentence(const pb::InterfaceResults& results) {
    return results.results_size() > 0 ? results.results(0).status().sentence() : "no result";
  }

  /// As at the beginning, in the kernel and on the bridge.
  void expect_nothing() {
    EXPECT_EQ(kernel.devices.size(), 1U);
    EXPECT_EQ(lldp::to_string(kernel.devices.at("eth0").address), "02:00:00:00:00:01");
    EXPECT_EQ(kernel.functions[3].vlan(), 0U);
    EXPECT_EQ(kernel.profile, "");
    EXPECT_EQ(ports.core("eth0")->vsi_count(), 0U);
    EXPECT_EQ(ports.core("sw1")->vsi_count(), 0U);
    EXPECT_THAT(interfaces->entries(""), IsEmpty());
  }

  std::string path;
  api::FakePorts ports;
  FakeKernel kernel;
  std::map<std::string, journal::Parameters> profiles;
  ::profiles::DeliveryModes type_modes;  ///< of the VSI type of with_vsi()
  std::string type_trouble;              ///< why types cannot be looked up
  std::unique_ptr<Interfaces> interfaces;
  bool answered = false;
};

journal::Parameters everything() {
  journal::Parameters parameters;
  parameters.set_untagged(2);
  parameters.set_mtu(1400);
  parameters.set_own_mac_only(true);
  parameters.mutable_transmit()->set_bits_per_second(10'000'000);
  parameters.mutable_receive()->set_bits_per_second(20'000'000);
  return parameters;
}

TEST_F(InterfaceTest, IsMadeThenAssociatedThenUpAndUndoneTheOtherWayRound) {
  const auto results = attach({with_vsi()});
  ASSERT_EQ(results.results(0).status().code(), pb::OK) << sentence(results);
  EXPECT_THAT(kernel.orders, ElementsAre("add_vlan", "add_endpoint", "set_up"));
  EXPECT_TRUE(kernel.devices.at("evb0").admin_up);
  EXPECT_EQ(ports.core("sw1")->vsi_count(), 1U);
  kernel.orders.clear();
  EXPECT_EQ(detach("evb0").results(0).status().code(), pb::OK);
  EXPECT_THAT(kernel.orders, ElementsAre("set_down", "remove", "remove"));
  expect_nothing();
}

TEST_F(InterfaceTest, AProfilesParametersComeBeforeTheLinkIsUp) {
  const auto results = attach({with_profile(everything())});
  ASSERT_EQ(results.results(0).status().code(), pb::OK) << sentence(results);
  EXPECT_THAT(kernel.orders, ElementsAre("add_vlan", "add_endpoint", "set_mtu", "filter",
                                         "transmit", "receive", "set_up"));
  EXPECT_EQ(kernel.devices.at("evb0").lower, kernel.devices.at("eth0.2").index);
  EXPECT_THAT(kernel.filters.at("evb0").sources(), ElementsAre(kMac));
  for (const auto& parameter : results.results(0).interface().parameters()) {
    EXPECT_EQ(parameter.wanted(), parameter.in_force()) << parameter.name();
  }
  detach("evb0");
  expect_nothing();
}

TEST_F(InterfaceTest, WhatTheBridgeRefusesIsNeverUpAndLeavesNothing) {
  ports.bridge_says = vdp::Reason::kOtherFailure;
  const auto results = attach({with_vsi()}, true, 5s);
  EXPECT_EQ(results.results(0).status().code(), pb::REFUSED);
  EXPECT_THAT(sentence(results), HasSubstr("not granted"));
  EXPECT_THAT(kernel.orders, testing::Not(testing::Contains("set_up")));
  expect_nothing();
}

TEST_F(InterfaceTest, AnyOrderThatTheKernelRefusesIsUndone) {
  for (const auto* const order :
       {"add_vlan", "add_endpoint", "set_mtu", "filter", "transmit", "receive", "set_up"}) {
    kernel.refused = {order};
    const auto results = attach({with_profile(everything())});
    EXPECT_EQ(results.results(0).status().code(), pb::REFUSED) << order;
    EXPECT_THAT(sentence(results), HasSubstr(order));
    expect_nothing();
  }
}

TEST_F(InterfaceTest, OneRefusedTakesBackTheOthersOfItsRequest) {
  auto second = with_vsi();
  second.mutable_vsi()->set_id(api::kSecondId);
  second.mutable_vsi()->set_type_id(7);
  second.set_mac("52:54:00:aa:00:22");
  ports.bridge_says = vdp::Reason::kOtherFailure;
  const auto results = attach({wanted(pb::MODE_BRIDGE), second}, true, 5s);
  for (const auto& result : results.results()) EXPECT_EQ(result.status().code(), pb::REFUSED);
  expect_nothing();
}

TEST_F(InterfaceTest, ABridgeThatIsSilentEndsTheWaitAndTheInterface) {
  ports.connected = false;
  const auto results = attach({with_vsi()}, true, 100s);
  ASSERT_EQ(results.results_size(), 1);
  EXPECT_THAT(sentence(results), HasSubstr("did not answer"));
  EXPECT_THAT(interfaces->entries(""), IsEmpty());
  EXPECT_EQ(kernel.devices.size(), 1U);
}

TEST_F(InterfaceTest, NobodyWhoHearsOfItMeansThatItGoesAgain) {
  attach({with_vsi()}, false);
  EXPECT_TRUE(answered);
  expect_nothing();
}

/// Every point at which a kill may strike, before and after each order to the kernel.
void kill_everywhere(InterfaceTest&, const std::function<bool(int point)>& run) {
  for (int point = 0; run(point); ++point) ASSERT_LT(point, 100);
}

TEST_F(InterfaceTest, AKillAtAnyPointOfAttachingIsUndoneAtTheNextStart) {
  int points = 0;
  kill_everywhere(*this, [&](int point) {
    kernel.orders.clear();
    kernel.kill_at = point;
    auto asked = with_vsi(pb::MODE_PASSTHROUGH);
    bool killed = false;
    try {
      attach({asked});
    } catch (const Killed&) {
      killed = true;
    }
    kernel.kill_at = -1;
    kernel.orders.clear();
    if (!killed) {
      detach("evb0");
    } else {
      ++points;
      start();
      advance(12s);
    }
    expect_nothing();
    return killed && !HasFailure();
  });
  EXPECT_GE(points, 8);
}

TEST_F(InterfaceTest, AKillAtAnyPointOfDetachingIsCompletedAtTheNextStart) {
  int points = 0;
  kill_everywhere(*this, [&](int point) {
    attach({with_profile(everything())});
    kernel.orders.clear();
    kernel.kill_at = point;
    bool killed = false;
    try {
      detach("evb0");
    } catch (const Killed&) {
      killed = true;
    }
    kernel.kill_at = -1;
    kernel.orders.clear();
    if (killed) {
      ++points;
      start();
      advance(12s);
    }
    expect_nothing();
    return killed && !HasFailure();
  });
  EXPECT_GE(points, 8);
}

TEST_F(InterfaceTest, AnAttachedInterfaceOutlivesTheRun) {
  attach({with_vsi()});
  kernel.orders.clear();
  start();
  advance(1s);
  EXPECT_THAT(kernel.orders, IsEmpty());
  EXPECT_EQ(interfaces->entries("evb0").size(), 1U);
  detach("evb0");
  expect_nothing();
}

TEST_F(InterfaceTest, AVlanDeviceGoesWithTheLastThatStandsOnIt) {
  attach({wanted(pb::MODE_VEPA, "eth0.2")});
  auto second = wanted(pb::MODE_VEPA, "eth0.2");
  second.set_mac("52:54:00:aa:00:22");
  attach({second});
  detach("evb0");
  EXPECT_TRUE(kernel.devices.contains("eth0.2"));
  detach("evb1");
  expect_nothing();
}

TEST_F(InterfaceTest, PassthroughTakesAndReturnsTheDevicesAddress) {
  attach({wanted(pb::MODE_PASSTHROUGH)});
  EXPECT_EQ(lldp::to_string(kernel.devices.at("eth0").address), kMac);
  EXPECT_THAT(sentence(attach({wanted(pb::MODE_VEPA)})), HasSubstr("has one user"));
  detach("evb0");
  expect_nothing();
}

TEST_F(InterfaceTest, PassthroughOfAVirtualFunctionSetsItsVlanAndRate) {
  kernel.is_function = true;
  auto parameters = everything();
  parameters.clear_receive();
  const auto results = attach({with_profile(parameters, pb::MODE_PASSTHROUGH)});
  ASSERT_EQ(results.results(0).status().code(), pb::OK) << sentence(results);
  EXPECT_EQ(kernel.functions[3].vlan(), 2U);
  EXPECT_EQ(kernel.functions[3].max_tx_rate(), 10U);
  EXPECT_FALSE(kernel.devices.contains("eth0.2"));
  detach("evb0");
  expect_nothing();
}

TEST_F(InterfaceTest, WhatAVirtualFunctionCannotDoIsSaidBeforeAnythingIsChanged) {
  kernel.is_function = true;
  kernel.unable = "transmit: pf0: cannot limit it";
  auto parameters = everything();
  EXPECT_THAT(sentence(attach({with_profile(parameters, pb::MODE_PASSTHROUGH)})),
              HasSubstr("transmit: pf0"));
  EXPECT_THAT(kernel.orders, IsEmpty());
  expect_nothing();
}

TEST_F(InterfaceTest, AChangedLimitOfAVirtualFunctionIsAppliedThere) {
  kernel.is_function = true;
  attach({with_profile(everything(), pb::MODE_PASSTHROUGH)});
  profiles["finance"].mutable_transmit()->set_bits_per_second(5'000'000);
  pb::InterfaceApply request;
  interfaces->apply(request, [](const auto&) { return true; });
  EXPECT_EQ(kernel.functions[3].max_tx_rate(), 5U);
  EXPECT_FALSE(kernel.rates.contains("evb0"));
  detach("evb0");
  expect_nothing();
}

TEST_F(InterfaceTest, AVlanDeviceMarksWithTheProfilesPriority) {
  auto parameters = everything();
  parameters.set_default_priority(5);
  EXPECT_EQ(attach({with_profile(parameters)}).results(0).status().code(), pb::OK);
  EXPECT_EQ(kernel.priorities["eth0.2"], 5U);
  parameters.set_default_priority(3);
  EXPECT_THAT(sentence(attach({with_profile(parameters)})), HasSubstr("default_priority: "));
  detach("evb0");
  parameters.clear_untagged();
  EXPECT_THAT(sentence(attach({with_profile(parameters)})), HasSubstr("default_priority: "));
  expect_nothing();
}

class InterfaceOnBridgeTest : public InterfaceTest {
 protected:
  InterfaceOnBridgeTest() {
    kernel.devices.at("eth0").kind = "bridge";
    kernel.bridges["eth0"] = before;
  }
  void expect_bridge_as_before() {
    expect_nothing();
    EXPECT_EQ(kernel.bridges["eth0"], before);
  }
  static journal::Parameters both() {
    journal::Parameters parameters;
    parameters.set_untagged(2);
    parameters.add_tagged(10);
    return parameters;
  }
  static constexpr std::uint16_t kNative = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED;
  const BridgeVlans before{{1, kNative}};
};

TEST_F(InterfaceOnBridgeTest, EachVlanIsThereAsLongAsOneNeedsIt) {
  attach({with_profile(both())});
  const BridgeVlans both_vlans{{1, BRIDGE_VLAN_INFO_UNTAGGED}, {2, kNative}, {10, 0}};
  EXPECT_EQ(kernel.bridges["eth0"], both_vlans);
  auto second = with_profile(both());
  second.set_mac("52:54:00:aa:00:22");
  const auto results = attach({second});
  ASSERT_EQ(results.results(0).status().code(), pb::OK) << sentence(results);
  detach("evb0");
  EXPECT_EQ(kernel.bridges["eth0"], both_vlans);
  detach("evb1");
  expect_bridge_as_before();
}

TEST_F(InterfaceOnBridgeTest, UntaggedFramesStayWhereOthersHaveThem) {
  kernel.used_for = "the address 192.0.2.1";
  EXPECT_THAT(sentence(attach({with_profile(both())})), HasSubstr("vlan: "));
  EXPECT_THAT(kernel.orders, IsEmpty());
  expect_bridge_as_before();
}

TEST_F(InterfaceOnBridgeTest, WhatSomebodyTakesAwayIsNamedAndSetAgain) {
  attach({with_profile(both())});
  kernel.bridges["eth0"].erase(10);
  kernel.filters.clear();
  pb::Interface shown;
  interfaces->report(*interfaces->entries("evb0").front(), shown);
  std::vector<std::string> differing;
  for (const auto& each : shown.parameters()) {
    if (each.wanted() != each.in_force()) differing.push_back(each.name());
  }
  EXPECT_THAT(differing, ElementsAre("bridge vlans", "vlans"));
  EXPECT_THAT(shown.notes(), testing::Contains(HasSubstr("bridge vlans: 10 at eth0 is wanted")));
  interfaces->apply({}, [](const auto&) { return true; });
  shown.Clear();
  interfaces->report(*interfaces->entries("evb0").front(), shown);
  for (const auto& each : shown.parameters()) {
    EXPECT_EQ(each.wanted(), each.in_force()) << each.name();
  }
  detach("evb0");
  expect_bridge_as_before();
}

TEST_F(InterfaceOnBridgeTest, AKillAtAnyPointIsUndoneAtTheNextStart) {
  int points = 0;
  kill_everywhere(*this, [&](int point) {
    kernel.orders.clear();
    kernel.kill_at = point;
    bool killed = false;
    try {
      attach({with_profile(both())});
    } catch (const Killed&) {
      killed = true;
    }
    kernel.kill_at = -1;
    kernel.orders.clear();
    if (!killed) {
      detach("evb0");
    } else {
      ++points;
      start();
      advance(1s);
    }
    expect_bridge_as_before();
    return killed && !HasFailure();
  });
  EXPECT_GE(points, 8);
}

TEST_F(InterfaceTest, ADriverWithPortProfilesIsAskedForItAndWaitedFor) {
  kernel.driver_name = "enic";
  kernel.port_says = PortResponse::kInProgress;
  auto asked = wanted(pb::MODE_PRIVATE);
  asked.set_profile("known to the switch alone");
  attach({asked});
  EXPECT_FALSE(answered);
  kernel.port_says = PortResponse::kSuccess;
  advance(1s);
  EXPECT_TRUE(answered);
  EXPECT_EQ(kernel.profile, "known to the switch alone");
  detach("evb0");
  expect_nothing();
  kernel.port_says = PortResponse::kRefused;
  EXPECT_THAT(sentence(attach({asked})), HasSubstr("refuses the port profile"));
  expect_nothing();
}

TEST_F(InterfaceTest, AVsiTypeAllowsItsModesOnly) {
  type_modes = {::profiles::DeliveryMode::kVepa, ::profiles::DeliveryMode::kPrivate};
  EXPECT_EQ(sentence(attach({with_vsi(pb::MODE_BRIDGE)})),
            "interfaces[0].mode: VSI type 1193047 version 0 of 11 does not allow mode bridge");
  auto by_profile = with_profile({}, pb::MODE_BRIDGE);
  by_profile.set_device("eth0.2");
  auto& stands_for = *profiles["finance"].mutable_vsi();
  stands_for.mutable_manager()->set_number(11);
  stands_for.set_type_id(1193047);
  EXPECT_THAT(sentence(attach({by_profile})), HasSubstr("does not allow mode bridge"));
  type_trouble = "profiles.db is damaged";
  EXPECT_EQ(sentence(attach({with_vsi()})), "interfaces[0].vsi type: profiles.db is damaged");
  EXPECT_TRUE(interfaces->entries("").empty());
  type_trouble.clear();
  EXPECT_EQ(sentence(attach({with_vsi()})), "");
}

TEST_F(InterfaceTest, WhatADeviceCannotDoIsNamedBeforeAnythingIsChanged) {
  auto parameters = everything();
  parameters.set_mtu(9000);
  EXPECT_THAT(sentence(attach({with_profile(parameters)})), HasSubstr("mtu: "));
  parameters = everything();
  parameters.add_tagged(3);
  EXPECT_THAT(sentence(attach({with_profile(parameters)})), HasSubstr("vlan: "));
  parameters = everything();
  parameters.add_macs("52:54:00:00:00:01");
  EXPECT_THAT(sentence(attach({with_profile(parameters)})), HasSubstr("mac: "));
  parameters = everything();
  parameters.add_modes(pb::MODE_VEPA);
  EXPECT_THAT(sentence(attach({with_profile(parameters)})), HasSubstr("mode: "));
  kernel.is_function = true;
  parameters = everything();
  parameters.mutable_transmit()->set_bits_per_second(1000);
  EXPECT_THAT(sentence(attach({with_profile(parameters, pb::MODE_PASSTHROUGH)})),
              HasSubstr("transmit: "));
  EXPECT_THAT(kernel.orders, IsEmpty());
  expect_nothing();
}

TEST_F(InterfaceTest, AnMtuThatTheKernelDoesNotHoldIsSaid) {
  attach({with_profile(everything())});
  for (const bool holds : {true, false}) {
    kernel.has_police = holds;
    pb::Interface shown;
    interfaces->report(*interfaces->entries("evb0").front(), shown);
    const bool said = std::ranges::any_of(shown.notes(), [](const auto& note) {
      return note.find("mtu: longer frames") != std::string::npos;
    });
    EXPECT_NE(said, holds);
  }
}

TEST_F(InterfaceTest, AChangedProfileIsReportedAndAppliedOnRequest) {
  attach({with_profile(everything())});
  auto now = everything();
  now.set_mtu(1300);
  now.clear_receive();
  now.mutable_transmit()->set_bits_per_second(5'000'000);
  profiles["finance"] = now;
  pb::Interface shown;
  interfaces->report(*interfaces->entries("evb0").front(), shown);
  EXPECT_TRUE(shown.profile_changed());
  pb::InterfaceResults results;
  pb::InterfaceApply request;
  request.set_profile("finance");
  interfaces->apply(request, [&](const auto& got) {
    results = got;
    return true;
  });
  ASSERT_EQ(results.results_size(), 1);
  EXPECT_EQ(results.results(0).status().code(), pb::OK) << sentence(results);
  EXPECT_FALSE(results.results(0).interface().profile_changed());
  EXPECT_EQ(kernel.devices.at("evb0").mtu, 1300U);
  EXPECT_EQ(kernel.rates.at("evb0"), 5'000'000U);
  EXPECT_FALSE(kernel.devices.contains("evb0-rx"));
  detach("evb0");
  expect_nothing();
}

TEST_F(InterfaceTest, RelayThatIsRequiredIsLookedFor) {
  auto asked = wanted();
  asked.set_require_relay(true);
  EXPECT_EQ(attach({asked}).results(0).status().code(), pb::OK);
  detach("evb0");
  ports.feed("sw1", vdp::ReflectiveRelayChanged{false});
  ports.advance(40s);
  EXPECT_THAT(sentence(attach({asked})), HasSubstr("reflective relay is required"));
  expect_nothing();
}

TEST_F(InterfaceTest, AProfileMayRequireRelay) {
  journal::Parameters parameters;
  parameters.set_require_relay(true);
  ports.feed("sw1", vdp::ReflectiveRelayChanged{false});
  ports.advance(40s);
  EXPECT_THAT(sentence(attach({with_profile(parameters, pb::MODE_VEPA)})),
              HasSubstr("reflective relay is required"));
  EXPECT_EQ(attach({with_profile(parameters, pb::MODE_BRIDGE)}).results(0).status().code(), pb::OK);
  detach("evb0");
  expect_nothing();
}

TEST_F(InterfaceTest, AProfilesLimitOfInstancesCountsThoseOfTheRequestToo) {
  journal::Parameters parameters;
  parameters.set_max_instances(2);
  const auto first = with_profile(parameters, pb::MODE_BRIDGE);
  auto second = first;
  second.set_mac("52:54:00:aa:00:22");
  auto third = first;
  third.set_mac("52:54:00:aa:00:33");
  auto results = attach({first, second, third});
  EXPECT_THAT(sentence(results), HasSubstr("interfaces[2].max_instances: port profile 'finance' "
                                           "allows 2 interfaces at a time, and evb0, evb1 of this "
                                           "host have it already"));
  EXPECT_THAT(kernel.orders, IsEmpty());
  attach({first, second});
  EXPECT_THAT(sentence(attach({third})), HasSubstr("max_instances: "));
  detach("evb0");
  EXPECT_EQ(attach({third}).results(0).status().code(), pb::OK);
  detach("evb0");
  detach("evb1");
  expect_nothing();
}

TEST_F(InterfaceTest, PrivateFollowsItsNeighbours) {
  attach({wanted(pb::MODE_PRIVATE)});
  auto& other =
      kernel.add("macvtap0", "macvtap", kernel.devices.at("eth0").index, "52:54:00:aa:00:22");
  other.macvlan_mode = 2;
  interfaces->links_changed();
  EXPECT_THAT(kernel.filters.at("evb0").siblings(), ElementsAre("52:54:00:aa:00:22"));
  kernel.devices.erase("macvtap0");
  interfaces->links_changed();
  EXPECT_THAT(kernel.filters.at("evb0").siblings(), IsEmpty());
  kernel.devices.erase("evb0");
  interfaces->links_changed();
  interfaces->work();
  expect_nothing();
}

}  // namespace
}  // namespace agent::interface
