// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <ctime>

#include "agent/api/explain.hpp"
#include "agent/ctl/json.hpp"
#include "agent/ctl/table.hpp"
#include "agent/ctl/text.hpp"

namespace agent::ctl {
namespace {

template <class Message>
Message parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

class CtlText : public testing::Test {
 protected:
  CtlText() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

constexpr const char* kVsi = R"(
  port: "eth0" role: "station" id: "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f"
  id_format: VSI_ID_FORMAT_UUID state: ASSOCIATED since { seconds: 1769860800 } wanted: ASSOCIATE
  manager: "192.0.2.20" type_id: 1193047 type_version: 2 filter_format: MAC_VID
  filters { vid: 2 mac: "52:54:00:aa:00:11" pcp: 3 } filters { vid: 0 mac: "52:54:00:aa:00:12" }
  machine_state: "WAIT_SYSTEM_CMD"
  timer { name: "reinitKeepAlive" ends { seconds: 1769860810 nanos: 485760000 }
          remaining_us: 10485760 }
  asked_by { program: "evbctl" uid: 0 pid: 4711 at { seconds: 1769860799 } })";

constexpr const char* kRefusedVsi = R"(
  port: "eth0" role: "station" id: "0a000000-0000-4000-8000-000000000002"
  id_format: VSI_ID_FORMAT_UUID state: DEASSOCIATED since { seconds: 1769860800 }
  wanted: ASSOCIATE manager: "none" type_id: 99 type_version: 1
  filters { vid: 2 mac: "52:54:00:aa:00:13" } machine_state: "INIT" tries: 1
  last_failure { cause: REFUSED_BY_BRIDGE command: ASSOCIATE reason: 2
                 reason_text: "insufficient resources" said_by: "bridge"
                 since { seconds: 1769860800 } }
  next_try { seconds: 1769860804 } next_try_in_us: 4000000)";

TEST_F(CtlText, VsiTableHasOneLinePerVsi) {
  pb::Vsis vsis;
  *vsis.add_vsis() = parse<pb::Vsi>(kVsi);
  *vsis.add_vsis() = parse<pb::Vsi>(kRefusedVsi);
  EXPECT_EQ(vsi_table(vsis),
            "ID                                    PORT  STATE         MAC/VLAN                "
            "TYPE/VERSION  MANAGER     SINCE                PROBLEM\n"
            "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f  eth0  associated    52:54:00:aa:00:11/2 +1  "
            "1193047/2     192.0.2.20  2026-01-31 12:00:00\n"
            "0a000000-0000-4000-8000-000000000002  eth0  deassociated  52:54:00:aa:00:13/2     "
            "99/1          none        2026-01-31 12:00:00  bridge: insufficient resources (2)\n");
}

TEST_F(CtlText, VsiDetailSaysEverything) {
  EXPECT_EQ(vsi_text(parse<pb::Vsi>(kVsi)),
            "VSI 09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f\n"
            "  id format         UUID\n"
            "  port              eth0 (station)\n"
            "  state             associated since 2026-01-31 12:00:00\n"
            "  wanted            associate\n"
            "  manager           192.0.2.20\n"
            "  type              1193047 version 2\n"
            "  filters           52:54:00:aa:00:11 VLAN 2 priority 3\n"
            "                    52:54:00:aa:00:12 VLAN chosen by the bridge\n"
            "  machine           WAIT_SYSTEM_CMD, reinitKeepAlive ends in 10.5 s (12:00:10.485)\n"
            "  tries             0 since the last success\n"
            "  asked by          evbctl (user 0, process 4711) at 2026-01-31 11:59:59\n");
  EXPECT_EQ(vsi_text(parse<pb::Vsi>(kRefusedVsi)),
            "VSI 0a000000-0000-4000-8000-000000000002\n"
            "  id format         UUID\n"
            "  port              eth0 (station)\n"
            "  state             deassociated since 2026-01-31 12:00:00\n"
            "  wanted            associate\n"
            "  manager           none\n"
            "  type              99 version 1\n"
            "  filters           52:54:00:aa:00:13 VLAN 2\n"
            "  machine           INIT\n"
            "  last failure      The bridge refused the associate: insufficient resources (reason "
            "2).\n"
            "                    since 2026-01-31 12:00:00\n"
            "  next try          in 4 s (12:00:04.000)\n"
            "  tries             1 since the last success\n");
}

TEST_F(CtlText, PortShowsWhatEngineersCompare) {
  const auto port = parse<pb::Port>(R"(
    name: "eth0" role: "station" present: true link_up: true address: "02:00:00:00:00:01" mtu: 1500
    lldp_destination: "01:80:c2:00:00:00" ecp_destination: "01:80:c2:00:00:00"
    local { mode: "station" reflective_relay: true relay_status: "on" max_retries: 3
            retransmit { exponent: 14 us: 163840 } resource_wait { exponent: 20 us: 10485760 }
            keep_alive { exponent: 20 us: 10485760 } uses_remote_resource_wait: true }
    remote { mode: "bridge" reflective_relay: true reflective_relay_on: true max_retries: 4
             retransmit { exponent: 12 us: 40960 } resource_wait { exponent: 21 us: 20971520 }
             keep_alive { exponent: 19 us: 5242880 } }
    in_use { on: true max_retries: 4 retransmit { exponent: 14 us: 163840 }
             resource_wait { exponent: 21 us: 20971520 } keep_alive { exponent: 20 us: 10485760 }
             response_wait_us: 33669120 keep_alive_timeout_us: 17940480 relay_status: "on" }
    ecp { transmitter_state: "WAIT_FOR_REQ" receiver_state: "RECEIVE_WAIT" sequence: 12
          last_received: 11 sent: 12 retried: 1 failed: 0 acks_received: 12 acks_ignored: 0
          received: 11 duplicates: 2 refused: 0 }
    vdp { tlvs_sent: 40 tlvs_received: 39 tlvs_refused: 1 }
    lldp { sent: 9 received: 8 inserts: 1 } neighbors: 1 vsis: 2)");
  EXPECT_EQ(port_text(port),
            "eth0: station, link up\n"
            "  address           02:00:00:00:00:01, MTU 1500\n"
            "  sends to          LLDP 01:80:c2:00:00:00, ECP 01:80:c2:00:00:00\n"
            "  EVB                  LOCAL            REMOTE       IN USE\n"
            "  mode                 station          bridge       on\n"
            "  reflective relay     asks, sees on    capable, on  on\n"
            "  GroupIDs             no               no           no\n"
            "  R (max retries)      3                4            4\n"
            "  RTE (ack timer)      14 (164 ms)      12 (41 ms)   14 (164 ms)\n"
            "  RWD (resource wait)  20 (10.5 s) ROL  21 (21 s)    21 (21 s)\n"
            "  RKA (keep-alive)     20 (10.5 s)      19 (5.24 s)  20 (10.5 s)\n"
            "  respWaitDelay     33.7 s\n"
            "  toutKeepAlive     17.9 s\n"
            "  ECP transmitter   WAIT_FOR_REQ, sequence 12\n"
            "  ECP receiver      RECEIVE_WAIT, last 11\n"
            "  ECP sent          12, retried 1, failed 0, acknowledged 12, acks ignored 0\n"
            "  ECP received      11, duplicate 2, refused 0\n"
            "  VDP TLVs          sent 40, received 39, refused 1\n"
            "  LLDP frames       sent 9, received 8, with errors 0, discarded 0\n"
            "  LLDP TLVs         discarded 0, unrecognized 0, length errors 0\n"
            "  LLDP neighbours   inserts 1, deletes 0, drops 0, ageouts 0\n"
            "  holds             neighbours 1, VSIs 2\n");
}

TEST_F(CtlText, PortInTroubleSaysSo) {
  const auto text = port_text(parse<pb::Port>(
      R"(name: "p1" role: "bridge" bridge: "br0" trouble: "there is no device p1"
         in_use { max_retries: 3 })"));
  EXPECT_THAT(text, testing::StartsWith("p1: bridge on br0, device absent\n"
                                        "  trouble           there is no device p1\n"));
  EXPECT_THAT(text, testing::HasSubstr("  mode                 -      -       off\n"));
  EXPECT_THAT(text, testing::HasSubstr("  R (max retries)      -      -       (3)\n"));
}

TEST_F(CtlText, PortShowsItsSChannelsAsBothSidesSayThem) {
  const auto text = port_text(parse<pb::Port>(R"(
    name: "eth0" role: "station" present: true link_up: true in_use { on: true }
    cdcp { state: "RUNNING" destination: "01:80:c2:00:00:03" capacity: 3
           local { role: "station" s_component: true capacity: 167
                   channels { scid: 1 svid: 1 } channels { scid: 2 svid: 100 port: "eth0.s2" }
                   channels { scid: 3 svid: 101 port: "eth0.s3" } channels { scid: 4 port: "eth0.s4" } }
           remote { role: "bridge" s_component: true capacity: 3
                    channels { scid: 1 svid: 1 } channels { scid: 2 svid: 100 }
                    channels { scid: 3 svid: 101 } }
           channels { scid: 1 svid: 1 } channels { scid: 2 svid: 100 port: "eth0.s2" }
           channels { scid: 3 svid: 101 port: "eth0.s3" } })"));
  EXPECT_THAT(text, testing::HasSubstr("  CDCP    LOCAL      REMOTE  IN USE\n"
                                       "  role    station    bridge  RUNNING\n"
                                       "  SComp   yes        yes\n"
                                       "  ChnCap  167        3       3\n"
                                       "  SCID 1  1          1       untagged\n"
                                       "  SCID 2  100        100     eth0.s2\n"
                                       "  SCID 3  101        101     eth0.s3\n"
                                       "  SCID 4  asked for  -       down\n"
                                       "  CDCP to           01:80:c2:00:00:03\n"));
  const auto alone = port_text(parse<pb::Port>(R"(
    name: "eth0" role: "station" in_use { }
    cdcp { state: "SET_SVID_REQUEST" destination: "01:80:c2:00:00:03" capacity: 167
           local { role: "station" s_component: true capacity: 167
                   channels { scid: 1 svid: 1 } channels { scid: 2 port: "eth0.s2" } }
           channels { scid: 1 svid: 1 } })"));
  EXPECT_THAT(alone, testing::HasSubstr("  SCID 2  asked for  -       down\n"));
}

TEST_F(CtlText, PortOfAnSChannelNamesItsUplink) {
  EXPECT_THAT(port_text(parse<pb::Port>(R"(name: "eth0.s2" role: "station" in_use { }
                                           uplink: "eth0" scid: 2 svid: 100)")),
              testing::HasSubstr("  S-channel         2 of eth0, SVID 100\n"));
  EXPECT_THAT(port_text(parse<pb::Port>(R"(name: "eth0.s2" role: "station" in_use { }
                                           uplink: "eth0" scid: 2)")),
              testing::HasSubstr("  S-channel         2 of eth0, no SVID\n"));
}

TEST_F(CtlText, NeighborShowsAllItsTlvs) {
  const auto neighbor = parse<pb::Neighbor>(R"(
    port: "eth0" source: "02:00:00:00:00:02" chassis_id { subtype: 4 text: "02:00:00:00:00:02" }
    port_id { subtype: 5 text: "sw1" } port_description: "to host" system_name: "switch"
    system_description: "a bridge" capabilities: ["bridge", "router"] capabilities_enabled: "bridge"
    management_addresses { family: 1 text: "192.0.2.1" interface_number: 3 }
    organizational { oui: "00-80-c2" subtype: 13 information: "\001\002" }
    evb { mode: "bridge" reflective_relay: true max_retries: 3
          retransmit { exponent: 14 us: 163840 } resource_wait { exponent: 20 us: 10485760 }
          keep_alive { exponent: 20 us: 10485760 } }
    ttl: 121 expires_in_us: 100000000 first_heard { seconds: 1769860800 }
    last_changed { seconds: 1769860801 } unrecognized_tlvs: 2)");
  EXPECT_EQ(neighbor_text(neighbor),
            "eth0: switch\n"
            "  chassis ID        02:00:00:00:00:02 (subtype 4)\n"
            "  port ID           sw1 (subtype 5)\n"
            "  source address    02:00:00:00:00:02\n"
            "  TTL               121 s, ends in 100 s\n"
            "  heard since       2026-01-31 12:00:00\n"
            "  last changed      2026-01-31 12:00:01\n"
            "  port              to host\n"
            "  system            a bridge\n"
            "  capabilities      bridge, router (enabled: bridge)\n"
            "  management        192.0.2.1 (interface 3)\n"
            "  EVB               bridge, reflective relay capable, off, GroupIDs no, R 3, RTE 14 "
            "(164 ms), RWD 20 (10.5 s), RKA 20 (10.5 s)\n"
            "  TLV               00-80-c2 subtype 13: 0102\n"
            "  unrecognized      2 TLVs\n");
}

TEST_F(CtlText, AgentSaysWhatTheUserMayDo) {
  EXPECT_EQ(agent_text(parse<pb::AgentReport>(R"(
              version: "0.1.0" pid: 42 started { seconds: 1769860800 } uptime_us: 90000000 ports: 2
              vsis: 3 connections: 1 watchers: 0 last_event: 17 max_connections: 64)")),
            "evbd 0.1.0\n"
            "  process           42\n"
            "  started           2026-01-31 12:00:00 (90 s ago)\n"
            "  ports             2\n"
            "  VSIs              3\n"
            "  connections       1 of 64, 0 watching\n"
            "  last event        17\n"
            "  you may           look\n");
}

TEST_F(CtlText, AgentSaysWhatItsProfilesAreAndWhoseTheyMirror) {
  const std::string database =
      R"(version: "0.1.0" profiles { path: "/p.db" revision: 7 vsi_types: 2 )";
  EXPECT_THAT(agent_text(parse<pb::AgentReport>(database + R"(trouble: "it is damaged" })")),
              testing::HasSubstr("  profiles          /p.db, revision 7, 2 VSI type(s)\n"
                                 "                    it is damaged\n"
                                 "  you may"));
  const std::string mirror = database + R"(mirror { source: "http://a:1 /evbd/" cluster: "c1/d2"
      revision: 41 last_contact { seconds: 1769860800 } contact_ago_us: 2000000 )";
  EXPECT_THAT(agent_text(parse<pb::AgentReport>(mirror + "}}")),
              testing::HasSubstr("  mirrors           http://a:1 /evbd/ at revision 41\n"
                                 "                    cluster c1/d2\n"
                                 "                    last contact 2026-01-31 12:00:00 (2 s ago)\n"
                                 "  you may"));
  EXPECT_THAT(agent_text(parse<pb::AgentReport>(mirror + R"(stale: true trouble: "refused" }})")),
              testing::HasSubstr("                    stale since 2026-01-31 12:00:00 (2 s ago)\n"
                                 "                    refused\n"));
}

TEST_F(CtlText, EventsAreOneLineEach) {
  const auto line = [](const std::string& kind) {
    return event_text(parse<pb::Event>(
        R"(sequence: 5 at { seconds: 1769860800 nanos: 250000000 } port: "eth0" )" + kind));
  };
  EXPECT_EQ(line("vsi { id: 'x' state: DEASSOCIATED cause: REQUESTED }"),
            "12:00:00.250 eth0 vsi x deassociated, requested\n");
  EXPECT_EQ(line("vsi { id: 'x' state: ASSOCIATED cause: CONFIRMED vsi { filters { vid: 7 mac: "
                 "'52:54:00:aa:00:11' } } }"),
            "12:00:00.250 eth0 vsi x associated, confirmed: 52:54:00:aa:00:11 VLAN 7\n");
  EXPECT_EQ(line("vsi { id: 'x' cause: REFUSED_BY_BRIDGE failure { cause: REFUSED_BY_BRIDGE "
                 "command: ASSOCIATE reason: 5 hard: true } }"),
            "12:00:00.250 eth0 vsi x deassociated: The bridge refused the associate: invalid VID, "
            "GroupID or MAC address (reason 5, hard error).\n");
  EXPECT_EQ(line("vsi { id: 'x' cause: DEASSOCIATED_BY_CLIENT gone: true }"),
            "12:00:00.250 eth0 vsi x deassociated, gone, by a client\n");
  EXPECT_EQ(line("vsi { id: 'x' cause: EVB_LOST }"),
            "12:00:00.250 eth0 vsi x deassociated: The EVB neighbour or the link was lost.\n");
  EXPECT_EQ(line("evb_changed { in_use { on: true relay_status: 'on' } }"),
            "12:00:00.250 eth0 EVB on, reflective relay on\n");
  EXPECT_EQ(line("evb_changed { in_use { } }"), "12:00:00.250 eth0 EVB off\n");
  EXPECT_EQ(
      line("neighbors_changed { neighbors { system_name: 'switch' port_id { text: 'p1' } } }"),
      "12:00:00.250 eth0 neighbours: switch (p1)\n");
  EXPECT_EQ(line("neighbors_changed { }"), "12:00:00.250 eth0 no neighbours\n");
  EXPECT_EQ(line("port_changed { present: true link_up: true }"), "12:00:00.250 eth0 link up\n");
  EXPECT_EQ(line("port_changed { trouble: 'no device' }"), "12:00:00.250 eth0 port: no device\n");
  EXPECT_EQ(
      line("type_changed { type { manager: '11' id: 5 version: 1 } vsis: 3 }"),
      "12:00:00.250 eth0 VSI type 11/5/1 has changed; 3 VSI(s) keep what they were granted\n");
  EXPECT_EQ(line("type_changed { type { id: 5 version: 1 } }"),
            "12:00:00.250 eth0 VSI type 5/1: no VSI has it as it was any more\n");
  EXPECT_EQ(
      line("s_channels_changed { cdcp { channels { scid: 1 svid: 1 } channels { scid: 2 svid: "
           "100 } channels { scid: 7 svid: 9 } } }"),
      "12:00:00.250 eth0 S-channels: 2 (SVID 100), 7 (SVID 9)\n");
  EXPECT_EQ(line("s_channels_changed { cdcp { channels { scid: 1 svid: 1 } } }"),
            "12:00:00.250 eth0 S-channels: none but the default one\n");
  EXPECT_EQ(line("s_channels_changed { }"), "12:00:00.250 eth0 S-channels off\n");
  EXPECT_EQ(line("lost { count: 3 }"),
            "12:00:00.250 eth0 3 events were lost: they came faster than they were read\n");
  EXPECT_EQ(line("snapshot_end { }"),
            "12:00:00.250 eth0 that was there already; what changes follows\n");
}

TEST_F(CtlText, ResultsSayWhatBecameOfTheRequest) {
  EXPECT_EQ(result_text(parse<pb::VsiResult>(
                "port: 'eth0' id: 'x' state: ASSOCIATED status { } filters { vid: 7 mac: "
                "'52:54:00:aa:00:11' }")),
            "x on eth0: associated: 52:54:00:aa:00:11 VLAN 7\n");
  EXPECT_EQ(result_text(parse<pb::VsiResult>(
                "port: 'eth0' id: 'x' status { code: REFUSED sentence: 'No.' } next_try { } "
                "next_try_in_us: 2000000")),
            "x on eth0: deassociated. No. The next try comes in 2 s.\n");
}

TEST_F(CtlText, ReasonsAreExplained) {
  EXPECT_EQ(reason_text(2),
            "2  insufficient resources\n"
            "   The bridge, or its VSI manager, has no room for this VSI now. Ask the network "
            "administrator which limit of the port or of the VSI type is used up.\n");
  EXPECT_THAT(reason_text(9), testing::StartsWith("9  reserved\n"));
}

TEST_F(CtlText, WhyNamesWhoSaidNoTheTimerAndTheNextTry) {
  EXPECT_THAT(api::explain(parse<pb::Vsi>(kVsi)),
              testing::ElementsAre("VSI 09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f on port eth0 is "
                                   "associated; wanted: associate.",
                                   "reinitKeepAlive runs: the next keep-alive is sent in 10.5 s."));
  EXPECT_THAT(
      api::explain(
          parse<pb::Vsi>(R"(id: "x" port: "eth0" wanted: ASSOCIATE waiting_for_evb: true)")),
      testing::ElementsAre(
          "VSI x on port eth0 is deassociated; wanted: associate.",
          "Nothing can be sent: no EVB bridge is heard on this port.",
          "Compare both ends with 'evbctl port show' and 'evbctl neighbor show'; the request is "
          "sent as soon as the bridge's EVB TLV is there."));
  EXPECT_THAT(
      api::explain(parse<pb::Vsi>(R"(id: "x" port: "eth0" wanted: ASSOCIATE
                last_failure { cause: REFUSED_BY_BRIDGE command: ASSOCIATE reason: 1 hard: true })")),
      testing::ElementsAre(
          "VSI x on port eth0 is deassociated; wanted: associate.",
          "The bridge refused the associate: invalid format (reason 1, hard error).",
          "The bridge called it a hard error, so it is not tried again; ask again once the "
          "cause is mended.",
          "Compare the VSI ID format and the filter format with what the bridge supports."));
}

TEST_F(CtlText, DurationsHaveThreeDigitsThatCount) {
  EXPECT_EQ(api::duration_text(640), "640 us");
  EXPECT_EQ(api::duration_text(163840), "164 ms");
  EXPECT_EQ(api::duration_text(5242880), "5.24 s");
  EXPECT_EQ(api::duration_text(999'900'000), "999 s");
  EXPECT_EQ(api::duration_text(21'474'836'480), "21475 s");
  EXPECT_EQ(api::duration_text(-1'500'000), "-1.5 s");
  EXPECT_EQ(api::duration_text(0), "0 us");
}

TEST(CtlJson, IsAnArrayOfTheMessagesWithAllTheirFields) {
  pb::Vsis vsis;
  EXPECT_EQ(json_array_of(vsis.vsis()), "[]\n");
  auto& filter = *vsis.add_vsis()->add_filters();
  filter.set_vid(7);
  const auto text = json_array_of(vsis.vsis());
  EXPECT_THAT(text, testing::StartsWith("[\n{\"port\":\"\",\"id\":\"\","));
  EXPECT_THAT(text, testing::EndsWith("}\n]\n"));
  EXPECT_THAT(text, testing::HasSubstr(R"("state":"DEASSOCIATED")"));
  EXPECT_THAT(text, testing::HasSubstr(R"("filters":[{"mac":"","vid":7}])"));
  EXPECT_THAT(text, testing::HasSubstr(R"("waiting_for_evb":false)"));
}

}  // namespace
}  // namespace agent::ctl
