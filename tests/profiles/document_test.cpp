// SPDX-License-Identifier: Apache-2.0
#include "profiles/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace profiles {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const vdp::ManagerId kManager = parse_manager("192.0.2.20").value();

constexpr std::string_view kExample = R"([[vsi_type]]
manager = "192.0.2.20"
id = 1193047
version = 2
name = "tenant \"one\""
untagged = 2
tagged = [10, 11]
default_vlan = 11
groups = { "4097" = 10 }
default_priority = 5
macs = ["52:54:00:aa:00:11"]
transmit = "100 Mbit/s"
max_instances = 9

[[port_profile]]
name = "finance"
vsi_type = { manager = "192.0.2.20", id = 1193047, version = 2 }
require_relay = true
mtu = 9000
transmit = { rate = "100 Mbit/s", burst = "64 KiB" }
receive = "1 Gbit/s"
modes = ["vepa", "private"]

[[port_profile]]
name = "wéb"
untagged = 3
any_vlan = true
)";

Document read(std::string_view text) {
  auto document = read_document(text, "profiles.toml");
  if (!document) {
    for (const auto& problem : document.error()) ADD_FAILURE() << to_string(problem);
    return {};
  }
  return std::move(*document);
}

Problems problems_of(std::string_view text) {
  auto document = read_document(text, "profiles.toml");
  return document ? Problems{} : std::move(document.error());
}

TEST(Document, ReadsEveryKey) {
  const auto document = read(kExample);
  EXPECT_THAT(document.type_lines, ElementsAre(1U));
  EXPECT_THAT(document.profile_lines, ElementsAre(15U, 24U));
  EXPECT_THAT(document.contents.types,
              ElementsAre(VsiTypeEntry{{kManager, {1193047, 2}},
                                       {.name = "tenant \"one\"",
                                        .untagged = 2,
                                        .tagged = {10, 11},
                                        .default_vlan = 11,
                                        .groups = {{4097, 10}},
                                        .default_priority = 5,
                                        .mac_policy = MacPolicy::kListed,
                                        .macs = {{{0x52, 0x54, 0, 0xAA, 0, 0x11}}},
                                        .transmit = Rate{100'000'000, 0},
                                        .max_instances = 9}}));
  EXPECT_THAT(
      document.contents.profiles,
      ElementsAre(PortProfile{"finance",
                              {.mtu = 9000,
                               .transmit = Rate{100'000'000, 65'536},
                               .receive = Rate{1'000'000'000, 0},
                               .modes = {DeliveryMode::kVepa, DeliveryMode::kPrivate}},
                              TypeName{kManager, {1193047, 2}},
                              true},
                  PortProfile{"wéb", {.untagged = 3, .any_vlan = true, .default_vlan = 3}, {}}));
}

TEST(Document, WritesWhatItReads) { EXPECT_EQ(write_document(read(kExample).contents), kExample); }

TEST(Document, WritesEveryManagerSoThatItIsReadAgain) {
  for (const auto& octets :
       {vdp::ManagerId{}, vdp::ManagerId{{11}}, kManager, parse_manager("2001:db8::20").value(),
        parse_manager("text:none").value(), parse_manager("text:any").value(),
        parse_manager("text:11").value(), parse_manager("text:a:b").value(), vdp::ManagerId{{0, 1}},
        vdp::ManagerId{{255, 254, 0, 9}},
        parse_manager("09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f").value()}) {
    const Contents contents{{}, {{{octets, {1, 1}}, {.untagged = 2, .default_vlan = 2}}}};
    EXPECT_EQ(read(write_document(contents)).contents, contents) << write_document(contents);
  }
}

struct Wrong {
  std::string_view line;
  std::string_view what;
};
class DocumentProblem : public testing::TestWithParam<Wrong> {};

TEST_P(DocumentProblem, IsToldWithItsLine) {
  const auto text =
      "[[port_profile]]\nname = \"a\"\nuntagged = 2\n" + std::string(GetParam().line) + "\n";
  EXPECT_THAT(problems_of(text),
              ElementsAre(AllOf(Field(&Problem::line, 4U),
                                Field(&Problem::what, HasSubstr(std::string(GetParam().what))))));
}

INSTANTIATE_TEST_SUITE_P(
    Each, DocumentProblem,
    testing::Values(
        Wrong{"speed = 3", "unknown key speed"}, Wrong{"mtu = 67", "mtu = 67 is out of range"},
        Wrong{"mtu = 65536", "mtu = 65536 is out of range"},
        Wrong{"transmit = 100", "transmit is not text with a unit"},
        Wrong{"transmit = \"100 Mbps\"", "bits to some and octets to others"},
        Wrong{"transmit = \"1 bit/s\"", "transmit = 1 bit/s is out of range"},
        Wrong{"receive = { burst = \"64 KiB\" }", "rate is missing"},
        Wrong{"receive = { rate = \"1M\", burst = \"1 B\" }", "burst = 1 B is out of range"},
        Wrong{"receive = { rate = \"1M\", peak = 1 }", "unknown key peak"},
        Wrong{"modes = [\"vepa\", \"veb\"]", "no delivery mode"},
        Wrong{"modes = \"vepa\"", "modes is not a list"},
        Wrong{"mac_policy = \"listed\"", "nothing is listed"},
        Wrong{"mac_policy = \"some\"", "not one of the words"},
        Wrong{"vsi_type = { id = 1 }", "version is missing"},
        Wrong{"vsi_type = { id = 16777216, version = 1 }", "out of range"},
        Wrong{"vsi_type = 7", "vsi_type is not a table"}, Wrong{"x = ", "Error"},
        Wrong{"[[port_profil]]", "unknown key port_profil"},
        Wrong{"[[port_profile]]", "name is missing"},
        Wrong{"[[port_profile]]\nname=\"a\"", "profile a stands twice, first in line 1"}),
    [](const auto& each) { return "Number" + std::to_string(each.index); });

TEST(Document, ANameHas39OctetsAtMost) {
  const auto named = [](const std::string& name) {
    return problems_of("[[port_profile]]\nname = \"" + name + "\"\n");
  };
  EXPECT_THAT(named(std::string(39, 'x')), IsEmpty());
  EXPECT_THAT(
      named(std::string(40, 'x')),
      ElementsAre(AllOf(Field(&Problem::line, 2U),
                        Field(&Problem::what, HasSubstr("at most 39 octets, this has 40")))));
}

TEST(Document, OwnAddressesAndAListAreNotBoth) {
  EXPECT_THAT(problems_of("[[port_profile]]\nname = \"a\"\nmacs = [\"52:54:00:aa:00:11\"]\n"
                          "mac_policy = \"own\"\n"),
              ElementsAre(Field(&Problem::line, 4U)));
}

TEST(Document, TellsEveryProblemAtOnce) {
  EXPECT_THAT(
      problems_of("[[port_profile]]\nname = 3\nmtu = 1\n[[vsi_type]]\nid = -1\n"),
      ElementsAre(Field(&Problem::line, 2U), Field(&Problem::line, 3U), Field(&Problem::line, 4U),
                  Field(&Problem::line, 5U), Field(&Problem::line, 4U)));
}

class ConflictsTest : public testing::Test {
 protected:
  const support::TemporaryFolder folder_;
  Store store = *Store::open(folder_.path() + "/profiles.db", Access::kWrite);
};

TEST_F(ConflictsTest, WithTheDatabaseHaveLinesToo) {
  const auto document = read(kExample);
  EXPECT_THAT(*conflicts(document, "f", store, Force::kNo), IsEmpty());
  ASSERT_TRUE(store.apply({{}, {}, {}, document.contents.types}, Force::kNo));
  auto other = document;
  other.contents.types[0].parameters.untagged = 3;
  EXPECT_THAT(*conflicts(other, "f", store, Force::kNo),
              ElementsAre(AllOf(Field(&Problem::line, 1U),
                                Field(&Problem::what, HasSubstr("exists with another body")))));
  EXPECT_THAT(*conflicts(other, "f", store, Force::kYes), IsEmpty());

  other.contents.types.clear();
  EXPECT_THAT(*conflicts(other, "f", store, Force::kNo), IsEmpty()) << "the database has it";
  other.contents.profiles[0].vsi_type->type.version = 3;
  EXPECT_THAT(
      *conflicts(other, "f", store, Force::kYes),
      ElementsAre(AllOf(
          Field(&Problem::line, 15U),
          Field(&Problem::what, HasSubstr("profile finance stands for VSI type 1193047 "
                                          "version 3 of 192.0.2.20, which does not exist")))));
}

PortProfile changed(std::vector<std::string> assignments) {
  const PortProfile before{"a", {.untagged = 2, .default_vlan = 2, .mtu = 1500}, {}};
  auto after = assign(before, assignments);
  if (!after) {
    for (const auto& problem : after.error()) ADD_FAILURE() << to_string(problem);
    return before;
  }
  return *after;
}

TEST(Assign, ChangesSingleParameters) {
  EXPECT_EQ(
      changed({"mtu=9000", "transmit=100M", "receive=1G,64K", "modes=vepa,bridge", "tagged=10,11",
               "groups=4097:10,4098:11", "vsi_type=192.0.2.20/1193047/2", "macs=52:54:00:aa:00:11",
               "any_vlan=true", "max_instances=3", "require_relay=true"}),
      (PortProfile{"a",
                   {.untagged = 2,
                    .tagged = {10, 11},
                    .any_vlan = true,
                    .default_vlan = 2,
                    .groups = {{4097, 10}, {4098, 11}},
                    .mac_policy = MacPolicy::kListed,
                    .macs = {{{0x52, 0x54, 0, 0xAA, 0, 0x11}}},
                    .mtu = 9000,
                    .transmit = Rate{100'000'000, 0},
                    .receive = Rate{1'000'000'000, 65'536},
                    .modes = {DeliveryMode::kVepa, DeliveryMode::kBridge},
                    .max_instances = 3},
                   TypeName{kManager, {1193047, 2}},
                   true}));
  EXPECT_EQ(changed({"untagged=3", "mtu="}),
            (PortProfile{"a", {.untagged = 3, .default_vlan = 3}, {}}));
  EXPECT_EQ(changed({"vsi_type=7/1"}).vsi_type, (TypeName{std::nullopt, {7, 1}}));
}

TEST(Assign, RefusesWhatAFileMayNotHoldEither) {
  const PortProfile before{"a", {}, {}};
  for (const std::string assignment :
       {"mtu=1", "mtu=many", "speed=1", "mtu", "=1", "name=b", "tagged=4095", "transmit=100 Mbps",
        "transmit=1M,2,3", "vsi_type=1", "vsi_type=a/b/c/d", "groups=x:1", "any_vlan=perhaps"}) {
    const std::vector<std::string> one{assignment};
    EXPECT_FALSE(assign(before, one)) << assignment;
  }
  const std::vector<std::string> id{"id=3"};
  EXPECT_FALSE(assign(VsiTypeEntry{{{}, {1, 1}}, {.untagged = 2, .default_vlan = 2}}, id));
}

}  // namespace
}  // namespace profiles
