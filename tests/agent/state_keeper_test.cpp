// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "agent/state/keeper.hpp"
#include "libvirt_fakes.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent::state {
namespace {

using namespace std::chrono_literals;
using libvirt::testing::FakePorts;
using libvirt::testing::id_number;
using libvirt::testing::mac_number;
using ::testing::HasSubstr;
using vdp::VsiCause;
using vdp::VsiState;

vdp::VsiRequest request_number(std::uint32_t number) {
  vdp::VsiRequest request;
  request.id = id_number(number);
  request.manager.octets[3] = 9;
  request.vsi_type = {0xABCDEF, 7};
  request.filters.format = vdp::FilterFormat::kGroupMacVid;
  for (std::uint16_t vid = 5; vid <= 7; ++vid) {
    vdp::FilterEntry entry;
    entry.group = 0x12345678;
    entry.mac = mac_number(number);
    entry.vid = vid;
    request.filters.entries.push_back(entry);
  }
  request.migration = {true, false};
  request.organizational = {{{1, 2, 3}, {4, 5, 6}}, {{7, 8, 9}, {}}};
  return request;
}

/// What one run of evbd does with the state: opened, and closed without a farewell.
class StateTest : public ::testing::Test {
 protected:
  struct Run {
    explicit Run(const std::string& path) {
      auto opened = Database::open(path);
      EXPECT_TRUE(opened) << opened.error();
      was_there = opened->was_there;
      trouble = opened->trouble;
      keeper.emplace(ports, std::move(opened->database), std::move(opened->wishes));
      keeper->wake = [this] { ++wakes; };
      ports.observers.push_back(&*keeper);
      ports.asked = [this](std::string_view port, const vdp::Input& input) {
        keeper->asked(port, input);
      };
    }
    void associate(std::uint32_t number) {
      auto request = request_number(number);
      request.filters.format = vdp::FilterFormat::kMacVid;
      ports.feed("eth0", vdp::AssociateRequested{request});
    }
    void deassociate(std::uint32_t number) {
      ports.feed("eth0", vdp::DeassociateRequested{id_number(number), {}});
    }
    void say_gone(std::uint32_t number) {
      ports.tell("eth0", vdp::VsiChanged{id_number(number),
                                         VsiState::kDeassociated,
                                         VsiCause::kDeassociatedByClient,
                                         {},
                                         true});
    }

    FakePorts ports;
    std::optional<Keeper> keeper;
    bool was_there = false;
    std::string trouble;
    int wakes = 0;
  };

  const support::TemporaryFolder folder_;
  std::string path = folder_.path() + "/state.db";
};

TEST_F(StateTest, KeepsEveryPartOfAWish) {
  {
    auto opened = Database::open(path);
    ASSERT_TRUE(opened) << opened.error();
    EXPECT_FALSE(opened->was_there);
    Wish one{"eth0", request_number(1), true, false,
             LibvirtOrigin{0xFFFFFFFF, 2, "eth0", 200, true}};
    Wish two{"eth1", request_number(2), false, true, std::nullopt};
    two.request.type = vdp::AssociationType::kPreAssociateWithReservation;
    two.request.organizational.clear();
    ASSERT_TRUE(
        opened->database.write({{{"eth0", id_number(1)}, &one}, {{"eth1", id_number(2)}, &two}}));
  }
  const auto opened = Database::open(path);
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_TRUE(opened->was_there);
  ASSERT_EQ(opened->wishes.size(), 2U);
  const auto& one = opened->wishes[0];
  const auto& two = opened->wishes[1];
  const auto expected = request_number(1);
  EXPECT_EQ(one.port, "eth0");
  EXPECT_EQ(one.request.id, expected.id);
  EXPECT_EQ(one.request.type, expected.type);
  EXPECT_EQ(one.request.manager, expected.manager);
  EXPECT_EQ(one.request.vsi_type, expected.vsi_type);
  EXPECT_EQ(one.request.filters, expected.filters);
  EXPECT_EQ(one.request.migration, expected.migration);
  EXPECT_EQ(one.request.organizational, expected.organizational);
  EXPECT_EQ(one.libvirt, (LibvirtOrigin{0xFFFFFFFF, 2, "eth0", 200, true}));
  EXPECT_TRUE(one.associated);
  EXPECT_FALSE(one.ending);
  EXPECT_EQ(two.request.type, vdp::AssociationType::kPreAssociateWithReservation);
  EXPECT_TRUE(two.request.organizational.empty());
  EXPECT_EQ(two.libvirt, std::nullopt);
  EXPECT_TRUE(two.ending);
}

TEST_F(StateTest, FeedsThePortsAgainWithWhatWasWanted) {
  {
    Run before(path);
    before.associate(1);
    before.associate(2);
    before.associate(3);
    before.ports.confirm(1);
    before.say_gone(3);
    EXPECT_EQ(before.wakes, 1) << "one turn of the loop writes them all";
    before.keeper->flush();
  }
  Run after(path);
  EXPECT_TRUE(after.was_there);
  after.keeper->resume(after.ports.time);
  EXPECT_EQ(after.ports.fed_of<vdp::AssociateRequested>().size(), 2U);
  EXPECT_TRUE(after.keeper->find({"eth0", id_number(1)})->associated);
  EXPECT_FALSE(after.keeper->find({"eth0", id_number(2)})->associated);
  EXPECT_EQ(after.keeper->find({"eth0", id_number(3)}), nullptr);
}

TEST_F(StateTest, FeedsNothingThatThePortHas) {
  Run run(path);
  run.associate(1);
  run.keeper->resume(run.ports.time);
  EXPECT_EQ(run.ports.fed_of<vdp::AssociateRequested>().size(), 1U);
}

TEST_F(StateTest, SurvivesTheKillingOfItsProcess) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Run run(path);
    for (std::uint32_t number = 1; number <= 1000; ++number) run.associate(number);
    run.keeper->flush();
    for (std::uint32_t number = 1; number <= 10; ++number) run.say_gone(number);
    run.keeper->flush();
    (void)!::write(ready[1], "r", 1);
    ::pause();
    ::_exit(0);
  }
  char octet = 0;
  ASSERT_EQ(::read(ready[0], &octet, 1), 1);
  EXPECT_THAT(Database::open(path).error(), HasSubstr("another evbd runs"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto opened = Database::open(path);
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ(opened->wishes.size(), 990U);
  EXPECT_EQ(opened->trouble, "");
}

TEST_F(StateTest, MovesADamagedFileAsideAndGoesOn) {
  std::ofstream(path)
      << "this is no database, and it is long enough to be looked at as one........";
  auto opened = Database::open(path);
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_FALSE(opened->was_there);
  EXPECT_THAT(opened->trouble, HasSubstr(".damaged"));
  EXPECT_TRUE(std::filesystem::exists(path + ".damaged"));
}

TEST_F(StateTest, MovesAFileOfAnotherVersionAside) {
  { Run run(path); }
  ASSERT_EQ(std::system(("sqlite3 " + path + " 'PRAGMA user_version = 99'").c_str()), 0);
  const auto opened = Database::open(path);
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_THAT(opened->trouble, HasSubstr("version 99"));
}

TEST_F(StateTest, SaysWhyAFileCannotBeUsed) {
  EXPECT_THAT(Database::open("/proc/nothing/state.db").error(), HasSubstr("cannot use"));
}

TEST_F(StateTest, KeepsTheEarlierWishWhenAChangeIsRefused) {
  Run run(path);
  run.associate(1);
  auto bad = request_number(1);
  bad.filters.entries.clear();
  run.ports.feed("eth0", vdp::AssociateRequested{bad});
  EXPECT_EQ(run.keeper->find({"eth0", id_number(1)})->request.filters.entries.size(), 3U);
  auto never = request_number(2);
  never.filters.entries.clear();
  run.ports.feed("eth0", vdp::AssociateRequested{never});
  EXPECT_EQ(run.keeper->find({"eth0", id_number(2)}), nullptr);
}

TEST_F(StateTest, EndsAfterARestartWhatWasEnding) {
  {
    Run before(path);
    before.associate(1);
    before.keeper->flush();
    // The bridge knows the VSI, so its end waits for the bridge.
    before.keeper->asked("eth0", vdp::DeassociateRequested{id_number(1), {}});
    before.keeper->flush();
  }
  Run after(path);
  after.keeper->resume(after.ports.time);
  EXPECT_EQ(after.ports.fed_of<vdp::AssociateRequested>().size(), 1U);
  EXPECT_TRUE(after.keeper->find({"eth0", id_number(1)})->ending);
  after.ports.confirm(1);
  EXPECT_TRUE(after.ports.fed_of<vdp::DeassociateRequested>().empty());
  after.keeper->work();
  EXPECT_EQ(after.ports.fed_of<vdp::DeassociateRequested>().size(), 1U);
}

TEST_F(StateTest, EndsWhatWasEndingThoughTheBridgeIsSilent) {
  {
    Run before(path);
    before.associate(1);
    before.keeper->asked("eth0", vdp::DeassociateRequested{id_number(1), {}});
    before.keeper->flush();
  }
  Run after(path);
  after.keeper->resume(after.ports.time);
  ASSERT_TRUE(after.keeper->deadline());
  after.keeper->time_passed(*after.keeper->deadline());
  EXPECT_EQ(after.ports.fed_of<vdp::DeassociateRequested>().size(), 1U);
}

TEST_F(StateTest, DoesNotEndWhatIsWantedAgain) {
  Run run(path);
  run.associate(1);
  run.ports.confirm(1);
  run.keeper->asked("eth0", vdp::DeassociateRequested{id_number(1), {}});
  run.associate(1);
  const auto* const wish = run.keeper->find({"eth0", id_number(1)});
  EXPECT_FALSE(wish->ending);
  EXPECT_FALSE(wish->associated) << "it begins anew";
}

TEST_F(StateTest, RemembersWhoAskedBeforeAndAfterTheRequest) {
  Run run(path);
  const VsiKey key{"eth0", id_number(1)};
  run.keeper->asked_by_libvirt(key, LibvirtOrigin{500, 2, "eth0", 11, false});
  EXPECT_EQ(run.keeper->find(key), nullptr);
  run.associate(1);
  EXPECT_EQ(run.keeper->find(key)->libvirt->client, 500U);
  run.keeper->asked_by_libvirt(key, LibvirtOrigin{600, 2, "eth0", 11, true});
  EXPECT_EQ(run.keeper->find(key)->libvirt->client, 600U);
}

TEST_F(StateTest, WritesAThousandWishesInMilliseconds) {
  Run run(path);
  for (std::uint32_t number = 1; number <= 1000; ++number) run.associate(number);
  const auto before = std::chrono::steady_clock::now();
  run.keeper->flush();
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - before;
  RecordProperty("microseconds_per_wish", std::to_string(took.count() / 1000));
  EXPECT_EQ(run.keeper->size(), 1000U);
}

}  // namespace
}  // namespace agent::state
