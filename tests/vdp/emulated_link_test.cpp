// SPDX-License-Identifier: Apache-2.0
// Two ports joined by an emulated link: whatever the wire did, both sides agree in the end.
#include "tests/support/emulated_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "lldp/ecpdu.hpp"
#include "lldp/ethernet.hpp"
#include "vdp/vdpdu.hpp"

namespace {

using namespace std::chrono_literals;
using lldp::DialectChoice;
using support::DatabaseAnswer;
using support::EmulatedLink;
using vdp::AssociationType;
using vdp::Reason;
using vdp::VsiState;

// VSI types of the scripted database.
constexpr std::uint32_t kGranted = 1;
constexpr std::uint32_t kRefused = 2;
constexpr std::uint32_t kRefusedForGood = 3;
constexpr std::uint32_t kNeverAnswered = 4;
constexpr std::uint32_t kSlow = 5;  // now and then slower than resourceWaitDelay, while it is rough
constexpr std::uint32_t kTypes = 5;

/// One seeded run: a rough time with commands, then a calm one, then the verdict. With kAuto the
/// dialect changes, too, in the middle of everything.
class SeededRun {
 public:
  SeededRun(std::uint32_t seed, DialectChoice dialect)
      : dialect_(dialect), link_(station_config(dialect), bridge_config(dialect), seed) {
    randomize_bridge();
    link_.database = [this](const auto& question) { return answer(question); };
    link_.admission = [this](const auto&) {
      return rough_ && link_.draw(20) == 0 ? Reason::kOtherFailure : Reason::kSuccess;
    };
  }

  void operator()() {
    link_.link(EmulatedLink::kStation, true);
    link_.link(EmulatedLink::kBridge, true);
    link_.faults = {link_.draw(40), link_.draw(30), link_.draw(40),
                    base::Duration(1 + link_.draw(400'000))};
    vsis_ = 1 + link_.draw(20);
    for (unsigned commands = 5 + link_.draw(40); commands > 0; --commands) {
      act();
      link_.advance(base::Duration(link_.draw(link_.draw(4) == 0 ? 3'000'000 : 50'000)));
    }
    rough_ = false;
    link_.faults = {};
    settle_dialects();
    link_.link(EmulatedLink::kStation, true);
    link_.link(EmulatedLink::kBridge, true);
    link_.advance(kCalm);
    judge();
  }

 private:
  static constexpr auto kCalm = 60s;

  /// Faster than the defaults, so that much happens in little time.
  static vdp::PortConfig station_config(DialectChoice dialect) {
    auto config = EmulatedLink::station_config();
    config.evb.dialect = dialect;
    config.lldp.timers = {.msg_tx_interval = 5, .msg_tx_hold = 2};
    config.retry = {500ms, 4s};
    config.evb.group_ids = true;
    config.evb.retransmit_exponent = 10;
    config.evb.resource_wait_delay = 16;
    config.evb.reinit_keep_alive = 19;
    return config;
  }
  static vdp::PortConfig bridge_config(DialectChoice dialect) {
    auto config = EmulatedLink::bridge_config();
    config.lldp.timers = {.msg_tx_interval = 5, .msg_tx_hold = 2};
    config.evb = station_config(dialect).evb;
    config.evb.role = lldp::EvbRole::kBridge;
    return config;
  }
  void randomize_bridge() {
    auto config = link_.bridge.config();
    config.evb.max_retries = static_cast<std::uint8_t>(link_.draw(5));
    config.evb.retransmit_exponent = static_cast<std::uint8_t>(8 + link_.draw(7));
    config.evb.resource_wait_delay = static_cast<std::uint8_t>(14 + link_.draw(4));
    if (link_.draw(4) == 0) config.max_vsis = 10;
    if (dialect_ == DialectChoice::kAuto) {
      config.evb.dialect = static_cast<DialectChoice>(link_.draw(3));
    }
    link_.feed(EmulatedLink::kBridge, vdp::PortReconfigured{config});
  }

  /// Of two that chose differently in the rough time none would hear the other.
  void settle_dialects() {
    if (dialect_ != DialectChoice::kAuto) return;
    auto config = link_.station.config();
    config.evb.dialect = DialectChoice::kAuto;
    link_.feed(EmulatedLink::kStation, vdp::PortReconfigured{config});
  }

  std::optional<DatabaseAnswer> answer(const vdp::ResolveVsiType& question) {
    const base::Duration soon(link_.draw(2000));
    switch (question.vsi_type.id) {
      case kRefused: return DatabaseAnswer{Reason::kInsufficientResources, false, soon};
      case kRefusedForGood: return DatabaseAnswer{Reason::kInvalidFilter, true, soon};
      case kNeverAnswered: return std::nullopt;
      case kSlow:
        if (!rough_) break;
        return DatabaseAnswer{.delay = base::Duration(link_.draw(2'000'000))};
      default: break;
    }
    return DatabaseAnswer{.delay = soon};
  }

  vdp::VsiRequest random_request() {
    auto request = EmulatedLink::request(link_.draw(vsis_));
    request.type = static_cast<AssociationType>(1 + link_.draw(3));
    if (link_.draw(2) == 0) request.type = AssociationType::kAssociate;
    request.manager.octets[0] = static_cast<std::uint8_t>(link_.draw(3) == 0);
    request.vsi_type.id = link_.draw(2) == 0 ? kGranted : 1 + link_.draw(kTypes);
    auto& filters = request.filters;
    const bool only_sayable = dialect_ != DialectChoice::kRatified;  // in draft 0.2
    if (!only_sayable && link_.draw(4) == 0) filters.format = vdp::FilterFormat::kGroupMacVid;
    if (link_.draw(3) == 0) filters.entries.front().vid = 0;
    if (link_.draw(4) == 0) {
      filters.entries.resize(1 + link_.draw(40));
      for (auto& entry : filters.entries) entry.vid = static_cast<std::uint16_t>(link_.draw(5));
    }
    if (!only_sayable && link_.draw(8) == 0)
      request.organizational.push_back({{0, 0, 0x0C}, {1, 2, 3}});
    request.migration.to_here = link_.draw(8) == 0;
    return request;
  }

  void act() {
    switch (link_.draw(14)) {
      case 0: return link_.link(EmulatedLink::kStation, link_.draw(2) == 0);
      case 1: return link_.link(EmulatedLink::kBridge, link_.draw(2) == 0);
      case 2:
        return link_.feed(EmulatedLink::kBridge,
                          vdp::BridgeDeassociated{EmulatedLink::request(link_.draw(vsis_)).id});
      case 3:
        return dialect_ == DialectChoice::kAuto && link_.draw(3) == 0 ? randomize_station()
                                                                      : randomize_bridge();
      case 4:
      case 5:
      case 6: {
        const auto id = EmulatedLink::request(link_.draw(vsis_)).id;
        wanted_.erase(id);
        return link_.feed(EmulatedLink::kStation, vdp::DeassociateRequested{id, {}});
      }
      default: {
        const auto request = random_request();
        wanted_[request.id] = request;
        return link_.feed(EmulatedLink::kStation, vdp::AssociateRequested{request});
      }
    }
  }

  void randomize_station() {
    auto config = link_.station.config();
    config.evb.dialect = static_cast<DialectChoice>(link_.draw(3));
    link_.feed(EmulatedLink::kStation, vdp::PortReconfigured{config});
  }

  void judge() {
    for (const auto& [id, request] : wanted_) judge_wanted(request);
    for (const auto& report : link_.station.vsis()) {
      EXPECT_TRUE(wanted_.contains(report.id)) << to_string(report.id) << " is left over";
      judge_agreement(report);
    }
    for (const auto& report : link_.bridge.vsis()) {
      const auto other = link_.station.vsi(report.id);
      EXPECT_TRUE(report.state == VsiState::kDeassociated ||
                  (other && other->state == report.state))
          << to_string(report.id) << ": the bridge holds " << to_string(report.state) << " in "
          << report.machine_state << ", the station is in "
          << (other ? other->machine_state : "none") << "; timer "
          << (report.timer_ends ? (*report.timer_ends - link_.now).count() : -1) << " us";
    }
    for (const auto& [id, order] : link_.admitted) {
      const auto report = link_.station.vsi(id);
      EXPECT_TRUE(report && report->state == VsiState::kAssociated)
          << to_string(id) << " is still admitted";
    }
  }

  void judge_wanted(const vdp::VsiRequest& request) {
    const auto report = link_.station.vsi(request.id);
    ASSERT_TRUE(report) << to_string(request.id) << " was forgotten";
    if (request.vsi_type.id != kGranted && request.vsi_type.id != kSlow) {
      EXPECT_TRUE(report->last_failure) << "a refusal is not visible";
      return;
    }
    if (vsis_ > 10 && link_.bridge.config().max_vsis == 10) return;  // there is no room for all
    const VsiState states[] = {VsiState::kPreassociated, VsiState::kPreassociatedWithReservation,
                               VsiState::kAssociated};
    EXPECT_EQ(report->state, states[static_cast<unsigned>(request.type) - 1])
        << to_string(request.id) << " is " << to_string(report->state) << " in "
        << report->machine_state << ", wanted is a " << to_string(request.type) << "; "
        << (report->last_failure ? to_string(report->last_failure->cause) : "no failure") << ", "
        << (report->next_try ? "to be tried again" : "not to be tried again");
    EXPECT_EQ(report->vsi_type, request.vsi_type);
  }

  void judge_agreement(const vdp::VsiReport& ours) {
    if (ours.state == VsiState::kDeassociated) return;
    const auto theirs = link_.bridge.vsi(ours.id);
    ASSERT_TRUE(theirs) << to_string(ours.id) << " is unknown to the bridge";
    EXPECT_EQ(theirs->state, ours.state) << to_string(ours.id);
    EXPECT_EQ(theirs->vsi_type, ours.vsi_type);
    EXPECT_EQ(theirs->manager, ours.manager);
    EXPECT_EQ(theirs->filters, ours.filters);
    if (ours.state != VsiState::kAssociated) return;
    const auto admitted = link_.admitted.find(ours.id);
    ASSERT_NE(admitted, link_.admitted.end()) << to_string(ours.id) << " is not admitted";
    EXPECT_EQ(admitted->second.filters, ours.filters);
    EXPECT_EQ(admitted->second.vsi_type, ours.vsi_type);
  }

  DialectChoice dialect_;
  EmulatedLink link_;
  bool rough_ = true;
  unsigned vsis_ = 1;
  std::map<vdp::VsiId, vdp::VsiRequest> wanted_;
};

/// EVBD_LINK_RUNS and EVBD_LINK_SEED choose how many runs there are and where they begin.
std::uint32_t from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EVBD_SLOW_BUILD
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(EVBD_SLOW_BUILD)
constexpr std::uint32_t kRuns = 1'000;
#else
constexpr std::uint32_t kRuns = 10'000;
#endif

class EmulatedLinkTest : public testing::TestWithParam<DialectChoice> {};

TEST_P(EmulatedLinkTest, BothSidesAgreeAfterEveryRoughTime) {
  const auto first = from_environment("EVBD_LINK_SEED", 0);
  const auto runs = from_environment("EVBD_LINK_RUNS", kRuns);
  for (std::uint32_t seed = first; seed < first + runs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRun run(seed, GetParam());
    run();
    if (testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Dialects, EmulatedLinkTest,
                         testing::Values(DialectChoice::kRatified, DialectChoice::kDraft02,
                                         DialectChoice::kAuto),
                         [](const auto& of) { return std::string(to_string(of.param)); });

/// What a bridge that keeps something else than the station thinks is told, and when.
TEST(EmulatedLink, AKeepIsNotTakenForAgreementOnWhatIsKept) {
  auto config = EmulatedLink::station_config();
  config.retry = {1s, 1s};  // faster than keep-alives
  EmulatedLink link(config, EmulatedLink::bridge_config(), 1);
  link.database = [](const vdp::ResolveVsiType& question) {
    const bool refused = question.vsi_type.id == kRefused;
    return DatabaseAnswer{refused ? Reason::kInsufficientResources : Reason::kSuccess, false, 1ms};
  };
  link.bring_up();
  const auto ours = EmulatedLink::request(1);
  link.feed(EmulatedLink::kStation, vdp::AssociateRequested{ours});
  link.advance(100ms);

  // An earlier Associate of the station that was long under way, whose answer it does not expect.
  vdp::AssociationTlv late{.type = AssociationType::kAssociate,
                           .vsi_type = ours.vsi_type,
                           .id = ours.id,
                           .filters = ours.filters};
  late.filters.entries.front().vid = 77;
  base::Octets ulpdu;
  vdp::append_manager(ulpdu, ours.manager);
  vdp::append_association(ulpdu, late);
  const lldp::Ecpdu ecpdu{lldp::EcpOperation::kRequest, lldp::kEcpSubtypeVdp, 0x7777, ulpdu};
  const auto frame =
      lldp::encode_ethernet({lldp::kNearestCustomerBridge, link.station.config().address,
                             lldp::kEcpEthertype, lldp::encode(ecpdu)});
  link.feed(EmulatedLink::kBridge, vdp::FrameReceived{frame});
  link.advance(100ms);
  ASSERT_EQ(link.bridge.vsi(ours.id)->filters, late.filters);
  ASSERT_EQ(link.station.vsi(ours.id)->filters, ours.filters);

  auto refused = ours;
  refused.vsi_type.id = kRefused;
  link.feed(EmulatedLink::kStation, vdp::AssociateRequested{refused});
  link.advance(100ms);
  EXPECT_TRUE(link.station.vsi(ours.id)->last_failure->keep);
  EXPECT_EQ(link.station.vsi(ours.id)->filters, ours.filters);
  EXPECT_EQ(link.bridge.vsi(ours.id)->filters, ours.filters);
  EXPECT_EQ(link.admitted.at(ours.id).filters, ours.filters);
}

constexpr std::size_t up_to_multiple(std::size_t count, std::size_t of) {
  return (count + of - 1) / of;
}

class Storm : public testing::Test {
 protected:
  static constexpr std::size_t kVsis = 10'000;

  Storm() : link(EmulatedLink::station_config(), EmulatedLink::bridge_config(), 1) {
    link.bring_up();
    link.ecp_frames = 0;
    for (std::uint32_t i = 0; i < kVsis; ++i) {
      link.feed(EmulatedLink::kStation, vdp::AssociateRequested{EmulatedLink::request(i)});
    }
    link.advance(2s);
  }

  std::size_t associated() const {
    const auto reports = link.station.vsis();
    return static_cast<std::size_t>(
        std::ranges::count(reports, VsiState::kAssociated, &vdp::VsiReport::state));
  }

  EmulatedLink link;
};

TEST_F(Storm, PacksItselfIntoFullEcpdus) {
  EXPECT_EQ(associated(), kVsis);
  EXPECT_EQ(link.admitted.size(), kVsis);
  EXPECT_LE(link.ecp_frames, 4 * up_to_multiple(kVsis, 41) + 8);
}

TEST_F(Storm, KeepAlivesStayPacked) {
  const auto keep_alive = link.station.evb().operational().keep_alive_time();
  link.ecp_frames = 0;
  link.advance(600s);
  EXPECT_EQ(associated(), kVsis);
  const auto periods = 600s / keep_alive;
  const auto full = static_cast<std::size_t>(periods) * 4 * up_to_multiple(kVsis, 42);
  EXPECT_GE(link.ecp_frames, full - full / 20) << "a keep-alive was left out";
  EXPECT_LE(link.ecp_frames, full + full / 10);
}

}  // namespace
