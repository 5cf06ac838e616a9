// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/libvirt/vm_names.hpp"
#include "libvirt_fakes.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent::libvirt {
namespace {

using testing::id_number;
using testing::mac_number;

std::string status_xml(const std::string& name, std::uint32_t number, const std::string& status) {
  return "<domstatus " + status + " pid='1'><domain type='kvm' id='1'><name>" + name +
         "</name><devices><interface type='direct'><mac address='" +
         lldp::to_string(mac_number(number)) +
         "'/><source dev='eth0' mode='vepa'/><virtualport type='802.1Qbg'><parameters "
         "managerid='11' typeid='010' typeidversion='2' instanceid='" +
         vdp::to_string(id_number(number)) +
         "'/></virtualport></interface><interface type='network'><mac address='52:54:00:00:00:01'/>"
         "</interface></devices></domain></domstatus>";
}

TEST(VmDescription, HoldsWhatTheRunTimeXmlSays) {
  const auto vm = parse_vm(status_xml("vm1", 1, "state='running' reason='booted'"));
  ASSERT_TRUE(vm);
  EXPECT_EQ(vm->name, "vm1");
  EXPECT_FALSE(vm->leaving);
  ASSERT_EQ(vm->interfaces.size(), 2U);
  EXPECT_EQ(vm->interfaces[0].instance, id_number(1));
  EXPECT_EQ(vm->interfaces[0].mac, mac_number(1));
  EXPECT_EQ(vm->interfaces[0].source, "eth0");
  EXPECT_EQ(vm->interfaces[0].mode, "vepa");
  EXPECT_EQ(vm->interfaces[1].instance, std::nullopt);
}

TEST(VmDescription, TakesWhatWasMadeOfANetworksInterface) {
  const auto vm = parse_vm(
      "<domstatus><domain><name>n</name><devices><interface type='network'><source "
      "network='net'/><actual type='direct'><source dev='eth1' mode='bridge'/><virtualport "
      "type='802.1Qbh'/></actual></interface></devices></domain></domstatus>");
  ASSERT_TRUE(vm);
  EXPECT_EQ(vm->interfaces.at(0).source, "eth1");
  EXPECT_EQ(vm->interfaces.at(0).port_type, "802.1Qbh");
}

TEST(VmDescription, IsNothingForOtherXml) {
  for (const char* const xml : {"", "<domain/>", "<domstatus/>", "<domstatus", "\x01\x02"}) {
    EXPECT_FALSE(parse_vm(xml)) << xml;
  }
}

class VmNamesTest : public ::testing::Test {
 protected:
  void write(const std::string& name, std::uint32_t number,
             const std::string& status = "state='running' reason='booted'") {
    const auto path = folder + "/" + name + ".xml";
    std::ofstream(path) << status_xml(name, number, status);
    // Two writes may fall into one tick of the file system's clock.
    std::filesystem::last_write_time(
        path, std::filesystem::file_time_type(std::chrono::seconds(++writes_)));
  }
  const support::TemporaryFolder folder_;
  const std::string folder = folder_.path();

 private:
  int writes_ = 0;
};

TEST_F(VmNamesTest, FindsAVmByInstanceAndByAddress) {
  write("vm1", 1);
  VmNames names(folder);
  EXPECT_FALSE(names.refresh(10));
  EXPECT_EQ(names.name_of(id_number(1), std::nullopt), "vm1");
  EXPECT_EQ(names.name_of(id_number(9), mac_number(1)), "vm1");
  EXPECT_EQ(names.name_of(id_number(9), mac_number(9)), "");
  EXPECT_EQ(names.all().size(), 1U);
}

TEST_F(VmNamesTest, FollowsChangesAndRemovals) {
  write("vm1", 1);
  VmNames names(folder);
  names.refresh(10);
  write("vm1", 2);
  names.refresh(10);
  EXPECT_EQ(names.name_of(id_number(1), std::nullopt), "");
  EXPECT_EQ(names.name_of(id_number(2), std::nullopt), "vm1");
  std::filesystem::remove(folder + "/vm1.xml");
  names.refresh(10);
  EXPECT_EQ(names.name_of(id_number(2), std::nullopt), "");
}

TEST_F(VmNamesTest, ReadsAFewFilesAtATime) {
  for (std::uint32_t number = 1; number <= 5; ++number)
    write("vm" + std::to_string(number), number);
  VmNames names(folder);
  EXPECT_TRUE(names.refresh(2));
  EXPECT_TRUE(names.refresh(2));
  EXPECT_FALSE(names.refresh(2));
  EXPECT_EQ(names.all().size(), 5U);
}

TEST_F(VmNamesTest, SeesAMigrationThatBeganAfterTheLastLook) {
  write("vm1", 1);
  VmNames names(folder);
  names.refresh(10);
  EXPECT_FALSE(names.is_leaving(id_number(1), mac_number(1)));
  write("vm1", 1, "state='paused' reason='migration'");
  EXPECT_TRUE(names.is_leaving(id_number(1), mac_number(1)));
  EXPECT_FALSE(names.is_leaving(id_number(2), mac_number(2)));
}

TEST_F(VmNamesTest, WorksWithoutLibvirt) {
  VmNames none("/nonexistent");
  EXPECT_FALSE(none.refresh(10));
  EXPECT_EQ(none.name_of(id_number(1), mac_number(1)), "");
  VmNames off("");
  EXPECT_FALSE(off.refresh(10));
}

}  // namespace
}  // namespace agent::libvirt
