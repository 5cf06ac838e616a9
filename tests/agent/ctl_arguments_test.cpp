// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "agent/ctl/arguments.hpp"
#include "agent/ctl/numbers.hpp"
#include "agent/ctl/vsi_input.hpp"

namespace agent::ctl {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

std::string refusal(const Words& words) {
  const auto arguments = parse_arguments(words);
  return arguments ? "" : arguments.error();
}

/// Words of `vsi associate` that are right, and what makes them wrong.
Input<VsiInput> vsi(Words more, const Words& without = {}) {
  Words words{"vsi", "associate"};
  const std::vector<std::pair<std::string, std::string>> usual = {
      {"--device", "eth0.2"},  {"--id", "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f"},
      {"--manager", "11"},     {"--type", "1193047"},
      {"--type-version", "2"}, {"--mac", "52:54:00:aa:00:11"}};
  for (const auto& [name, value] : usual) {
    if (std::ranges::find(without, name) != without.end()) continue;
    words.push_back(name);
    words.push_back(value);
  }
  words.insert(words.end(), more.begin(), more.end());
  const auto arguments = parse_arguments(words);
  if (!arguments) return tl::unexpected(arguments.error());
  return vsi_from_options(*arguments);
}

TEST(CtlArguments, FindsCommandOperandsAndOptionsInAnyOrder) {
  const auto arguments = parse_arguments({"--json", "vsi", "--port=eth0", "show", "09b1"});
  ASSERT_TRUE(arguments) << arguments.error();
  EXPECT_EQ(arguments->command, program().find_command("vsi", "show"));
  EXPECT_THAT(arguments->operands, testing::ElementsAre("09b1"));
  EXPECT_TRUE(arguments->has("--json"));
  EXPECT_EQ(arguments->value("--port"), "eth0");
}

TEST(CtlArguments, KnowsTheNamesOfLibvirtsXml) {
  const auto arguments = parse_arguments({"vsi", "associate", "--managerid", "11"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->value("--manager"), "11");
}

TEST(CtlArguments, SaysWhatIsWrong) {
  EXPECT_EQ(refusal({}), "A command is missing; 'evbctl --help' lists them.");
  EXPECT_EQ(refusal({"vlan", "show"}), "There is no command 'vlan'.");
  EXPECT_EQ(refusal({"port"}), "'port' needs a verb: show.");
  EXPECT_EQ(refusal({"vsi", "explode"}),
            "'vsi' has no verb 'explode'; it has: show, associate, preassociate, deassociate, "
            "watch, why.");
  EXPECT_EQ(refusal({"vsi", "why"}), "'evbctl vsi why [OPTIONS] ID' needs ID.");
  EXPECT_EQ(refusal({"port", "show", "eth0", "eth1"}),
            "'eth1' is one word too many for 'evbctl port show [PORT]'.");
  EXPECT_EQ(refusal({"port", "show", "--vlan", "2"}),
            "'--vlan' does not go with 'evbctl port show [PORT]'.");
  EXPECT_EQ(refusal({"port", "show", "--colour"}), "There is no option '--colour'.");
  EXPECT_EQ(refusal({"port", "show", "--socket"}), "'--socket' needs a value: PATH.");
  EXPECT_EQ(refusal({"port", "show", "--json=yes"}), "'--json' takes no value.");
  EXPECT_EQ(refusal({"port", "show", "--json", "--json"}), "'--json' is given twice.");
}

TEST(CtlArguments, TakesHelpAnywhere) {
  EXPECT_EQ(parse_arguments({"--help"})->command, nullptr);
  EXPECT_EQ(parse_arguments({"help", "vsi", "why"})->command, program().find_command("vsi", "why"));
  EXPECT_TRUE(parse_arguments({"vsi", "why", "-h"})->has("--help"));
}

TEST(CtlNumbers, AreDecimalOrHexadecimalButNeverOctal) {
  EXPECT_EQ(parse_number("0", 0, 9), 0U);
  EXPECT_EQ(parse_number("0x1F", 0, 99), 31U);
  EXPECT_THAT(parse_number("010", 0, 99).error(), HasSubstr("octal"));
  EXPECT_EQ(parse_number("0x", 0, 99).error(), "is no number; give 0..99");
  EXPECT_EQ(parse_number("1 ", 0, 99).error(), "is no number; give 0..99");
  EXPECT_EQ(parse_number("100", 1, 99).error(), "is out of range; give 1..99");
}

TEST(CtlVsiOptions, MakeAVsi) {
  const auto made = vsi({});
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->wanted.device(), "eth0.2");
  EXPECT_EQ(made->wanted.manager().number(), 11U);
  EXPECT_EQ(made->wanted.filters_size(), 1);
  EXPECT_FALSE(made->wanted.filters(0).has_vid());
}

TEST(CtlVsiOptions, SayWhatIsMissing) {
  EXPECT_EQ(vsi({}, {"--manager"}).error(), "--manager is missing.");
  EXPECT_EQ(vsi({}, {"--type"}).error(), "--type is missing.");
  EXPECT_EQ(vsi({}, {"--type-version"}).error(), "--type-version is missing.");
  EXPECT_EQ(vsi({}, {"--mac"}).error(),
            "What belongs to the VSI is missing; give --mac, or one --filter or more.");
  EXPECT_THAT(vsi({"--port", "eth0"}, {"--device"}).error(),
              HasSubstr("802.1Qbg requires a non-zero VLAN ID"));
  EXPECT_TRUE(vsi({}, {"--id"})->id_generated);
}

TEST(CtlVsiOptions, RefuseWrongValuesByNameAndValue) {
  EXPECT_EQ(vsi({"--type", "16777216"}, {"--type"}).error(),
            "--type '16777216' is out of range; give 0..16777215.");
  EXPECT_EQ(vsi({"--type-version", "256"}, {"--type-version"}).error(),
            "--type-version '256' is out of range; give 0..255.");
  EXPECT_EQ(vsi({"--id", "x"}, {"--id"}).error(),
            "--id 'x' is no UUID; a UUID has 32 hexadecimal digits.");
  EXPECT_EQ(vsi({"--mac", "x"}, {"--mac"}).error(), "--mac 'x' is no MAC address.");
  EXPECT_EQ(vsi({"--mac", "01:00:00:00:00:00"}, {"--mac"}).error(),
            "--mac '01:00:00:00:00:00' is a group address; give the VSI's own.");
  EXPECT_EQ(vsi({"--vlan", "0"}).error(), "--vlan '0' is out of range; give 1..4094.");
  EXPECT_EQ(vsi({"--vlan", "4095"}).error(), "--vlan '4095' is out of range; give 1..4094.");
  EXPECT_EQ(vsi({"--vlan", "2", "--bridge-assigns-vlan"}).error(),
            "--vlan and --bridge-assigns-vlan contradict each other; give one of them.");
}

TEST(CtlVsiOptions, TakeManagersInEveryForm) {
  EXPECT_EQ(read_manager("11")->number(), 11U);
  EXPECT_EQ(read_manager("0x0b")->number(), 11U);
  EXPECT_EQ(read_manager("192.0.2.20")->octets(),
            std::string("\0\0\0\0\0\0\0\0\0\0\xFF\xFF\xC0\0\2\x14", 16));
  EXPECT_EQ(read_manager("2001:db8::1")->octets().substr(0, 4), "\x20\x01\x0D\xB8");
  EXPECT_EQ(read_manager("none")->octets(), std::string(16, '\0'));
  EXPECT_EQ(read_manager("0").error(), "--manager '0' is reserved; give 1..255, or none.");
  EXPECT_EQ(read_manager("256").error(), "--manager '256' is out of range; give 0..255.");
}

TEST(CtlVsiOptions, TakeSeveralFilters) {
  const auto made = vsi({"--filter", "mac=52:54:00:aa:00:12,vid=3", "--filter", "vid=4,group=9"});
  ASSERT_TRUE(made) << made.error();
  ASSERT_EQ(made->wanted.filters_size(), 3);
  EXPECT_EQ(made->wanted.filters(1).vid(), 3U);
  EXPECT_EQ(made->wanted.filters(2).group(), 9U);
  EXPECT_EQ(read_filter("vid=4095").error(), "--filter vid '4095' is out of range; give 0..4094.");
  EXPECT_EQ(read_filter("vid=1,vid=2").error(),
            "--filter takes mac=, vid= and group=, each once; 'vid=2' is wrong.");
  EXPECT_EQ(read_filter("").error(),
            "--filter takes mac=, vid= and group=, each once; '=' is wrong.");
}

TEST(CtlVsiOptions, TakeIdsOfEveryFormat) {
  EXPECT_EQ(vsi({"--id", "ipv4:192.0.2.1"}, {"--id"})->wanted.id(), "192.0.2.1");
  EXPECT_EQ(vsi({"--id", "mac:52:54:00:aa:00:11"}, {"--id"})->wanted.id_format(),
            evbd::v1::VSI_ID_FORMAT_MAC);
  EXPECT_THAT(vsi({"--id", "ipv4:x"}, {"--id"}).error(), HasSubstr("--id 'x' is no IPv4"));
}

TEST(CtlVsiOptions, DoNotContradictTheXml) {
  std::vector<VsiInput> vsis(1);
  vsis[0].wanted.add_filters()->set_mac("52:54:00:aa:00:11");
  const auto apply = [&](const Words& words) {
    Words all{"vsi", "associate", "--xml", "x"};
    all.insert(all.end(), words.begin(), words.end());
    const auto applied = apply_options(*parse_arguments(all), vsis);
    return applied ? std::string() : applied.error();
  };
  EXPECT_EQ(apply({"--mac", "52:54:00:aa:00:12"}),
            "--mac and --xml contradict each other; the XML says it.");
  EXPECT_EQ(apply({"--vlan", "2"}), "");
  EXPECT_EQ(vsis[0].wanted.filters(0).vid(), 2U);
  EXPECT_EQ(apply({"--vlan", "x"}), "--vlan 'x' is no number; give 1..4094.");
  EXPECT_EQ(apply({"--bridge-assigns-vlan"}), "");
  EXPECT_TRUE(vsis[0].wanted.bridge_assigns_vlan());
}

}  // namespace
}  // namespace agent::ctl
