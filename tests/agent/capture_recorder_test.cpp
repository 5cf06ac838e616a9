// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/capture/output_text.hpp"
#include "agent/capture/pcapng_writer.hpp"
#include "agent/capture/saved.hpp"
#include "agent/replay/capture_file.hpp"
#include "agent/replay/decoded_frame.hpp"
#include "agent/replay/offline.hpp"
#include "tests/support/capture_builder.hpp"
#include "tests/support/pcap_reader.hpp"

namespace agent::capture {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::size_t kPlenty = std::size_t{1} << 30U;

vdp::PortConfig config(lldp::EvbRole role) {
  vdp::PortConfig config;
  config.evb.role = role;
  const auto last = static_cast<std::uint8_t>(role == lldp::EvbRole::kStation ? 1 : 2);
  config.address = {{2, 0, 0, 0, 0, last}};
  config.lldp.local.chassis_id = {4, {2, 0, 0, 0, 0, last}};
  config.lldp.local.port_id = {5, {'p', last}};
  return config;
}

/// A port as PortDriver runs one, with its clock somewhere in the host's life.
class RecordedPort {
 public:
  RecordedPort(Recorder& recorder, const std::string& name, lldp::EvbRole role)
      : recorder_(recorder),
        core_(config(role)),
        tape_(recorder.tape(name, core_.config(), true, now)) {}

  vdp::Outputs feed(const vdp::Input& input) {
    vdp::Outputs outputs;
    core_.handle(now, input, outputs);
    if (tape_) recorder_.record(tape_, now, std::span(&input, 1), outputs);
    for (const auto& output : outputs) {
      said += seconds_text(output);
    }
    return outputs;
  }
  std::string state() const { return state_text(core_); }
  void stands_on_channel(std::uint16_t service_vid) { tape_->service_vid = service_vid; }

  base::Instant now{std::chrono::hours(77)};
  std::string said;

 private:
  std::string seconds_text(const vdp::Output& output) const {
    return fmt::format("{} {}\n", (now - base::Instant(std::chrono::hours(77))).count(),
                       output_text(output, core_));
  }
  Recorder& recorder_;
  vdp::Port core_;
  std::shared_ptr<Tape> tape_;
};

vdp::AssociateRequested associate(std::uint8_t number) {
  vdp::VsiRequest request;
  request.id.octets[15] = number;
  request.filters.entries = {{0, {{2, 0, 0, 0, 1, number}}, false, 0, 2}};
  return {request};
}

/// A station meets the bridge of a recorded exchange.
void live(RecordedPort& port) {
  port.feed(vdp::LinkChanged{true});
  const auto frames = support::read_capture("lldpad-evb22-lifecycle.pcap");
  for (std::size_t i = 0; i < 12; ++i) {
    port.now += milliseconds(137);
    port.feed(vdp::FrameReceived{frames[i]});
    port.feed(vdp::TimePassed{});
    if (i == 6) port.feed(associate(1));
  }
  port.now += seconds(60);
  port.feed(vdp::TimePassed{});
}

std::pair<std::string, std::string> save(const Recorder& recorder, base::Instant now) {
  std::pair<std::string, std::string> files;
  SavedWriter writer(recorder.records(), now,
                     std::chrono::system_clock::time_point(seconds(1'700'000'000)));
  while (writer.next(files.first, files.second)) {
  }
  return files;
}

TEST(Recorder, WhatItSavedReplaysExactly) {
  Recorder recorder;
  recorder.start({}, kPlenty);
  RecordedPort port(recorder, "veth0", lldp::EvbRole::kStation);
  live(port);
  const auto journal = parse_journal(save(recorder, port.now).second);
  ASSERT_TRUE(journal) << journal.error().reason;
  ASSERT_THAT(journal->ports, SizeIs(1));
  EXPECT_TRUE(journal->ports[0].from_start);
  std::string expected;
  for (std::size_t at = 0; at < port.said.size();) {
    const auto end = port.said.find('\n', at);
    const auto space = port.said.find(' ', at);
    const auto time = std::stoll(port.said.substr(at, space - at));
    expected += fmt::format("{}.{:06}{}\n", time / 1'000'000, time % 1'000'000,
                            port.said.substr(space, end - space));
    at = end + 1;
  }
  EXPECT_THAT(expected, HasSubstr(" send "));
  EXPECT_EQ(replay::run_port(journal->ports[0]).text(), expected + port.state());
}

TEST(Recorder, WritesFramesThatLibpcapReads) {
  Recorder recorder;
  recorder.start({}, kPlenty);
  RecordedPort port(recorder, "veth0", lldp::EvbRole::kStation);
  live(port);
  const auto pcapng = save(recorder, port.now).first;
  const support::TemporaryFile file(
      base::Bytes(reinterpret_cast<const std::uint8_t*>(pcapng.data()), pcapng.size()));
  auto capture = replay::CaptureFile::open(file.path());
  ASSERT_TRUE(capture) << capture.error().sentence;
  std::size_t ours = 0;
  std::size_t theirs = 0;
  replay::CapturedFrame frame;
  for (auto more = capture->next(frame); more && *more; more = capture->next(frame)) {
    (frame.octets[11] == 1 && frame.octets[6] == 2 ? ours : theirs) += 1;
    EXPECT_LE(frame.nanoseconds, 1'700'000'000'000'000'000);
    EXPECT_GT(frame.nanoseconds, 1'699'999'000'000'000'000);
  }
  EXPECT_EQ(ours + theirs, recorder.status().frames);
  EXPECT_GE(theirs, 6U);
  EXPECT_GE(ours, 6U);
}

TEST(Recorder, FramesOfAnSChannelHaveItsTagAgain) {
  Recorder recorder;
  recorder.start({}, kPlenty);
  RecordedPort port(recorder, "veth0.s7", lldp::EvbRole::kStation);
  port.feed(vdp::LinkChanged{true});
  port.stands_on_channel(7);
  port.now += seconds(60);
  port.feed(vdp::TimePassed{});
  const auto pcapng = save(recorder, port.now).first;
  const support::TemporaryFile file(
      base::Bytes(reinterpret_cast<const std::uint8_t*>(pcapng.data()), pcapng.size()));
  auto capture = replay::CaptureFile::open(file.path());
  ASSERT_TRUE(capture) << capture.error().sentence;
  std::vector<std::uint16_t> vids;
  replay::CapturedFrame captured;
  replay::DecodedFrame frame;
  for (auto more = capture->next(captured); more && *more; more = capture->next(captured)) {
    replay::decode_frame(capture->link_type(), captured, frame);
    EXPECT_TRUE(frame.lldpdu) << "behind the tag all is as it was";
    vids.push_back(frame.link.service_vid());
  }
  EXPECT_THAT(vids, SizeIs(testing::Ge(2U)));
  EXPECT_EQ(vids.front(), 0U) << "sent before its device was known";
  EXPECT_EQ(vids.back(), 7U);
}

TEST(Recorder, CommentsSayWhatBecameOfAFrame) {
  Recorder recorder;
  recorder.start({}, kPlenty);
  RecordedPort port(recorder, "veth0", lldp::EvbRole::kStation);
  live(port);
  const base::Octets broken{1, 0x80, 0xC2, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0x88, 0xCC, 2};
  port.feed(vdp::FrameReceived{broken});
  std::string comments;
  for (const auto& record : recorder.records()) {
    if (record->stimulus.frame) {
      comments += comment_on(*record, *record->stimulus.frame, true) + "\n";
    }
    for (const auto& output : record->outputs) {
      if (const auto* sent = std::get_if<vdp::SendFrame>(&output)) {
        comments += comment_on(*record, sent->frame, false) + "\n";
      }
    }
  }
  EXPECT_THAT(comments, HasSubstr(" => a neighbour changed"));
  EXPECT_THAT(comments, HasSubstr("EVB is on: R 3, RTE 14"));
  EXPECT_THAT(comments, HasSubstr("; sent as a client asked"));
  EXPECT_THAT(comments, HasSubstr("; sent because the link changed"));
  EXPECT_THAT(comments, HasSubstr("=> refused: octet 1"));
}

TEST(Recorder, DropsTheOldestAndSaysSo) {
  Recorder recorder;
  recorder.start({}, 65'536);
  RecordedPort port(recorder, "veth0", lldp::EvbRole::kStation);
  for (int i = 0; i < 400; ++i) {
    port.now += milliseconds(1);
    port.feed(vdp::LinkChanged{i % 2 == 0});
  }
  const auto status = recorder.status();
  EXPECT_LE(status.octets, 65'536U);
  EXPECT_GT(status.dropped, 0U);
  EXPECT_EQ(status.stimuli + status.dropped, 400U);
  const auto journal = parse_journal(save(recorder, port.now).second);
  ASSERT_TRUE(journal);
  EXPECT_FALSE(journal->ports[0].from_start);
  EXPECT_THAT(journal->ports[0].stimuli, SizeIs(status.stimuli));
  EXPECT_LE(journal->ports[0].length, milliseconds(400));
}

TEST(Recorder, RecordsOnlyWhatItWasAskedFor) {
  Recorder recorder;
  const auto any = config(lldp::EvbRole::kStation);
  EXPECT_EQ(recorder.tape("a", any, true, {}), nullptr) << "it is off";
  int switched = 0;
  recorder.on_switch = [&] { ++switched; };
  recorder.start({"a"}, kPlenty);
  EXPECT_NE(recorder.tape("a", any, false, {}), nullptr);
  EXPECT_EQ(recorder.tape("b", any, false, {}), nullptr);
  recorder.stop();
  EXPECT_EQ(recorder.tape("a", any, false, {}), nullptr);
  EXPECT_EQ(switched, 2);
}

TEST(Recorder, ASaveUnderWayIsNotMovedByTheRing) {
  Recorder recorder;
  recorder.start({}, 65'536);
  RecordedPort port(recorder, "veth0", lldp::EvbRole::kStation);
  port.feed(vdp::LinkChanged{true});
  SavedWriter writer(recorder.records(), port.now, std::chrono::system_clock::now());
  for (int i = 0; i < 400; ++i) {
    port.now += milliseconds(1);
    port.feed(vdp::LinkChanged{i % 2 != 0});
  }
  std::string pcapng;
  std::string text;
  while (writer.next(pcapng, text)) {
  }
  const auto journal = parse_journal(text);
  ASSERT_TRUE(journal) << journal.error().line << ": " << journal.error().reason;
  EXPECT_TRUE(journal->ports[0].from_start);
  EXPECT_THAT(journal->ports[0].stimuli, SizeIs(1));
}

}  // namespace
}  // namespace agent::capture
