// SPDX-License-Identifier: Apache-2.0
#include "profiles/type_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace profiles {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

struct Read {
  VsiTypes types;
  Problems problems;
};

Read read(std::string_view text) {
  const std::string file = "types.toml";
  Read result;
  const auto table = parse_toml(text, file, result.problems);
  if (!table) return result;
  TomlTable root(*table, "", file, result.problems);
  ManagerTable managers{};
  managers[11] = parse_manager("192.0.2.20").value();
  read_vsi_types(root, managers, result.types);
  return result;
}

TEST(TypeReader, ReadsEveryKey) {
  const auto [types, problems] = read(R"(
[[vsi_type]]
manager = 11
id = 1193047
version = 2
name = "web"
untagged = 2
tagged = [10, 11]
default_vlan = 11
groups = { "4097" = 30 }
default_priority = 5
macs = ["52:54:00:aa:00:11"]
max_instances = 9
)");
  ASSERT_THAT(problems, ElementsAre());
  const auto type = types.find({parse_manager("192.0.2.20").value(), {1193047, 2}});
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(*type, (NetworkParameters{.name = "web",
                                      .untagged = 2,
                                      .tagged = {10, 11},
                                      .default_vlan = 11,
                                      .groups = {{4097, 30}},
                                      .default_priority = 5,
                                      .mac_policy = MacPolicy::kListed,
                                      .macs = {{{0x52, 0x54, 0, 0xAA, 0, 0x11}}},
                                      .max_instances = 9}));
}

TEST(TypeReader, WithoutAManagerTheTypeIsThatOfAnyManager) {
  const auto [types, problems] = read("[[vsi_type]]\nid = 1\nversion = 0\nuntagged = 2\n");
  EXPECT_NE(types.find({std::nullopt, {1, 0}}), nullptr);
}

TEST(TypeReader, TheDefaultVlanIsTheUntaggedOneElseTheFirstTagged) {
  const auto [types, problems] = read(
      "[[vsi_type]]\nid = 1\nversion = 0\nuntagged = 2\ntagged = [3]\n"
      "[[vsi_type]]\nid = 2\nversion = 0\ntagged = [7, 3]\n");
  EXPECT_EQ(types.find({std::nullopt, {1, 0}})->default_vlan, 2);
  EXPECT_EQ(types.find({std::nullopt, {2, 0}})->default_vlan, 7);
}

TEST(TypeReader, ANumberInQuotesIsANumberToo) {
  const auto [types, problems] =
      read("[[vsi_type]]\nmanager = \"11\"\nid = 1\nversion = 0\nuntagged = 2\n");
  EXPECT_NE(types.find({parse_manager("192.0.2.20").value(), {1, 0}}), nullptr);
}

struct Wrong {
  std::string_view line;
  std::string_view what;
};
class TypeReaderProblem : public testing::TestWithParam<Wrong> {};

TEST_P(TypeReaderProblem, IsToldWithItsLine) {
  const auto text =
      "[[vsi_type]]\nid = 1\nversion = 0\nuntagged = 2\n" + std::string(GetParam().line) + "\n";
  EXPECT_THAT(read(text).problems,
              ElementsAre(AllOf(Field(&Problem::line, 5U),
                                Field(&Problem::what, HasSubstr(std::string(GetParam().what))))));
}

INSTANTIATE_TEST_SUITE_P(
    Each, TypeReaderProblem,
    testing::Values(Wrong{"vlan = 3", "unknown key vlan"}, Wrong{"tagged = 3", "not a list"},
                    Wrong{"tagged = [4095]", "tagged = 4095 is out of range"},
                    Wrong{"tagged = [2]", "VLAN 2 is listed twice"},
                    Wrong{"default_vlan = 9", "is not one of the VLANs allowed"},
                    Wrong{"default_priority = 8", "default_priority = 8"},
                    Wrong{"macs = [\"01:00:5e:00:00:01\"]", "no individual MAC address"},
                    Wrong{"macs = [\"nonsense\"]", "no individual MAC address"},
                    Wrong{"max_instances = 0", "max_instances = 0"},
                    Wrong{"groups = { web = 3 }", "GroupID web is not a number"},
                    Wrong{"groups = { \"1\" = 0 }", "a group's VLAN = 0"},
                    Wrong{"manager = \"192.0.2.300\"", "looks like an address"},
                    Wrong{"manager = 256", "256 is out of range"},
                    Wrong{"name = 3", "name is not text"}),
    [](const auto& each) { return "Number" + std::to_string(each.index); });

TEST(TypeReader, TellsWhatIsMissing) {
  EXPECT_THAT(read("\n[[vsi_type]]\n").problems,
              ElementsAre(Field(&Problem::what, HasSubstr("id is missing")),
                          Field(&Problem::what, HasSubstr("version is missing")),
                          Field(&Problem::what, HasSubstr("no VLAN"))));
}

TEST(TypeReader, ATypeStandsOnce) {
  const std::string once = "[[vsi_type]]\nid = 1\nversion = 0\nuntagged = 2\n";
  EXPECT_THAT(read(once + once).problems,
              ElementsAre(AllOf(Field(&Problem::line, 5U),
                                Field(&Problem::what, HasSubstr("stands twice")))));
}

TEST(TypeReader, RefusesWhatABridgePortDoesNotEnforce) {
  const std::string type = "[[vsi_type]]\nid = 1\nversion = 1\nuntagged = 2\n";
  const auto problems = read(type + "modes = [\"vepa\"]").problems;
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].line, 5U);
  EXPECT_THAT(problems[0].what, HasSubstr("is not enforced on a bridge port"));
  EXPECT_THAT(read(type + "mtu = 9000\ntransmit = \"10M\"\nreceive = \"20M\"").problems,
              testing::IsEmpty());
}

}  // namespace
}  // namespace profiles
