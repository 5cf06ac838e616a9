// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/api_service.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace agent::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ApiService, AnswersAHelloOfItsOwnVersionAndRefusesAnother) {
  pb::Hello hello;
  hello.set_protocol_major(1);
  hello.set_protocol_minor(99);
  EXPECT_TRUE(service.hello(*client, hello));
  EXPECT_EQ(client->sent[0].hello().program(), "evbd");
  hello.set_protocol_major(2);
  hello.set_program("tool");
  EXPECT_FALSE(service.hello(*client, hello));
  EXPECT_EQ(client->sent[1].response().status().code(), pb::UNSUPPORTED);
  EXPECT_EQ(client->sent[1].response().status().sentence(),
            "This evbd 0.1.0 speaks version 1 of the protocol and tool version 2; install both "
            "from the same release.");
}

TEST_F(ApiService, RefusesRequestsThatItDoesNotKnow) {
  pb::Request request;
  request.set_id(5);
  EXPECT_EQ(ask(request).status().code(), pb::UNSUPPORTED);
  request.set_id(0);
  EXPECT_EQ(ask(request).status().code(), pb::INVALID);
}

TEST_F(ApiService, AnswersAnAssociateWhenTheBridgeHasConfirmedIt) {
  const auto answer = ask(associate(7, pb::FIRST_ANSWER, {wanted()}));
  ASSERT_EQ(answer.id(), 7U);
  ASSERT_EQ(answer.vsi_results().results_size(), 1);
  const auto& result = answer.vsi_results().results(0);
  EXPECT_EQ(result.status().code(), pb::OK);
  EXPECT_EQ(result.state(), pb::ASSOCIATED);
  EXPECT_EQ(result.port(), "eth0");
  EXPECT_EQ(result.filters(0).vid(), 2U);
  EXPECT_EQ(service.waits().size(), 0U);
  EXPECT_EQ(client->in_flight, 0U);
}

TEST_F(ApiService, AnswersWithTheBridgesReasonWhenItRefuses) {
  ports.bridge_says = vdp::Reason::kInsufficientResources;
  const auto answer = ask(associate(7, pb::FIRST_ANSWER, {wanted()}));
  ASSERT_EQ(answer.vsi_results().results_size(), 1);
  const auto& result = answer.vsi_results().results(0);
  EXPECT_EQ(result.status().code(), pb::REFUSED);
  EXPECT_EQ(result.status().sentence(),
            "The bridge refused the associate: insufficient resources (reason 2).");
  EXPECT_EQ(result.failure().said_by(), "bridge");
  EXPECT_EQ(result.failure().reason(), 2U);
  EXPECT_TRUE(result.has_next_try());
}

TEST_F(ApiService, AnswersAtOnceWhenNobodyWantsToWait) {
  ports.connected = false;
  const auto answer = ask(associate(7, pb::NONE, {wanted()}));
  EXPECT_EQ(answer.vsi_results().results(0).status().code(), pb::OK);
  EXPECT_EQ(answer.vsi_results().results(0).state(), pb::DEASSOCIATED);
}

TEST_F(ApiService, AnswersASecondRequestForTheSameAtOnce) {
  ask(associate(1, pb::FIRST_ANSWER, {wanted()}));
  const auto again = ask(associate(2, pb::FIRST_ANSWER, {wanted()}));
  EXPECT_EQ(again.vsi_results().results(0).state(), pb::ASSOCIATED);
}

TEST_F(ApiService, AnswersOfManyVsisComeInTheOrderOfTheRequest) {
  std::vector<pb::VsiWanted> many;
  for (int i = 0; i < 1200; ++i) {
    many.push_back(wanted(fmt::format("0a000000-0000-4000-8000-{:012x}", 5000 - i)));
  }
  client->sent.clear();
  service.handle(client, associate(3, pb::FIRST_ANSWER, many));
  ports.advance(std::chrono::seconds(1));
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < client->sent.size(); ++i) {
    const auto& part = client->sent[i].response();
    EXPECT_EQ(part.id(), 3U);
    EXPECT_EQ(part.more(), i + 1 < client->sent.size());
    for (const auto& result : part.vsi_results().results()) {
      EXPECT_EQ(result.state(), pb::ASSOCIATED);
      ids.push_back(result.id());
    }
  }
  ASSERT_EQ(ids.size(), many.size());
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], many[i].id());
  EXPECT_GT(client->sent.size(), 1U);
}

TEST_F(ApiService, SaysThatNobodyAnsweredWhenTheWaitsLimitPasses) {
  ports.connected = false;
  auto request = associate(9, pb::FIRST_ANSWER, {wanted()});
  request.mutable_vsi_associate()->set_wait_limit_ms(500);
  EXPECT_EQ(ask(request).id(), 0U);  // nothing yet
  ASSERT_TRUE(service.deadline());
  EXPECT_EQ(*service.deadline() - ports.time, std::chrono::milliseconds(500));
  ports.advance(std::chrono::milliseconds(500));
  service.time_passed(ports.time);
  ASSERT_EQ(client->sent.size(), 1U);
  EXPECT_EQ(client->sent[0].response().vsi_results().results(0).status().code(), pb::NO_ANSWER);
  EXPECT_FALSE(service.deadline());
}

TEST_F(ApiService, KeepsNothingOfAClientThatIsGone) {
  ports.connected = false;
  ask(associate(9, pb::FIRST_ANSWER, {wanted(), wanted(kSecondId)}));
  EXPECT_EQ(service.waits().size(), 1U);
  service.forget(client.get());
  EXPECT_EQ(service.waits().size(), 0U);
  client.reset();
  ports.connected = true;
  ports.advance(std::chrono::minutes(2));  // the answers find nobody
}

TEST_F(ApiService, RequestsInFlightAreBounded) {
  ports.connected = false;
  for (std::uint32_t id = 1; id <= kMaxRequestsInFlight; ++id) {
    EXPECT_EQ(ask(associate(id, pb::FIRST_ANSWER, {wanted()})).id(), 0U);
  }
  EXPECT_EQ(ask(associate(1000, pb::FIRST_ANSWER, {wanted()})).status().code(), pb::OVERLOADED);
}

TEST_F(ApiService, WhoMayOnlyLookChangesNothing) {
  client->may_change = false;
  client->peer.uid = 1000;
  const auto answer = ask(associate(1, pb::NONE, {wanted()}));
  EXPECT_EQ(answer.status().code(), pb::PERMISSION_DENIED);
  EXPECT_THAT(answer.status().sentence(), HasSubstr("User 1000 may look but not change"));
  EXPECT_EQ(ports.core("eth0")->vsi_count(), 0U);
  pb::Request request;
  request.set_id(2);
  request.mutable_vsi_deassociate()->add_vsis()->set_id(kFirstId);
  EXPECT_EQ(ask(request).status().code(), pb::PERMISSION_DENIED);
  pb::Request look;
  look.set_id(3);
  look.mutable_port_list();
  EXPECT_EQ(ask(look).ports().ports_size(), 2);
}

TEST_F(ApiService, DeassociatesAndForgets) {
  ask(associate(1, pb::FIRST_ANSWER, {wanted()}));
  pb::Request request;
  request.set_id(2);
  request.mutable_vsi_deassociate()->add_vsis()->set_id(kFirstId);
  request.mutable_vsi_deassociate()->mutable_vsis(0)->set_port("eth0");
  request.mutable_vsi_deassociate()->set_wait(pb::FIRST_ANSWER);
  const auto answer = ask(request);
  EXPECT_EQ(answer.vsi_results().results(0).status().code(), pb::OK);
  EXPECT_EQ(answer.vsi_results().results(0).state(), pb::DEASSOCIATED);
  EXPECT_EQ(ports.core("eth0")->vsi_count(), 0U);
  request.set_id(3);
  EXPECT_EQ(ask(request).status().code(), pb::NOT_FOUND);
}

TEST_F(ApiService, AnOperatorEndsAnAssociationAtTheBridge) {
  ask(associate(1, pb::FIRST_ANSWER, {wanted()}));
  pb::Request request;
  request.set_id(2);
  request.mutable_vsi_deassociate()->add_vsis()->set_id(kFirstId);
  EXPECT_THAT(ask(request).status().sentence(), HasSubstr("is on the ports eth0 and sw1"));
  request.mutable_vsi_deassociate()->mutable_vsis(0)->set_port("sw1");
  EXPECT_EQ(ask(request).vsi_results().results(0).status().code(), pb::OK);
  EXPECT_EQ(ports.core("sw1")->vsi_count(), 0U);
}

TEST_F(ApiService, RefusesValuesOutOfRangeByFieldAndValue) {
  const auto sentence = [&](const std::function<void(pb::VsiWanted&)>& spoil) {
    const auto answer = refused(spoil);
    EXPECT_EQ(answer.status().code(), pb::INVALID);
    return answer.status().sentence();
  };
  EXPECT_EQ(sentence([](auto& vsi) { vsi.set_type_id(1U << 24U); }),
            "vsis[0].type_id: 16777216 is not 0..16777215");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.set_type_version(256); }),
            "vsis[0].type_version: 256 is not 0..255");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.set_id("junk"); }),
            "vsis[0].id: 'junk' is no VSI ID of format UUID");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.set_id_format(static_cast<pb::VsiIdFormat>(9)); }),
            "vsis[0].id_format: 9 is not 1..5");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.mutable_manager()->set_number(0); }),
            "vsis[0].manager.number: 0 is not 1..255 (0 is reserved)");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.mutable_manager()->set_octets("abc"); }),
            "vsis[0].manager.octets: 3 octets instead of 16");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.clear_manager(); }), "vsis[0].manager is absent");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.clear_filters(); }),
            "vsis[0].filters: there is none; a VSI needs at least one");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.set_filter_format(static_cast<pb::FilterFormat>(5)); }),
            "vsis[0].filter_format: 5 is not 1..4");
  EXPECT_EQ(sentence([](auto& vsi) { vsi.set_filter_format(pb::VID); }),
            "vsis[0].filters[0]: its fields are those of format MAC/VID, but the filter's format "
            "is VID");
}

TEST_F(ApiService, RefusesFilterEntriesByFieldAndValue) {
  const auto sentence = [&](const std::function<void(pb::FilterEntry&)>& spoil) {
    return refused([&](auto& vsi) { spoil(*vsi.mutable_filters(0)); }).status().sentence();
  };
  EXPECT_EQ(sentence([](auto& entry) { entry.set_mac("52:54"); }),
            "vsis[0].filters[0].mac: '52:54' is no MAC address (six hexadecimal octets)");
  EXPECT_EQ(sentence([](auto& entry) { entry.set_mac("01:00:5e:00:00:01"); }),
            "vsis[0].filters[0].mac: '01:00:5e:00:00:01' is a group address; a VSI has individual "
            "addresses");
  EXPECT_EQ(sentence([](auto& entry) { entry.set_mac("00:00:00:00:00:00"); }),
            "vsis[0].filters[0].mac: '00:00:00:00:00:00' is no station's address");
  EXPECT_EQ(sentence([](auto& entry) { entry.set_vid(4095); }),
            "vsis[0].filters[0].vid: 4095 is not 0..4094");
  EXPECT_EQ(sentence([](auto& entry) { entry.set_vid(0); }),
            "vsis[0].filters[0].vid: 0 is no VLAN ID for 802.1Qbg; give 1..4094, or say that the "
            "bridge assigns it");
  EXPECT_EQ(sentence([](auto& entry) { entry.set_vid(3); }),
            "vsis[0].filters[0].vid: 3 contradicts device 'eth0.2', which is on VLAN 2");
  EXPECT_EQ(sentence([](auto& entry) { entry.set_pcp(3); }),
            "vsis[0].filters[0].pcp: only a bridge gives a default priority");
}

TEST_F(ApiService, FindsThePortByTheDeviceAndSaysWhatIsWrongWithIt) {
  EXPECT_EQ(refused([](auto& vsi) { vsi.set_device("wlan0"); }).status().sentence(),
            "vsis[0].device: 'wlan0' leads to no configured port");
  EXPECT_EQ(refused([](auto& vsi) { vsi.set_port("sw1"); }).status().sentence(),
            "vsis[0].port: 'sw1' is not the port below device 'eth0.2', which is eth0");
  EXPECT_EQ(refused([](auto& vsi) {
              vsi.clear_device();
              vsi.set_port("eth7");
            })
                .status()
                .code(),
            pb::NOT_FOUND);
  EXPECT_THAT(refused([](auto& vsi) { vsi.clear_device(); }).status().sentence(),
              HasSubstr("both absent, and there are 2 ports"));
  EXPECT_THAT(refused([](auto& vsi) { vsi.set_device("eth0"); }).status().sentence(),
              HasSubstr("device 'eth0' is no VLAN device and gives none: 802.1Qbg requires"));
}

TEST_F(ApiService, TheBridgeChoosesTheVlanWhenThatIsMeant) {
  auto vsi = wanted();
  vsi.set_bridge_assigns_vlan(true);
  const auto answer = ask(associate(1, pb::FIRST_ANSWER, {vsi}));
  ASSERT_EQ(answer.vsi_results().results_size(), 1) << answer.DebugString();
  EXPECT_EQ(answer.vsi_results().results(0).filters(0).vid(), 7U);
}

TEST_F(ApiService, OneWrongVsiStopsTheWholeRequest) {
  auto wrong = wanted(kSecondId);
  wrong.set_type_version(999);
  EXPECT_EQ(ask(associate(1, pb::NONE, {wanted(), wrong})).status().sentence(),
            "vsis[1].type_version: 999 is not 0..255");
  EXPECT_EQ(ports.core("eth0")->vsi_count(), 0U);
}

TEST_F(ApiService, ListsVsisWithEverythingThatIsKnown) {
  ask(associate(1, pb::FIRST_ANSWER, {wanted()}));
  pb::Request request;
  request.set_id(2);
  request.mutable_vsi_list()->set_port("eth0");
  const auto answer = ask(request);
  ASSERT_EQ(answer.vsis().vsis_size(), 1);
  const auto& vsi = answer.vsis().vsis(0);
  EXPECT_EQ(vsi.id(), kFirstId);
  EXPECT_EQ(vsi.id_format(), pb::VSI_ID_FORMAT_UUID);
  EXPECT_EQ(vsi.role(), "station");
  EXPECT_EQ(vsi.wanted(), pb::ASSOCIATE);
  EXPECT_EQ(vsi.type_id(), 1193047U);
  EXPECT_EQ(vsi.manager_octets().size(), 16U);
  EXPECT_EQ(vsi.filter_format(), pb::MAC_VID);
  EXPECT_EQ(vsi.machine_state(), "WAIT_SYSTEM_CMD");
  EXPECT_EQ(vsi.timer().name(), "reinitKeepAlive");
  EXPECT_GT(vsi.timer().remaining_us(), 0);
  EXPECT_EQ(vsi.asked_by().program(), "test");
  EXPECT_FALSE(vsi.has_last_failure());
}

TEST_F(ApiService, ListsTenThousandVsisInPieces) {
  for (int at = 0; at < 10000; at += 2500) {
    std::vector<pb::VsiWanted> many;
    for (int i = at; i < at + 2500; ++i) {
      many.push_back(wanted(fmt::format("0a000000-0000-4000-8000-{:012x}", i)));
    }
    ask(associate(1, pb::NONE, many));
  }
  pb::Request request;
  request.set_id(2);
  request.mutable_vsi_list()->set_port("eth0");
  ask(request);
  int vsis = 0;
  for (const auto& message : client->sent) {
    EXPECT_LT(message.ByteSizeLong(), 65536U);
    vsis += message.response().vsis().vsis_size();
  }
  EXPECT_EQ(vsis, 10000);
  EXPECT_FALSE(client->sent.back().response().more());
}

TEST_F(ApiService, FindsVsisByTheBeginningOfTheirIds) {
  ask(associate(1, pb::FIRST_ANSWER, {wanted(), wanted(kSecondId)}));
  const auto count = [&](const std::string& prefix) {
    pb::Request request;
    request.set_id(2);
    request.mutable_vsi_list()->set_port("eth0");
    request.mutable_vsi_list()->set_id_prefix(prefix);
    client->running.clear();
    return ask(request).vsis().vsis_size();
  };
  EXPECT_EQ(count(""), 2);
  EXPECT_EQ(count("0"), 2);
  EXPECT_EQ(count("09B11C538"), 1);
  EXPECT_EQ(count("09b11c53-8b"), 1);
  EXPECT_EQ(count(kSecondId), 1);
  EXPECT_EQ(count("ff"), 0);
}

TEST_F(ApiService, ReportsBothSidesOfEvbAndWhatIsInUse) {
  pb::Request request;
  request.set_id(2);
  request.mutable_port_list()->set_port("eth0");
  const auto answer = ask(request);
  ASSERT_EQ(answer.ports().ports_size(), 1);
  const auto& port = answer.ports().ports(0);
  EXPECT_EQ(port.role(), "station");
  EXPECT_EQ(port.local().mode(), "station");
  EXPECT_EQ(port.remote().mode(), "bridge");
  EXPECT_TRUE(port.in_use().on());
  EXPECT_EQ(port.in_use().retransmit().exponent(), 14U);
  EXPECT_EQ(port.in_use().retransmit().us(), 163840U);
  EXPECT_EQ(port.in_use().response_wait_us(), 17448960U);
  EXPECT_EQ(port.neighbors(), 1U);
}

TEST_F(ApiService, ListsNeighboursWithTheirTlvs) {
  pb::Request request;
  request.set_id(2);
  request.mutable_neighbor_list()->set_port("eth0");
  const auto answer = ask(request);
  ASSERT_EQ(answer.neighbors().neighbors_size(), 1);
  const auto& neighbor = answer.neighbors().neighbors(0);
  EXPECT_EQ(neighbor.system_name(), "switch");
  EXPECT_EQ(neighbor.chassis_id().text(), "02:00:00:00:00:02");
  EXPECT_EQ(neighbor.port_id().text(), "sw1");
  EXPECT_EQ(neighbor.evb().mode(), "bridge");
  request.mutable_neighbor_list()->set_port("eth9");
  EXPECT_EQ(ask(request).status().sentence(), "There is no port 'eth9'.");
}

TEST_F(ApiService, WatchersAreToldEachChange) {
  pb::Request request;
  request.set_id(4);
  request.mutable_watch()->set_port("eth0");
  const auto watching = ask(request);
  const auto before = watching.watching().sequence();
  client->sent.clear();
  service.handle(client, associate(5, pb::NONE, {wanted()}));
  const auto events = client->events();
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events[0].sequence(), before + 1);
  EXPECT_EQ(events[0].request(), 4U);
  EXPECT_EQ(events[0].vsi().cause(), pb::REQUESTED);
  EXPECT_EQ(events.back().vsi().cause(), pb::CONFIRMED);
  EXPECT_EQ(events.back().vsi().state(), pb::ASSOCIATED);
  EXPECT_EQ(events.back().vsi().vsi().type_id(), 1193047U);
}

TEST_F(ApiService, AWatchBeginsWithASnapshotWhenAsked) {
  ask(associate(5, pb::NONE, {wanted()}));
  pb::Request request;
  request.set_id(4);
  request.mutable_watch()->set_snapshot(true);
  client->sent.clear();
  service.handle(client, request);
  const auto events = client->events();
  ASSERT_EQ(events.size(), 5U);  // two ports, the VSI at both, the end
  EXPECT_TRUE(events[0].has_port_changed());
  EXPECT_TRUE(events[2].vsi().has_vsi());
  EXPECT_EQ(events[2].sequence(), 0U);
  EXPECT_TRUE(events[4].has_snapshot_end());
}

TEST_F(ApiService, AWatchTellsOfSChannelsAndAPortShowsThem) {
  pb::Request request;
  request.set_id(4);
  request.mutable_watch()->set_port("eth0");
  client->sent.clear();
  service.handle(client, request);
  for (const auto* const name : {"eth0", "sw1"}) {
    auto config = ports.core(name)->config();
    config.cdcp = lldp::CdcpConfig{.pool_low = 100};
    if (std::string_view(name) == "eth0") config.cdcp->wants = {2, 3};
    ports.feed(name, vdp::PortReconfigured{config});
  }
  ports.advance(std::chrono::seconds(3));
  std::optional<pb::Port> last;
  for (const auto& event : client->events()) {
    if (event.has_s_channels_changed()) last = event.s_channels_changed();
  }
  ASSERT_TRUE(last);
  const auto& cdcp = last->cdcp();
  EXPECT_EQ(cdcp.state(), "RUNNING");
  EXPECT_EQ(cdcp.destination(), "01:80:c2:00:00:03");
  EXPECT_EQ(cdcp.local().role(), "station");
  EXPECT_EQ(cdcp.remote().role(), "bridge");
  ASSERT_EQ(cdcp.channels_size(), 3);
  EXPECT_EQ(cdcp.channels(1).scid(), 2U);
  EXPECT_EQ(cdcp.channels(1).svid(), 100U);
  EXPECT_EQ(cdcp.remote().channels(2).svid(), 101U);
}

TEST_F(ApiService, AWatcherThatReadsTooSlowlyIsToldHowManyEventsItLost) {
  pb::Request request;
  request.set_id(4);
  request.mutable_watch();
  client->sent.clear();
  service.handle(client, request);
  for (std::size_t i = 0; i < kLoggedEvents + 10; ++i) service.port_changed("eth0");
  const auto events = client->events();
  ASSERT_EQ(events.size(), kLoggedEvents + 1);
  EXPECT_EQ(events[0].lost().count(), 10U);
  EXPECT_EQ(events[1].sequence(), events[0].sequence() + 1);
}

TEST_F(ApiService, AWatchResumesWhereItEnded) {
  pb::Request request;
  request.set_id(4);
  request.mutable_watch();
  const auto watching = ask(request).watching();
  client->running.clear();
  service.port_changed("eth0");
  service.port_changed("eth0");
  request.mutable_watch()->set_resume(watching.sequence() + 1);
  request.mutable_watch()->set_epoch(watching.epoch());
  client->sent.clear();
  service.handle(client, request);
  const auto events = client->events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].sequence(), watching.sequence() + 2);
  // Another run's numbers mean nothing: everything of this run comes.
  request.mutable_watch()->set_epoch(1);
  client->running.clear();
  service.handle(client, request);
  EXPECT_EQ(client->events().size(), service.log().last());
}

TEST_F(ApiService, AWatchOfOneVsiTellsNothingElse) {
  pb::Request request;
  request.set_id(4);
  request.mutable_watch()->set_id_prefix("0a");
  client->sent.clear();
  service.handle(client, request);
  service.handle(client, associate(5, pb::NONE, {wanted(), wanted(kSecondId)}));
  service.port_changed("eth0");
  for (const auto& event : client->events()) EXPECT_EQ(event.vsi().id(), kSecondId);
}

TEST_F(ApiService, ListsAndWatchesOfOneConnectionAreBounded) {
  pb::Request request;
  request.mutable_watch();
  for (std::uint32_t id = 1; id <= kMaxStreams; ++id) {
    request.set_id(id);
    EXPECT_TRUE(ask(request).has_watching());
  }
  request.set_id(100);
  EXPECT_EQ(ask(request).status().code(), pb::OVERLOADED);
}

TEST_F(ApiService, SaysWhyAVsiIsAsItIs) {
  ports.bridge_says = vdp::Reason::kUnreachableManager;
  ask(associate(1, pb::FIRST_ANSWER, {wanted()}));
  pb::Request request;
  request.set_id(2);
  request.mutable_vsi_why()->mutable_vsi()->set_id(kFirstId);
  const auto answer = ask(request);
  EXPECT_THAT(answer.explanation().sentences(),
              testing::ElementsAre(
                  "VSI 09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f on port eth0 is deassociated; wanted: "
                  "associate.",
                  "The bridge refused the associate: unable to contact the VSI manager (reason 3).",
                  "The next try comes in 2 s.",
                  "Compare the manager ID with the network administrator's, and let them check "
                  "the way from the bridge to the manager."));
}

TEST_F(ApiService, SaysWhyAVsiIsGone) {
  ports.bridge_says = vdp::Reason::kOtherFailure;
  ask(associate(1, pb::FIRST_ANSWER, {wanted()}));
  ask(deassociate(2));
  pb::Request request;
  request.set_id(3);
  auto& name = *request.mutable_vsi_why()->mutable_vsi();
  name.set_id(kFirstId);
  name.set_port("eth0");
  const testing::Matcher<std::string> sentence = testing::AllOf(
      HasSubstr("is no longer on port eth0"), HasSubstr("refused the associate: other failure"));
  EXPECT_THAT(ask(request).explanation().sentences(), ElementsAre(sentence));
  EXPECT_FALSE(ask(request).explanation().has_vsi());
  name.set_id("09B11C53-8b");
  EXPECT_THAT(ask(request).explanation().sentences(), ElementsAre(sentence));
  name.set_port("");  // the bridge's side remembers its refusal, too
  EXPECT_THAT(ask(request).explanation().sentences(), testing::SizeIs(2));
  name.set_port("eth1");
  EXPECT_EQ(ask(request).status().code(), pb::NOT_FOUND);
  name.set_port("");
  name.set_id("");
  EXPECT_EQ(ask(request).status().code(), pb::INVALID);

  ports.bridge_says = vdp::Reason::kSuccess;
  ask(associate(4, pb::FIRST_ANSWER, {wanted()}));
  ask(deassociate(5));
  name.set_id(kFirstId);
  EXPECT_EQ(ask(request).status().code(), pb::NOT_FOUND) << "what succeeded has no failure";
}

TEST(PastFailures, KeepsTheLastOfEachVsiAndForgetsTheOldest) {
  PastFailures past;
  vdp::VsiChanged change;
  change.cause = vdp::VsiCause::kRefusedByBridge;
  change.failure.emplace();
  for (std::size_t i = 0; i <= PastFailures::kKept; ++i) {
    change.id.octets = {static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)};
    change.failure->reason = vdp::Reason::kInvalidFormat;
    past.changed("eth0", change);
    change.failure->reason = vdp::Reason::kOtherFailure;
    past.changed("eth0", change);
  }
  const auto all = past.find("eth0", "");
  EXPECT_EQ(all.size(), PastFailures::kKept);
  EXPECT_EQ(all.front()->id, change.id);
  EXPECT_EQ(all.front()->failure.reason, vdp::Reason::kOtherFailure);
  EXPECT_EQ(past.find("", "0000").size(), 0U);
  EXPECT_EQ(past.find("", "0001").size(), 1U);
}

TEST_F(ApiService, ShowsItself) {
  pb::Request request;
  request.set_id(2);
  request.mutable_agent_show();
  const auto agent = ask(request).agent();
  EXPECT_EQ(agent.version(), "0.1.0");
  EXPECT_EQ(agent.ports(), 2U);
  EXPECT_TRUE(agent.may_change());
}

}  // namespace
}  // namespace agent::api
