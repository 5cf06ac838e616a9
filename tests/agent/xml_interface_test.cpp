// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "agent/ctl/vsi_xml.hpp"

namespace agent::ctl {
namespace {

namespace pb = ::evbd::v1;
using testing::HasSubstr;

std::string interface(const std::string& inside, const std::string& type = "direct") {
  return "<interface type='" + type + "'>" + inside + "</interface>";
}

TEST(InterfaceXml, TakesTheDocumentationsExamples) {
  const auto qbg = interfaces_from_xml(
      interface("<source dev='eth0.2' mode='vepa'/><virtualport type=\"802.1Qbg\">"
                "<parameters managerid=\"11\" typeid=\"1193047\" typeidversion=\"2\" "
                "instanceid=\"09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f\"/></virtualport>"),
      "x");
  ASSERT_TRUE(qbg) << qbg.error();
  EXPECT_EQ(qbg->front().wanted.device(), "eth0.2");
  EXPECT_EQ(qbg->front().wanted.mode(), pb::MODE_VEPA);
  EXPECT_EQ(qbg->front().wanted.vsi().type_id(), 1193047U);
  EXPECT_EQ(qbg->front().wanted.vsi().id(), "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f");
  const auto qbh = interfaces_from_xml(
      interface("<source dev='eth0' mode='private'/><virtualport type='802.1Qbh'>"
                "<parameters profileid='finance'/></virtualport>"),
      "x");
  ASSERT_TRUE(qbh) << qbh.error();
  EXPECT_EQ(qbh->front().wanted.mode(), pb::MODE_PRIVATE);
  EXPECT_EQ(qbh->front().wanted.profile(), "finance");
  const auto plain = interfaces_from_xml(interface("<source dev='eth0'/>"), "x");
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_FALSE(plain->front().wanted.has_vsi());
}

TEST(InterfaceXml, RefusesWhatContradictsItself) {
  for (const auto& [xml, word] : std::vector<std::pair<std::string, std::string>>{
           {interface("<source dev='eth0' mode='up'/>"), "is no mode"},
           {interface("<source mode='vepa'/>"), "'dev'"},
           {interface("<source dev='eth0'/><virtualport type='802.1Qbh'/>"), "profileid"},
           {interface("<source dev='eth0'/><virtualport type='802.1Qbh'><parameters "
                      "profileid='a' typeid='1'/></virtualport>"),
            "does not belong"},
           {interface("<source dev='eth0'/><virtualport type='openvswitch'/>"), "802.1Qbh"},
           {interface("", "network"), "type='direct'"},
           {"<domain/>", "nothing to attach"},
           {"<interface", "line 1"}}) {
    const auto read = interfaces_from_xml(xml, "file");
    ASSERT_FALSE(read) << xml;
    EXPECT_THAT(read.error(), HasSubstr(word));
  }
}

std::string domain(const std::string& metadata, const std::string& devices) {
  return "<domain><name>web</name><metadata><evbd:interfaces xmlns:evbd='urn:evbd:interfaces:1'>" +
         metadata + "</evbd:interfaces></metadata><devices>" + devices + "</devices></domain>";
}
constexpr const char* kAsked =
    "<evbd:interface target='web0' require-relay='yes'><evbd:source dev='eth0' mode='bridge'/>"
    "<evbd:virtualport type='802.1Qbh'><evbd:parameters profileid='finance'/>"
    "</evbd:virtualport></evbd:interface>";
constexpr const char* kDevice =
    "<interface type='ethernet'><mac address='52:54:00:aa:00:11'/><target dev='web0' "
    "managed='no'/></interface>";

TEST(InterfaceXml, ReadsTheMetadataAndTheInterfaceThatTakesIt) {
  const auto read = interfaces_from_metadata(domain(kAsked, kDevice));
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->size(), 1U);
  const auto& wanted = read->front().wanted;
  EXPECT_EQ(wanted.name(), "web0");
  EXPECT_EQ(wanted.device(), "eth0");
  EXPECT_EQ(wanted.mode(), pb::MODE_BRIDGE);
  EXPECT_EQ(wanted.mac(), "52:54:00:aa:00:11");
  EXPECT_EQ(wanted.profile(), "finance");
  EXPECT_EQ(wanted.guest(), "web");
  EXPECT_TRUE(wanted.require_relay());
}

TEST(InterfaceXml, AnotherPrefixIsTheSameAndAnotherNamespaceIsNotOurs) {
  std::string other = domain(kAsked, kDevice);
  for (auto at = other.find("evbd:interface"); at != std::string::npos;
       at = other.find("evbd:interface", at + 1)) {
    if (other.compare(at - 4, 4, "urn:") != 0) other.replace(at, 4, "x");
  }
  other.replace(other.find("xmlns:evbd"), 10, "xmlns:x");
  const auto read = interfaces_from_metadata(other);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->size(), 1U);
  other.replace(other.find("urn:evbd"), 8, "urn:else");
  const auto none = interfaces_from_metadata(other);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  const auto without = interfaces_from_metadata("<domain/>");
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->empty());
}

TEST(InterfaceXml, MetadataWithoutItsInterfaceIsRefused) {
  for (const std::string& devices :
       {std::string(), std::string("<interface type='ethernet'><target dev='web0'/></interface>"),
        std::string("<interface type='direct'><target dev='web0' managed='no'/></interface>")}) {
    const auto read = interfaces_from_metadata(domain(kAsked, devices));
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error(), HasSubstr("managed='no'"));
  }
  const auto twice = interfaces_from_metadata(domain(std::string(kAsked) + kAsked, kDevice));
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error(), HasSubstr("twice"));
}

}  // namespace
}  // namespace agent::ctl
