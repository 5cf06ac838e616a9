// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/libvirt/doctor.hpp"
#include "libvirt_fakes.hpp"

namespace agent::libvirt {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::id_number;
using ::testing::IsEmpty;
using testing::mac_number;

auto finding(const std::string& subject, const std::string& part) {
  return AllOf(Field(&Finding::subject, subject), Field(&Finding::sentence, HasSubstr(part)),
               Field(&Finding::todo, ::testing::Not(IsEmpty())));
}

VmInterface interface_number(std::uint32_t number) {
  return {mac_number(number), id_number(number), "eth0", "vepa", "802.1Qbg"};
}

/// A host on which all is well.
class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    facts.enabled = true;
    facts.pid_file = "/run/lldpad.pid";
    facts.pid_file_number = 77;
    facts.own_port_id = 77;
    facts.daemons = {{{100, "libvirtd"}, {100, 1}, false, {}}};
    facts.ports = {{.name = "eth0",
                    .link_up = true,
                    .evb_on = true,
                    .relay_wanted = true,
                    .relay_on = true,
                    .response_wait = 5s}};
    facts.vms = {&one, &two};
    facts.sources = {{"eth0", "", "ixgbe"}};
  }
  auto findings() const { return diagnose(facts); }

  VmDescription one{"vm1", false, {interface_number(1)}};
  VmDescription two{"vm2", false, {interface_number(2)}};
  Facts facts;
};

TEST_F(DoctorTest, FindsNothingWhereAllIsWell) { EXPECT_THAT(findings(), IsEmpty()); }

TEST_F(DoctorTest, FindsAPortWithoutCarrierAndSaysNoMoreOfIt) {
  facts.ports[0].link_up = false;
  facts.ports[0].evb_on = false;
  EXPECT_THAT(findings(), ElementsAre(finding("eth0", "no carrier")));
}

TEST_F(DoctorTest, FindsWhatThePortItselfComplainsOf) {
  facts.ports[0].trouble = "the device is gone";
  EXPECT_THAT(findings(), ElementsAre(finding("eth0", "the device is gone")));
}

TEST_F(DoctorTest, FindsAMissingPeerAndAMissingRelay) {
  facts.ports[0].evb_on = false;
  EXPECT_THAT(findings(), ElementsAre(finding("eth0", "no EVB peer")));
  facts.ports[0].evb_on = true;
  facts.ports[0].relay_on = false;
  EXPECT_THAT(findings(), ElementsAre(finding("eth0", "reflective relay")));
  facts.ports[0].relay_wanted = false;
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DoctorTest, FindsABridgeThatMayBeSlowerThanLibvirtsPatience) {
  facts.ports[0].response_wait = 10s;
  EXPECT_THAT(findings(), IsEmpty());
  facts.ports[0].response_wait = 21s;
  EXPECT_THAT(findings(), ElementsAre(finding("eth0", "21 s")));
}

TEST_F(DoctorTest, FindsAVethAsPort) {
  facts.ports[0].kind = "veth";
  EXPECT_THAT(findings(), ElementsAre(finding("eth0", "veth")));
}

TEST_F(DoctorTest, FindsOtherLldpAgents) {
  facts.lldp_agents = {{9, "lldpad"}};
  EXPECT_THAT(findings(), ElementsAre(finding("lldpad (PID 9)", "another LLDP agent")));
}

TEST_F(DoctorTest, FindsAPidFileOfSomebodyElseOrNone) {
  facts.pid_file_number = 5;
  EXPECT_THAT(findings(), ElementsAre(finding("/run/lldpad.pid", "port id 5")));
  facts.pid_file_number.reset();
  EXPECT_THAT(findings(), ElementsAre(finding("/run/lldpad.pid", "missing")));
}

TEST_F(DoctorTest, FindsLibvirtsDaemonsThatCannotTalk) {
  facts.daemons = {{{100, "libvirtd"}, {0x80000000, 1}, false, {}},
                   {{200, "virtqemud"}, {200, 2}, false, {{4194504, 7}}}};
  facts.daemons_elsewhere = {{300, "virtlxcd"}, {301, "libvirtd"}};
  EXPECT_THAT(findings(), ElementsAre(finding("libvirtd (PID 100)", "2^31"),
                                      finding("virtqemud (PID 200)", "1 request(s)"),
                                      finding("virtlxcd (PID 300)", "another network namespace")));
}

TEST_F(DoctorTest, FindsTwoInterfacesWithOneIdOrOneAddress) {
  two.interfaces[0].instance = id_number(1);
  EXPECT_THAT(findings(), ElementsAre(finding("vm2", "instanceid")));
  two.interfaces[0] = interface_number(2);
  two.interfaces[0].mac = mac_number(1);
  EXPECT_THAT(findings(), ElementsAre(finding("vm2", "MAC address")));
}

TEST_F(DoctorTest, FindsPortProfilesOnAnAdapterWithoutThem) {
  one.interfaces[0].port_type = "802.1Qbh";
  EXPECT_THAT(findings(), ElementsAre(finding("vm1", "ixgbe")));
  facts.sources[0].driver = "enic";
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(DoctorTest, FindsVmsOnDevicesThatAreNoPorts) {
  facts.sources.push_back({"bond0", "bond", ""});
  one.interfaces[0].source = "bond0";
  EXPECT_THAT(findings(), ElementsAre(finding("vm1", "a bond")));
}

TEST_F(DoctorTest, FindsStartsThatWereRefusedForWantOfAVlanOncePerPort) {
  PastRefusal refusal{{}, "eth0", id_number(1), {}, PortRequest::kAssociate, 1006};
  facts.refusals = {refusal, refusal};
  refusal.response = 3;
  facts.refusals.push_back(refusal);
  EXPECT_THAT(findings(), ElementsAre(finding("eth0", "vid_zero")));
}

TEST_F(DoctorTest, LooksAtPortsAloneWhereLibvirtIsNotServed) {
  facts.enabled = false;
  facts.pid_file_number.reset();
  EXPECT_THAT(findings(), IsEmpty());
}

}  // namespace
}  // namespace agent::libvirt
