// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "agent/ctl/vsi_xml.hpp"

namespace agent::ctl {
namespace {

using testing::HasSubstr;

/// The interface of the documentation, with parts of it replaced.
struct Parts {
  std::string type = "type='direct'";
  std::string mac = "<mac address='52:54:00:AA:00:11'/>";
  std::string source = "dev='eth0.2' mode='vepa'";
  std::string port = "type=\"802.1Qbg\"";
  std::string parameters =
      "managerid=\"11\" typeid=\"1193047\" typeidversion=\"2\" "
      "instanceid=\"09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f\"";

  std::string xml() const {
    return fmt::format(
        "<interface {}>{}<source {}/><virtualport {}><parameters {}/></virtualport></interface>",
        type, mac, source, port, parameters);
  }
  std::string refusal() const {
    const auto vsis = vsis_from_xml(xml(), "guest.xml");
    return vsis ? "" : vsis.error();
  }
};

Parts with_parameters(const std::string& text) {
  Parts parts;
  parts.parameters = text;
  return parts;
}
Parts with_source(const std::string& text) {
  Parts parts;
  parts.source = text;
  return parts;
}
Parts with_mac(const std::string& text) {
  Parts parts;
  parts.mac = text;
  return parts;
}

TEST(VsiXml, ReadsTheInterfaceOfTheDocumentation) {
  const auto vsis = vsis_from_xml(Parts().xml(), "guest.xml");
  ASSERT_TRUE(vsis) << vsis.error();
  ASSERT_EQ(vsis->size(), 1U);
  const auto& wanted = vsis->front().wanted;
  EXPECT_EQ(wanted.device(), "eth0.2");
  EXPECT_EQ(wanted.manager().number(), 11U);
  EXPECT_EQ(wanted.type_id(), 1193047U);
  EXPECT_EQ(wanted.type_version(), 2U);
  EXPECT_EQ(wanted.id(), "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f");
  EXPECT_EQ(wanted.filters(0).mac(), "52:54:00:aa:00:11");
  EXPECT_FALSE(wanted.filters(0).has_vid());  // the device's
  EXPECT_FALSE(vsis->front().id_generated);
}

TEST(VsiXml, TakesTheFourModesAndVepaWhenThereIsNone) {
  for (const auto* const mode : {"vepa", "bridge", "private", "passthrough"}) {
    EXPECT_EQ(with_source(fmt::format("dev='eth0' mode='{}'", mode)).refusal(), "") << mode;
  }
  EXPECT_EQ(with_source("dev='eth0'").refusal(), "");
  EXPECT_EQ(
      with_source("dev='eth0' mode='VEPA'").refusal(),
      "guest.xml: <source mode='VEPA'> is no mode; use vepa, bridge, private or passthrough.");
}

TEST(VsiXml, NeedsTheSourceDevice) {
  EXPECT_THAT(with_source("mode='vepa'").refusal(), HasSubstr("<source> has no attribute 'dev'"));
  EXPECT_THAT(with_source("dev=''").refusal(), HasSubstr("<source> has no attribute 'dev'"));
}

TEST(VsiXml, NeedsTheGuestsAddress) {
  EXPECT_THAT(with_mac("").refusal(), HasSubstr("<interface> has no <mac address='...'/>"));
  EXPECT_EQ(with_mac("<mac address='52:54'/>").refusal(),
            "guest.xml: <mac address='52:54'> is no MAC address; give six hexadecimal octets.");
  EXPECT_EQ(with_mac("<mac address='01:00:5e:00:00:01'/>").refusal(),
            "guest.xml: <mac address='01:00:5e:00:00:01'> is a group address; give the guest's "
            "own.");
}

TEST(VsiXml, TakesManagerIdsOf1To255) {
  const auto manager = [](const std::string& value) {
    return with_parameters(fmt::format("managerid='{}' typeid='1' typeidversion='1'", value))
        .refusal();
  };
  EXPECT_EQ(manager("1"), "");
  EXPECT_EQ(manager("255"), "");
  EXPECT_EQ(manager("0x0b"), "");
  EXPECT_EQ(manager("0"),
            "guest.xml: <parameters managerid='0'>: 0 is reserved; give 1..255, the number of the "
            "database that holds the VSI types.");
  EXPECT_EQ(manager("256"),
            "guest.xml: <parameters managerid='256'> is out of range; give 1..255.");
  EXPECT_EQ(manager("-1"), "guest.xml: <parameters managerid='-1'> is no number; give 1..255.");
  EXPECT_EQ(manager(""), "guest.xml: <parameters managerid=''> is no number; give 1..255.");
  EXPECT_EQ(manager("010"),
            "guest.xml: <parameters managerid='010'> begins with 0, which libvirt reads as octal; "
            "write it without the 0.");
}

TEST(VsiXml, TakesTypesOf24Bits) {
  const auto type = [](const std::string& value) {
    return with_parameters(fmt::format("managerid='1' typeid='{}' typeidversion='1'", value))
        .refusal();
  };
  EXPECT_EQ(type("0"), "");
  EXPECT_EQ(type("16777215"), "");
  EXPECT_EQ(type("16777216"),
            "guest.xml: <parameters typeid='16777216'> is out of range; give 0..16777215.");
  EXPECT_EQ(type("99999999999999999999"),
            "guest.xml: <parameters typeid='99999999999999999999'> is out of range; give "
            "0..16777215.");
  EXPECT_EQ(type("web"), "guest.xml: <parameters typeid='web'> is no number; give 0..16777215.");
}

TEST(VsiXml, TakesVersionsOfAnOctet) {
  const auto version = [](const std::string& value) {
    return with_parameters(fmt::format("managerid='1' typeid='1' typeidversion='{}'", value))
        .refusal();
  };
  EXPECT_EQ(version("0"), "");
  EXPECT_EQ(version("255"), "");
  EXPECT_EQ(version("256"),
            "guest.xml: <parameters typeidversion='256'> is out of range; give 0..255.");
}

TEST(VsiXml, NeedsAllThreeParameters) {
  for (const auto& [text, missing] : {std::pair("typeid='1' typeidversion='1'", "managerid"),
                                      std::pair("managerid='1' typeidversion='1'", "typeid"),
                                      std::pair("managerid='1' typeid='1'", "typeidversion")}) {
    EXPECT_THAT(with_parameters(text).refusal(),
                HasSubstr(fmt::format("<parameters> has no attribute '{}'", missing)));
  }
}

TEST(VsiXml, GeneratesAnInstanceIdWhenThereIsNone) {
  const auto vsis =
      vsis_from_xml(with_parameters("managerid='1' typeid='1' typeidversion='1'").xml(), "x");
  ASSERT_TRUE(vsis);
  EXPECT_TRUE(vsis->front().id_generated);
  EXPECT_THAT(vsis->front().wanted.id(),
              testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                    "[0-9a-f]{12}"));
  EXPECT_THAT(
      with_parameters("managerid='1' typeid='1' typeidversion='1' instanceid='x'").refusal(),
      HasSubstr("<parameters instanceid='x'> is no UUID"));
}

TEST(VsiXml, RefusesWhatBelongsToOtherTypes) {
  EXPECT_THAT(
      with_parameters("managerid='1' typeid='1' typeidversion='1' profileid='web'").refusal(),
      HasSubstr("<parameters profileid='web'> does not belong to type='802.1Qbg'"));
  Parts qbh;
  qbh.port = "type='802.1Qbh'";
  qbh.parameters = "profileid='finance'";
  EXPECT_EQ(
      qbh.refusal(),
      "guest.xml: <virtualport type='802.1Qbh'>: port profiles (profileid) are not associated "
      "by this command; it takes type='802.1Qbg'.");
  Parts untyped;
  untyped.port = "";
  EXPECT_THAT(untyped.refusal(), HasSubstr("<virtualport> has no attribute 'type'"));
  Parts ovs;
  ovs.port = "type='openvswitch'";
  EXPECT_EQ(ovs.refusal(), "guest.xml: <virtualport type='openvswitch'> is not type='802.1Qbg'.");
  Parts network;
  network.type = "type='network'";
  EXPECT_EQ(network.refusal(),
            "guest.xml: <interface type='network'> is not attached directly; 802.1Qbg needs "
            "<interface type='direct'>.");
  EXPECT_THAT(vsis_from_xml("<interface type='direct'/>", "x").error(),
              HasSubstr("<interface> has no <virtualport type='802.1Qbg'>"));
}

TEST(VsiXml, TakesAllInterfacesOfADomainThatAreOurs) {
  Parts second;
  second.parameters = "managerid='1' typeid='2' typeidversion='3'";
  const auto xml = fmt::format(
      "<?xml version='1.0'?><domain type='kvm'><name>g</name><devices><interface type='network'/>"
      "{}<interface type='direct'><source dev='eth1'/></interface>{}</devices></domain>",
      Parts().xml(), second.xml());
  const auto vsis = vsis_from_xml(xml, "guest.xml");
  ASSERT_TRUE(vsis) << vsis.error();
  ASSERT_EQ(vsis->size(), 2U);
  EXPECT_EQ((*vsis)[0].origin, "interface 2 of guest.xml");
  EXPECT_EQ((*vsis)[1].wanted.type_id(), 2U);
}

TEST(VsiXml, SaysWhichInterfaceOfADomainIsWrong) {
  Parts wrong;
  wrong.source = "dev='eth0' mode='hairpin'";
  const auto domain = [](const std::string& interfaces) {
    return vsis_from_xml("<domain><devices>" + interfaces + "</devices></domain>", "g.xml").error();
  };
  EXPECT_THAT(domain(Parts().xml() + wrong.xml()),
              HasSubstr("interface 2 of g.xml: <source mode='hairpin'> is no mode"));
  EXPECT_THAT(domain(Parts().xml() + Parts().xml()),
              HasSubstr("is the instanceid of two interfaces"));
  EXPECT_THAT(domain(""), HasSubstr("<domain> has no <interface type='direct'>"));
}

TEST(VsiXml, RefusesWhatIsNoXmlOrTooMuchOfIt) {
  EXPECT_THAT(vsis_from_xml("<domain>\n<devices>", "x").error(), HasSubstr("x: line 2"));
  EXPECT_THAT(vsis_from_xml("", "x").error(), HasSubstr("is no well-formed XML"));
  // Cut off where pugixml reports an offset past the end.
  EXPECT_THAT(vsis_from_xml("<a>\n<b c ", "x").error(), HasSubstr("x: line 2"));
  EXPECT_THAT(vsis_from_xml("<network/>", "x").error(),
              HasSubstr("x: <network> is neither a <domain> nor an <interface>"));
  EXPECT_THAT(vsis_from_xml(std::string(kMaxXml + 1, ' '), "x").error(),
              HasSubstr("1048577 octets; at most 1048576 are read"));
  std::string many = "<domain><devices>";
  for (std::size_t i = 0; i <= kMaxXmlInterfaces; ++i) many += "<interface/>";
  EXPECT_THAT(vsis_from_xml(many + "</devices></domain>", "x").error(),
              HasSubstr("more than 256 interfaces"));
}

}  // namespace
}  // namespace agent::ctl
