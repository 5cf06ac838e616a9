// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include "agent/cli/json_writer.hpp"
#include "agent/replay/check_report.hpp"
#include "agent/replay/state_names.hpp"

namespace agent::replay {
namespace {

void write_values(cli::JsonWriter& json, const lldp::EvbOperational& values) {
  json.begin_object("in_force");
  json.member("dialect", to_string(values.dialect));
  json.flag("on", values.on);
  json.member("R", values.max_retries);
  json.member("RTE", values.retransmit_exponent);
  json.member("RWD", values.resource_wait_delay);
  json.member("RKA", values.reinit_keep_alive);
  json.flag("group_ids", values.group_ids);
  json.flag("reflective_relay", values.relay_status == lldp::RelayStatus::kOn);
  json.end_object();
}

void write_condition(cli::JsonWriter& json, const CaptureCondition& condition) {
  json.begin_object("capture");
  json.member("out_of_order", condition.out_of_order());
  json.member("copies", condition.copies());
  json.member("cut", condition.cut());
  json.end_object();
}

void write_ends(cli::JsonWriter& json, const Conversation& talk) {
  json.begin_array("ends");
  for (std::size_t i = 0; i < talk.ends().size(); ++i) {
    const auto& end = talk.ends()[i];
    json.begin_object();
    json.member("address", to_string(end.address));
    json.member("role", to_string(end.role));
    if (end.service_vid != 0) json.member("s_vid", end.service_vid);
    if (end.peer) json.member("peer", to_string(talk.ends()[*end.peer].address));
    json.member("frames", end.frames);
    json.begin_array("timers");
    for (const auto kind : {TimerKind::kAck, TimerKind::kResponse, TimerKind::kKeepAlive}) {
      const auto& all = talk.statistics(i, kind);
      if (all.count == 0) continue;
      json.begin_object();
      json.member("name", to_string(kind));
      json.member("count", all.count);
      json.seconds("shortest", all.shortest);
      json.seconds("longest", all.longest);
      json.seconds("mean", all.mean());
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_changes(cli::JsonWriter& json, const Conversation& talk) {
  json.begin_array("evb_changes");
  for (const auto& change : talk.evb_changes()) {
    json.begin_object();
    json.member("frame", change.moment.frame);
    json.member("end", to_string(talk.ends()[change.end].address));
    if (change.tlv) json.member("tlv", print(*change.tlv));
    if (change.draft_tlv) json.member("draft02_tlv", print(*change.draft_tlv));
    if (change.in_force) write_values(json, *change.in_force);
    json.end_object();
  }
  json.end_array();
}

void write_exchanges(cli::JsonWriter& json, const Conversation& talk) {
  json.begin_array("exchanges");
  for (const auto& exchange : talk.exchanges()) {
    json.begin_object();
    json.member("frame", exchange.first.frame);
    json.member("end", to_string(talk.ends()[exchange.end].address));
    json.member("dialect", to_string(exchange.dialect));
    json.member("sequence", exchange.sequence);
    json.member("sends", exchange.sends);
    if (exchange.acked_frame != 0) {
      json.member("acknowledged", exchange.acked_frame);
      json.seconds("round_trip", Nanoseconds{exchange.round_trip} * 1000);
    }
    json.flag("given_up", exchange.given_up);
    json.end_object();
  }
  json.end_array();
}

void write_vsis(cli::JsonWriter& json, const Conversation& talk) {
  json.begin_array("vsis");
  for (const auto& life : talk.vsis()) {
    json.begin_object();
    json.member("id", to_string(life.id));
    json.member("station", to_string(talk.ends()[life.station].address));
    json.member("dialect", to_string(life.dialect));
    json.member("manager", manager_text(life));
    json.member("state", to_string(life.state));
    json.member("keep_alives", life.keep_alives);
    json.begin_array("timeline");
    for (const auto& moment : life.timeline) {
      json.begin_object();
      json.member("frame", moment.moment.frame);
      json.member("station", station_state(moment));
      json.member("bridge", bridge_state(moment));
      json.member("state", to_string(moment.state));
      json.member("cause", to_string(moment.cause));
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_deviations(cli::JsonWriter& json, const Verdict& verdict) {
  json.begin_array("deviations");
  for (const auto& one : verdict.deviations()) {
    json.begin_object();
    json.member("rule", one.rule->id);
    json.member("severity", to_string(one.rule->severity));
    json.member("clause", one.rule->clause);
    json.member("statement", one.rule->statement);
    json.member("frame", one.moment.frame);
    json.member("who", one.who);
    if (!one.vsi.empty()) json.member("vsi", one.vsi);
    json.member("expected", one.expected);
    json.member("seen", one.seen);
    json.member("likely_cause", one.rule->cause);
    json.member("display_filter", one.display_filter());
    json.member("times", one.times);
    json.member("last_frame", one.again.frame);
    json.end_object();
  }
  json.end_array();
}

void write_verdict(cli::JsonWriter& json, const Verdict& verdict) {
  json.begin_array("statements");
  for (const auto& [statement, count] : verdict.statements()) {
    if (count.held + count.broken == 0) continue;
    json.begin_object();
    json.member("statement", statement);
    json.member("held", count.held);
    json.member("broken", count.broken);
    json.end_object();
  }
  json.end_array();
  json.begin_object("verdict");
  json.member("must", verdict.broken(Severity::kMust));
  json.member("should", verdict.broken(Severity::kShould));
  json.member("note", verdict.broken(Severity::kNote));
  json.end_object();
}

std::string deviation_text(const Deviation& one) {
  return fmt::format("frame {}, {}: expected {}; seen {}; likely: {}\n", one.moment.frame, one.who,
                     one.expected, one.seen, one.rule->cause);
}

}  // namespace

std::string finding_json(const Finding& finding) {
  cli::JsonWriter json;
  json.begin_object();
  json.member("file", finding.file);
  json.member("frames", finding.frames);
  json.seconds("seconds", finding.conversation.last().at - finding.conversation.first().at);
  write_condition(json, finding.conversation.condition());
  write_ends(json, finding.conversation);
  write_changes(json, finding.conversation);
  write_exchanges(json, finding.conversation);
  write_vsis(json, finding.conversation);
  write_deviations(json, finding.verdict);
  write_verdict(json, finding.verdict);
  json.end_object();
  return json.line() + "\n";
}

std::string finding_junit(const Finding& finding) {
  const auto deviations = finding.verdict.deviations();
  pugi::xml_document document;
  auto suite = document.append_child("testsuite");
  suite.append_attribute("name") = ("evbreplay check " + finding.file).c_str();
  unsigned tests = 0;
  unsigned failures = 0;
  for (const auto* rule : all_rules()) {
    const auto count = finding.verdict.count(*rule);
    if (count.held + count.broken == 0) continue;
    ++tests;
    auto test = suite.append_child("testcase");
    test.append_attribute("classname") = std::string(rule->statement).c_str();
    test.append_attribute("name") = std::string(rule->id).c_str();
    if (count.broken == 0) continue;
    std::string text;
    for (const auto& one : deviations) {
      if (one.rule == rule) text += deviation_text(one);
    }
    const bool must = rule->severity == Severity::kMust;
    if (must) ++failures;
    auto told = test.append_child(must ? "failure" : "system-out");
    if (must) told.append_attribute("message") = std::string(rule->rule).c_str();
    told.text() = text.c_str();
  }
  suite.append_attribute("tests") = tests;
  suite.append_attribute("failures") = failures;
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace agent::replay
