// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "lldp/base/deadlines.hpp"
#include "lldp/evb_negotiation.hpp"
#include "lldp/lldp_agent.hpp"
#include "lldp/organizational.hpp"

// Two LLDP agents with an EVB negotiation each, joined by a link that takes a moment and may lose.

namespace {

using namespace std::chrono_literals;
using lldp::EvbProposal;
using lldp::EvbRole;
using lldp::RelayStatus;

struct End {
  End(EvbRole role, std::uint8_t number) : evb(proposal(role)), agent(config(number)) {
    source.octets[5] = number;
  }

  static EvbProposal proposal(EvbRole role) {
    EvbProposal proposal;
    proposal.role = role;
    return proposal;
  }
  static lldp::LldpAgentConfig config(std::uint8_t number) {
    lldp::LldpAgentConfig config;
    config.local.chassis_id = {4, {2, 0, 0, 0, 0, number}};
    config.local.port_id = {7, {number}};
    return config;
  }

  /// What a port does when the neighbours or its own proposal changed.
  void negotiate(base::Instant now, lldp::LldpOutputs& out) {
    evb.set_remote(lldp::find_evb_tlv(agent.neighbors(), evb.proposal().role));
    advertise(now, out);
    if (evb.relay_wanted() != relay) {  // the kernel obeys at once
      relay = evb.relay_wanted();
      evb.set_relay_in_force(relay);
      advertise(now, out);
    }
  }
  void advertise(base::Instant now, lldp::LldpOutputs& out) {
    std::vector<lldp::OrganizationalTlv> tlvs;
    if (const auto tlv = evb.local()) tlvs.push_back(lldp::to_organizational(*tlv));
    agent.set_organizational(now, std::move(tlvs), out);
  }

  lldp::EvbNegotiation evb;
  lldp::LldpAgent agent;
  lldp::MacAddress source;
  bool relay = false;
};

class LldpBackToBack : public testing::Test {
 protected:
  static constexpr auto kDelay = 50us;

  struct InFlight {
    base::Instant arrives;
    End* to;
    base::Octets lldpdu;
  };

  void perform(End& from, lldp::LldpOutputs& out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (auto* send = std::get_if<lldp::SendLldpdu>(&out[i])) {
        ++frames;
        if (std::uniform_int_distribution(0, 99)(random) < loss_percent) continue;
        link.push_back({now + kDelay, &from == &station ? &bridge : &station, send->lldpdu});
      } else if (std::holds_alternative<lldp::NeighborsChanged>(out[i])) {
        from.negotiate(now, out);
      }
    }
    out.clear();
  }

  void up(End& end) {
    lldp::LldpOutputs out;
    end.advertise(now, out);
    end.agent.port_enabled(now, true, out);
    perform(end, out);
  }

  void propose(End& end, const EvbProposal& proposal) {
    lldp::LldpOutputs out;
    end.evb.set_proposal(proposal);
    end.negotiate(now, out);
    perform(end, out);
  }

  void advance(base::Duration by) {
    const auto until = now + by;
    while (true) {
      auto next = base::earlier(station.agent.deadline(), bridge.agent.deadline());
      if (!link.empty()) next = base::earlier(next, link.front().arrives);
      if (!next || *next > until) break;
      now = std::max(now, *next);
      lldp::LldpOutputs out;
      if (!link.empty() && link.front().arrives <= now) {
        const auto [arrives, to, lldpdu] = std::move(link.front());
        link.pop_front();
        to->agent.receive(now, lldpdu, to == &station ? bridge.source : station.source, out);
        perform(*to, out);
        continue;
      }
      for (auto* end : {&station, &bridge}) {
        if (!end->agent.deadline() || *end->agent.deadline() > now) continue;
        end->agent.time_passed(now, out);
        perform(*end, out);
      }
    }
    now = until;
  }

  /// Both ends hold what the other one says now.
  bool settled() const {
    return station.evb.remote() == bridge.evb.local() && bridge.evb.remote() == station.evb.local();
  }

  base::Instant now{};
  End station{EvbRole::kStation, 1};
  End bridge{EvbRole::kBridge, 2};
  std::deque<InFlight> link;
  int frames = 0;
  int loss_percent = 0;
  std::mt19937 random{1};
};

TEST_F(LldpBackToBack, FinishTheHandshakeWithoutWaitingForATick) {
  up(station);
  up(bridge);
  advance(1ms);
  EXPECT_TRUE(settled());
  EXPECT_EQ(station.evb.operational().relay_status, RelayStatus::kOn);
  EXPECT_TRUE(station.evb.operational().on && bridge.evb.operational().on);
  EXPECT_LE(frames, 8);
}

TEST_F(LldpBackToBack, FinishTheHandshakeWhicheverEndIsLate) {
  for (const bool station_first : {true, false}) {
    End& first = station_first ? station : bridge;
    End& second = station_first ? bridge : station;
    lldp::LldpOutputs out;
    for (auto* end : {&station, &bridge}) {
      end->agent.port_enabled(now, false, out);
      perform(*end, out);
    }
    link.clear();
    up(first);
    advance(17s + 123ms);
    up(second);
    advance(1ms);
    EXPECT_TRUE(settled());
    EXPECT_EQ(station.evb.operational().relay_status, RelayStatus::kOn);
  }
}

TEST_F(LldpBackToBack, FallSilentOnceTheyAgree) {
  up(station);
  up(bridge);
  advance(10s);
  frames = 0;
  advance(300s);
  EXPECT_EQ(frames, 20);  // one each in 30 s: nothing goes back and forth
}

TEST_F(LldpBackToBack, FollowAProposalUpAndDown) {
  up(station);
  up(bridge);
  advance(20s);
  for (const int exponent : {25, 10, 22, 5}) {
    auto proposal = bridge.evb.proposal();
    proposal.reinit_keep_alive = static_cast<std::uint8_t>(exponent);
    propose(bridge, proposal);
    advance(1ms);
    EXPECT_TRUE(settled());
    EXPECT_EQ(station.evb.operational().reinit_keep_alive, std::max(20, exponent));
    EXPECT_EQ(bridge.evb.operational().reinit_keep_alive, std::max(20, exponent));
  }
}

TEST_F(LldpBackToBack, NoticeWithinTheTtlThatTheOtherEndFellSilent) {
  up(station);
  up(bridge);
  advance(10s);
  loss_percent = 100;
  advance(121s);
  EXPECT_FALSE(station.evb.operational().on);
  EXPECT_FALSE(bridge.evb.operational().on);
  EXPECT_FALSE(bridge.relay);
  loss_percent = 0;
  advance(30s);
  EXPECT_TRUE(settled());
  EXPECT_TRUE(bridge.relay);
}

TEST_F(LldpBackToBack, AgreeInTheEndOverALinkThatLosesTwoOfThree) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    random.seed(seed);
    link.clear();
    station = End(EvbRole::kStation, 1);
    bridge = End(EvbRole::kBridge, 2);
    loss_percent = 66;
    up(station);
    up(bridge);
    advance(60s);
    loss_percent = 0;
    advance(121s);
    EXPECT_TRUE(settled()) << "seed " << seed;
    EXPECT_EQ(station.evb.operational().relay_status, RelayStatus::kOn) << "seed " << seed;
  }
}

}  // namespace
