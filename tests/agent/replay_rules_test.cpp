// SPDX-License-Identifier: Apache-2.0
// Every deviation that check knows, seen once; and a talk in which everything is right, in which
// none is seen.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "agent/replay/verdict.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/organizational.hpp"
#include "tests/support/judged.hpp"
#include "tests/support/pcap_reader.hpp"
#include "tests/support/talk.hpp"

namespace agent::replay {
namespace {

using support::associate;
using support::from_hex;
using support::is_of_draft02;
using support::Judged;
using support::response;
using support::Talk;
using support::with_type;
using vdp::AssociationType;
using vdp::Reason;
using namespace std::chrono_literals;

lldp::SystemInformation bridge_with(const Talk& talk, lldp::OrganizationalTlv tlv) {
  auto information = talk.information(talk.bridge);
  information.organizational.push_back(std::move(tlv));
  return information;
}

/// An LLDPDU of the bridge whose payload is changed by hand.
void edited_lldp(Talk& talk, const std::function<void(base::Octets&)>& edit) {
  auto octets = lldp::encode_lldpdu(talk.information(talk.bridge), 121).octets;
  edit(octets);
  talk.frame(talk.bridge, lldp::kLldpEthertype, octets);
}

/// An ECPDU of the station, from its first octet.
void ecp(Talk& talk, std::string_view hex) {
  talk.frame(talk.station, lldp::kEcpEthertype, from_hex(hex));
}

/// The octets of the EVB TLV after OUI and subtype stand here in the LLDPDU.
constexpr std::size_t kEvbAt = 9 + 7 + 4 + 6;

void cdcp(Talk& talk, const lldp::CdcpTlv& tlv, bool from_station = true) {
  talk.destination = lldp::kNearestNonTpmrBridge;
  const auto& end = from_station ? talk.station : talk.bridge;
  auto information = talk.information(end, false);
  information.organizational = {lldp::to_organizational(tlv)};
  talk.lldp(end, information);
  talk.destination = lldp::kNearestCustomerBridge;
}

lldp::CdcpTlv channels(lldp::CdcpRole role) {
  return {role, true, 167, {{1, 1}, {2, std::uint16_t(role == lldp::CdcpRole::kBridge ? 5 : 0)}}};
}

vdp::AssociationTlv keep(vdp::AssociationTlv tlv) {
  tlv = response(tlv, Reason::kInsufficientResources);
  tlv.keep_or_s = true;
  return tlv;
}

vdp::AssociationTlv with_vid(vdp::AssociationTlv tlv, std::uint16_t vid) {
  tlv.filters.entries.begin()->vid = vid;
  return tlv;
}

using Case = support::RuleCase<Talk>;

const Case kFrameCases[] = {
    {"source-group",
     [](Talk& t) {
       t.bridge.address.octets[0] = 1;
       t.lldp(t.bridge);
     }},
    {"lldp-tagged",
     [](Talk& t) {
       t.tags = from_hex("81000002");
       t.lldp(t.bridge);
     }},
    {"ecp-tagged",
     [](Talk& t) {
       t.tags = from_hex("81000002");
       ecp(t, "1401 0001");
     }},
    {"ecp-destination",
     [](Talk& t) {
       t.destination = lldp::kNearestBridge;
       ecp(t, "1401 0001");
     }},
    {"ecp-unreadable", [](Talk& t) { ecp(t, "2001 0001"); }},
    {"ecp-ack-contents", [](Talk& t) { ecp(t, "1401 0001 0a10"); }},
    {"vdp-unreadable", [](Talk& t) { ecp(t, "1001 0001 0621 00"); }},
    {"vdp-association-unreadable",
     [](Talk& t) {
       auto ulpdu = from_hex("0a10 0b000000000000000000000000000000 0602 0000");
       t.request(t.station, base::Bytes(ulpdu));
     }},
    {"vdp-unknown-tlv",
     [](Talk& t) {
       auto ulpdu = from_hex("0a10 0b000000000000000000000000000000 8000 0000");
       t.request(t.station, base::Bytes(ulpdu));
     }},
    {"ethertype-8890", [](Talk& t) { t.frame(t.station, kMistakenEthertype, from_hex("1001")); }},
    {"lldp-unreadable", [](Talk& t) { edited_lldp(t, [](auto& octets) { octets[0] = 4; }); }},
    {"lldp-overrun",
     [](Talk& t) {
       edited_lldp(t, [](auto& octets) {
         octets.resize(octets.size() - 2);
         octets.insert(octets.end(), {0x0D, 0xFF});
       });
     }},
    {"lldp-bad-tlv",
     [](Talk& t) { t.lldp(t.bridge, bridge_with(t, lldp::to_organizational(t.bridge.evb))); }},
    {"lldp-end",
     [](Talk& t) {
       auto octets = lldp::encode_lldpdu(t.information(t.bridge), 121).octets;
       octets.resize(octets.size() - 2);
       octets.insert(octets.end(), {0x0C, 20});  // a system description up to the frame's end
       octets.resize(octets.size() + 20, 'x');
       t.frame(t.bridge, lldp::kLldpEthertype, octets);
     }},
    {"lldp-reserved-type",
     [](Talk& t) {
       edited_lldp(t, [](auto& octets) { octets.insert(octets.end() - 2, {0x14, 0}); });
     }},
    {"lldp-shutdown", [](Talk& t) { t.lldp(t.bridge, 0); }},
    {"lldp-ttl-ran-out", [](Talk& t) { t.pass(200s).lldp(t.bridge); }},
    {"lldp-burst",
     [](Talk& t) {
       for (int i = 0; i < 6; ++i) t.lldp(t.bridge);
     }},
    {"lldp-fast-start",
     [](Talk& t) {
       t.frame(t.bridge, lldp::kLldpEthertype,
               lldp::encode_shutdown_lldpdu(t.information(t.bridge)));
       t.pass(3s).lldp(t.bridge).pass(3s).lldp(t.station);
     }},
    {"lldp-fast-for-nobody",
     [](Talk& t) {
       for (int time = 0; time < 2; ++time) {
         t.pass(10s).lldp(t.bridge);
         for (int i = 0; i < 4; ++i) t.lldp(t.station).pass(1s);
       }
       t.pass(10s).lldp(t.station);
     }},
    {"evb-destination",
     [](Talk& t) {
       t.destination = lldp::kNearestBridge;
       t.lldp(t.bridge);
     }},
    {"cdcp-destination",
     [](Talk& t) {
       t.lldp(t.bridge, bridge_with(t, lldp::to_organizational(channels(lldp::CdcpRole::kBridge))));
     }},
    {"s-channel-svid",
     [](Talk& t) {
       cdcp(t, channels(lldp::CdcpRole::kBridge), false);
       t.tags = {0x88, 0xA8, 0, 6};
       t.lldp(t.bridge);
     }},
    {"evb-two-dialects",
     [](Talk& t) {
       t.lldp(t.bridge, bridge_with(t, {lldp::kDraft02Oui, 0, encode(lldp::Draft02EvbTlv{})}));
     }},
};

const Case kEvbCases[] = {
    {"evb-length",
     [](Talk& t) {
       auto tlv = lldp::to_organizational(t.bridge.evb);
       tlv.information.push_back(0);
       auto information = t.information(t.bridge, false);
       information.organizational = {tlv};
       t.lldp(t.bridge, information);
     }},
    {"evb-reserved-bits",
     [](Talk& t) { edited_lldp(t, [](auto& octets) { octets[kEvbAt] |= 0x80U; }); }},
    {"evb-twice",
     [](Talk& t) { t.lldp(t.bridge, bridge_with(t, lldp::to_organizational(t.bridge.evb))); }},
    {"evb-same-mode",
     [](Talk& t) {
       t.bridge.evb.mode = lldp::EvbMode::kEvbStation;
       t.lldp(t.bridge);
     }},
    {"evb-rrctr-without-rrcap",
     [](Talk& t) {
       t.bridge.evb.relay_capable = false;
       t.lldp(t.bridge);
     }},
    {"evb-rrctr-without-rrreq",
     [](Talk& t) {
       t.station.evb.relay_request = false;
       t.lldp(t.station).pass(3s).lldp(t.bridge);
     }},
    {"evb-rrctr-missing",
     [](Talk& t) {
       t.bridge.evb.relay_control = false;
       t.lldp(t.bridge).pass(3s).lldp(t.bridge);
     }},
    {"evb-rrstat",
     [](Talk& t) {
       t.bridge.evb.relay_capable = t.bridge.evb.relay_control = false;
       t.lldp(t.bridge).pass(3s).lldp(t.station).pass(3s).lldp(t.station);
     }},
    {"evb-rrstat-without-bridge",
     [](Talk& t) {
       t.frame(t.bridge, lldp::kLldpEthertype,
               lldp::encode_shutdown_lldpdu(t.information(t.bridge)));
       t.pass(3s).lldp(t.station);
     }},
    {"evb-echo-of-station",
     [](Talk& t) {
       t.bridge.evb.bridge_group_ids = true;
       t.lldp(t.bridge).pass(3s).lldp(t.station).pass(3s).lldp(t.station);
     }},
    {"evb-echo-of-bridge",
     [](Talk& t) {
       t.station.evb.station_group_ids = true;
       t.lldp(t.station).pass(3s).lldp(t.bridge).pass(3s).lldp(t.bridge);
     }},
    {"evb-max-not-used",
     [](Talk& t) {
       t.bridge.evb.resource_wait_delay = 22;
       t.lldp(t.bridge).pass(3s).lldp(t.station);
     }},
    {"evb-rol",
     [](Talk& t) {
       t.station.evb.reinit_keep_alive = 22;
       t.station.evb.remote_rka = true;
       t.lldp(t.station);
     }},
    {"cdcp-unreadable",
     [](Talk& t) {
       auto tlv = channels(lldp::CdcpRole::kStation);
       tlv.channels[1].scid = 1;
       cdcp(t, tlv);
     }},
    {"cdcp-reserved-bits",
     [](Talk& t) {
       auto tlv = lldp::to_organizational(channels(lldp::CdcpRole::kStation));
       tlv.information[0] |= 0x10U;
       auto information = t.information(t.station, false);
       information.organizational = {tlv};
       t.destination = lldp::kNearestNonTpmrBridge;
       t.lldp(t.station, information);
     }},
    {"cdcp-default-channel",
     [](Talk& t) {
       auto tlv = channels(lldp::CdcpRole::kStation);
       std::swap(tlv.channels[0], tlv.channels[1]);
       cdcp(t, tlv);
     }},
    {"cdcp-capacity",
     [](Talk& t) {
       auto tlv = channels(lldp::CdcpRole::kStation);
       tlv.channel_capacity = 0;
       cdcp(t, tlv);
     }},
    {"cdcp-svid",
     [](Talk& t) {
       auto tlv = channels(lldp::CdcpRole::kStation);
       tlv.channels[1].svid = 1;
       cdcp(t, tlv);
     }},
    {"cdcp-same-role",
     [](Talk& t) {
       cdcp(t, channels(lldp::CdcpRole::kStation));
       cdcp(t, channels(lldp::CdcpRole::kStation), false);
     }},
    {"cdcp-too-many",
     [](Talk& t) {
       auto tlv = channels(lldp::CdcpRole::kStation);
       tlv.channel_capacity = 1;
       cdcp(t, tlv);
       cdcp(t, channels(lldp::CdcpRole::kBridge), false);
     }},
};

const Case kEcpCases[] = {
    {"ecp-without-evb",
     [](Talk& t) {
       t.frame(t.bridge, lldp::kLldpEthertype,
               lldp::encode_shutdown_lldpdu(t.information(t.bridge)));
       t.request(t.station, {associate()});
     }},
    {"ecp-resend-early",
     [](Talk& t) { t.request(t.station, {associate()}).pass(100ms).again(t.station); }},
    {"ecp-resend-late",
     [](Talk& t) { t.request(t.station, {associate()}).pass(400ms).again(t.station); }},
    {"ecp-resend-changed",
     [](Talk& t) {
       t.request(t.station, {associate()}).pass(164ms);
       --t.station.sequence;
       t.request(t.station, {associate(2)});
     }},
    {"ecp-resend-after-ack",
     [](Talk& t) { t.exchange(t.station, associate()).pass(164ms).again(t.station); }},
    {"ecp-too-many-sends",
     [](Talk& t) {
       t.request(t.station, {associate()});
       for (int i = 0; i < 4; ++i) t.pass(164ms).again(t.station);
     }},
    {"ecp-two-outstanding",
     [](Talk& t) { t.request(t.station, {associate()}).request(t.station, {associate(2)}); }},
    {"ecp-too-few-sends",
     [](Talk& t) {
       t.request(t.station, {associate()}).pass(164ms).again(t.station).pass(164ms);
       t.request(t.station, {associate(2)});
     }},
    {"ecp-sequence",
     [](Talk& t) {
       t.exchange(t.station, associate());
       t.station.sequence += 5;
       t.request(t.station, {associate(2)});
     }},
    {"ecp-ack-unknown", [](Talk& t) { t.request(t.station, {associate()}).ack(t.bridge, 40000); }},
    {"ecp-ack-repeated", [](Talk& t) { t.exchange(t.station, associate()).ack(t.bridge, 1); }},
    {"ecp-ack-late",
     [](Talk& t) { t.request(t.station, {associate()}).pass(200ms).ack(t.bridge, 1); }},
    {"ecp-not-acknowledged",
     [](Talk& t) {
       t.request(t.station, {associate()});
       for (int i = 0; i < 3; ++i) t.pass(164ms).again(t.station);
       t.pass(164ms).request(t.station, {associate(2)});
     },
     5},
    {"ecp-retried",
     [](Talk& t) {
       t.request(t.station, {associate()}).pass(164ms).again(t.station).ack(t.bridge, 1);
     },
     5},
};

vdp::AssociationTlv group_filter() {
  auto tlv = associate();
  tlv.filters.format = vdp::FilterFormat::kGroupMacVid;
  return tlv;
}

const Case kVdpCases[] = {
    {"vdp-direction", [](Talk& t) { t.request(t.station, {response(associate())}); }},
    {"vdp-reason-in-request",
     [](Talk& t) {
       auto tlv = associate();
       tlv.reason = Reason::kOtherFailure;
       t.request(t.station, {tlv});
     }},
    {"vdp-reserved-reason",
     [](Talk& t) {
       t.exchange(t.station, associate());
       t.request(t.bridge, {response(associate(), static_cast<Reason>(6))});
     }},
    {"vdp-success-with-error",
     [](Talk& t) {
       auto tlv = response(associate());
       tlv.keep_or_s = true;
       t.exchange(t.station, associate()).request(t.bridge, {tlv});
     }},
    {"vdp-group-not-agreed", [](Talk& t) { t.request(t.station, {group_filter()}); }},
    {"vdp-vid-reserved", [](Talk& t) { t.request(t.station, {with_vid(associate(), 4095)}); }},
    {"vdp-priority-in-request",
     [](Talk& t) {
       auto tlv = associate();
       tlv.filters.entries.begin()->pcp = 3;
       t.request(t.station, {tlv});
     }},
    {"vdp-no-filters",
     [](Talk& t) {
       auto tlv = associate();
       tlv.filters.entries.resize(0);
       t.request(t.station, {tlv});
     }},
    {"vdp-two-hints",
     [](Talk& t) {
       auto tlv = associate();
       tlv.keep_or_s = tlv.hard_or_m = true;
       t.request(t.station, {tlv});
     }},
    {"vdp-response-type",
     [](Talk& t) {
       t.exchange(t.station, associate());
       t.request(t.bridge, {with_type(response(associate()), AssociationType::kPreAssociate)});
     }},
    {"vdp-response-vsi-type",
     [](Talk& t) {
       auto tlv = response(associate());
       ++tlv.vsi_type.version;
       t.exchange(t.station, associate()).request(t.bridge, {tlv});
     }},
    {"vdp-response-filters",
     [](Talk& t) {
       t.exchange(t.station, associate()).request(t.bridge, {with_vid(response(associate()), 3)});
     }},
    {"vdp-response-manager",
     [](Talk& t) {
       t.exchange(t.station, associate());
       t.manager.octets[0] = 12;
       t.request(t.bridge, {response(associate())});
     }},
    {"vdp-vid-not-chosen",
     [](Talk& t) {
       const auto asked = with_vid(associate(), 0);
       t.exchange(t.station, asked).request(t.bridge, {response(asked)});
     }},
    {"vdp-response-unasked",
     [](Talk& t) { t.command(associate()).request(t.bridge, {response(associate())}); }},
    {"vdp-keep-without-association",
     [](Talk& t) { t.exchange(t.station, associate()).request(t.bridge, {keep(associate())}); }},
    {"vdp-hard-retried",
     [](Talk& t) {
       auto tlv = response(associate(), Reason::kInvalidFormat);
       tlv.hard_or_m = true;
       t.exchange(t.station, associate()).exchange(t.bridge, tlv);
       t.pass(1s).request(t.station, {associate()});
     }},
    {"vdp-keep-not-ended",
     [](Talk& t) {
       t.command(associate()).pass(10486ms).exchange(t.station, associate());
       t.exchange(t.bridge, keep(associate())).pass(10486ms).request(t.station, {associate()});
     }},
    {"vdp-deassociate-of-nothing",
     [](Talk& t) {
       const auto end = with_type(associate(), AssociationType::kDeAssociate);
       t.command(associate()).command(end).request(t.bridge, {end});
     }},
    {"vdp-step-down",
     [](Talk& t) {
       t.command(associate());
       t.request(t.station, {with_type(associate(), AssociationType::kPreAssociate)});
     }},
    {"vdp-deassociate-answered",
     [](Talk& t) {
       const auto end = with_type(associate(), AssociationType::kDeAssociate);
       t.command(associate()).exchange(t.bridge, end).request(t.station, {end});
     }},
    {"vdp-response-late",
     [](Talk& t) {
       t.exchange(t.station, associate()).pass(17600ms).request(t.bridge, {response(associate())});
     }},
    {"vdp-response-missing",
     [](Talk& t) { t.exchange(t.station, associate()).pass(20s).lldp(t.station); }, 5},
    {"vdp-keep-alive-early",
     [](Talk& t) {
       t.command(associate()).pass(1s).command(associate()).pass(1s);
       t.request(t.station, {associate()});
     }},
    {"vdp-keep-alive-late",
     [](Talk& t) { t.command(associate()).pass(14s).request(t.station, {associate()}); }},
    {"vdp-keep-alive-missing", [](Talk& t) { t.command(associate()).pass(20s).lldp(t.station); },
     7},
};

class Rules : public testing::TestWithParam<Case> {};

TEST_P(Rules, IsSeenWhereItIsBroken) {
  Talk talk;
  support::expect_deviation(GetParam(), talk.hello());
}

INSTANTIATE_TEST_SUITE_P(Frame, Rules, testing::ValuesIn(kFrameCases), support::name_of<Talk>);
INSTANTIATE_TEST_SUITE_P(Evb, Rules, testing::ValuesIn(kEvbCases), support::name_of<Talk>);
INSTANTIATE_TEST_SUITE_P(Ecp, Rules, testing::ValuesIn(kEcpCases), support::name_of<Talk>);
INSTANTIATE_TEST_SUITE_P(Vdp, Rules, testing::ValuesIn(kVdpCases), support::name_of<Talk>);

TEST(RuleTables, HaveATestForEachRow) {
  std::set<std::string_view> known;
  for (const auto* rule : all_rules()) {
    const bool once = is_of_draft02(*rule) || known.insert(rule->id).second;
    EXPECT_TRUE(once) << rule->id;
  }
  EXPECT_EQ(support::rules_of(kFrameCases, kEvbCases, kEcpCases, kVdpCases), known);
}

/// Everything that may happen between two ends that keep to the standard.
Talk faultless() {
  Talk talk;
  talk.hello();
  cdcp(talk, channels(lldp::CdcpRole::kStation));
  cdcp(talk, channels(lldp::CdcpRole::kBridge), false);
  auto given = channels(lldp::CdcpRole::kStation);
  given.channels[1].svid = 5;
  cdcp(talk, given);
  talk.tags = {0x88, 0xA8, 0, 5};
  talk.lldp(talk.bridge).lldp(talk.station);
  talk.tags = {};
  talk.pass(1s);
  const auto other = with_vid(associate(), 3);
  talk.command(with_type(associate(), AssociationType::kPreAssociate)).pass(1s);
  talk.command(associate()).pass(10486ms).command(associate()).pass(1s);
  talk.exchange(talk.station, other).exchange(talk.bridge, keep(other)).pass(10486ms);
  talk.exchange(talk.station, associate()).exchange(talk.bridge, keep(associate()));
  talk.lldp(talk.station).lldp(talk.bridge);
  talk.command(with_type(associate(), AssociationType::kDeAssociate)).pass(3s);
  talk.lldp(talk.station).lldp(talk.bridge);
  const auto open = with_vid(associate(2), 0);
  auto hint = open;
  hint.keep_or_s = true;
  talk.exchange(talk.station, hint).exchange(talk.bridge, with_vid(response(open), 42));
  auto hard = response(associate(3), Reason::kInvalidFilter);
  hard.hard_or_m = true;
  talk.exchange(talk.station, associate(3)).exchange(talk.bridge, hard).pass(1s);
  talk.command(with_vid(associate(3), 7));
  talk.exchange(talk.bridge, with_type(with_vid(associate(3), 7), AssociationType::kDeAssociate));
  talk.exchange(talk.bridge, with_type(with_vid(associate(2), 42), AssociationType::kDeAssociate));
  talk.frame(talk.bridge, lldp::kLldpEthertype,
             lldp::encode_shutdown_lldpdu(talk.information(talk.bridge)));
  talk.pass(3s);
  talk.station.evb.relay_status = lldp::RelayStatus::kUnknown;
  talk.station.evb.relay_capable = talk.station.evb.relay_control = false;
  talk.lldp(talk.station).pass(1s).lldp(talk.bridge).lldp(talk.station);
  return talk.exchange(talk.station, associate(3)).exchange(talk.bridge, response(associate(3)));
}

TEST(RuleTables, FindNothingInAFaultlessTalk) {
  const Judged judged(faultless().frames);
  EXPECT_EQ(judged.texts(), "");
  // What a rule of these says is always a deviation; all others have found something right.
  const std::set<std::string_view> only_broken = {"ecp-resend-early",   "ecp-resend-late",
                                                  "ecp-resend-changed", "ecp-too-many-sends",
                                                  "ecp-too-few-sends",  "vdp-group-not-agreed"};
  for (const auto* rule : all_rules()) {
    if (only_broken.contains(rule->id) || is_of_draft02(*rule)) continue;
    EXPECT_GT(judged.verdict.count(*rule).held, 0U) << rule->id;
  }
}

TEST(RuleTables, AcceptResendsAndGroupIdsAsAgreed) {
  Talk talk;
  talk.station.evb.station_group_ids = talk.bridge.evb.bridge_group_ids = true;
  talk.hello().request(talk.station, {group_filter()});
  for (int i = 0; i < 3; ++i) talk.pass(164ms).again(talk.station);
  talk.ack(talk.bridge, 1);
  const Judged judged(talk.frames);
  EXPECT_EQ(judged.texts(),
            "frame 5 ecp-retried: expected an acknowledgement of the first send; seen one after 4 "
            "sends\n");
  for (const auto* id : {"ecp-resend-early", "ecp-resend-late", "ecp-resend-changed",
                         "ecp-too-many-sends", "vdp-group-not-agreed"}) {
    EXPECT_GT(judged.verdict.count(*find_rule(id)).held, 0U) << id;
  }
}

TEST(RuleTables, TakeNoIntervalOfASecondForFastStarts) {
  for (const auto& [lldpdus, broken] : {std::pair{8, true}, std::pair{9, false}}) {
    Talk talk;
    talk.hello();
    for (int time = 0; time < 3; ++time) {
      talk.pass(10s).lldp(talk.bridge);
      for (int i = 0; i < lldpdus; ++i) talk.lldp(talk.station).pass(1s);
    }
    const Judged judged(talk.frames);
    EXPECT_EQ(judged.verdict.count(*find_rule("lldp-fast-for-nobody")).broken > 0, broken)
        << lldpdus;
  }
}

TEST(RuleTables, SayTheSameWhereOnlySumsAreKept) {
  for (const auto& one : kEcpCases) {
    Talk talk;
    one.make(talk.hello());
    const Judged each(talk.frames);
    const Judged sums(talk.frames, Details::kNone);
    EXPECT_EQ(sums.texts(), each.texts());
    EXPECT_TRUE(sums.conversation.exchanges().empty() && sums.conversation.timers().empty());
    std::uint64_t requests = 0;
    for (std::size_t end = 0; end < each.conversation.ends().size(); ++end) {
      const auto& counted = sums.conversation.exchanges_of(end);
      requests += counted.requests;
      EXPECT_EQ(counted.resends, each.conversation.exchanges_of(end).resends) << one.rule;
      EXPECT_EQ(counted.acknowledged, each.conversation.exchanges_of(end).acknowledged);
    }
    EXPECT_EQ(requests, each.conversation.exchanges().size()) << one.rule;
  }
}

TEST(RuleTables, JudgeOnlyWhatACaptureCanShow) { support::expect_nothing_in_parts(faultless()); }

}  // namespace
}  // namespace agent::replay
