// SPDX-License-Identifier: Apache-2.0
// evbreplay anonymize on what evbd recorded: comments, directions and the journal are kept, and
// nobody is named in them.
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "agent/capture/value_text.hpp"
#include "agent/replay/anonymous_journal.hpp"
#include "agent/replay/anonymous_text.hpp"
#include "agent/replay/evbreplay.hpp"
#include "agent/replay/offline.hpp"
#include "agent/replay/report/frame_comments.hpp"
#include "lldp/printable.hpp"
#include "tests/support/program_checks.hpp"

namespace agent::replay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint8_t kKey[] = "a key of this test";

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> recordings() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(EVB_CAPTURES)) {
    if (fs::exists(entry.path() / "stimuli.txt")) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

/// Everything in a journal that names somebody, as text and as the octets of frames.
std::set<std::string> names_in(const capture::Journal& journal) {
  std::set<std::string> names;
  const auto add_mac = [&](const lldp::MacAddress& mac) {
    if (mac == lldp::MacAddress{} || mac.is_group()) return;
    names.insert(lldp::to_string(mac));
    names.insert(lldp::to_hex(mac.octets));
  };
  for (const auto& port : journal.ports) {
    add_mac(port.config.address);
    for (const auto& stimulus : port.stimuli) {
      const auto* const asked = std::get_if<vdp::AssociateRequested>(&stimulus.input);
      if (asked == nullptr) continue;
      names.insert(vdp::to_string(asked->request.id));
      names.insert(lldp::to_hex(asked->request.id.octets));
      for (const auto& entry : asked->request.filters.entries) add_mac(entry.mac);
    }
  }
  return names;
}

class Recording : public testing::TestWithParam<std::string> {
 protected:
  Recording() { fs::remove_all(made); }
  ~Recording() override { fs::remove_all(made); }

  const fs::path from = fs::path(EVB_CAPTURES) / GetParam();
  const fs::path made = fs::path(testing::TempDir()) / ("evbreplay-anonymous-" + GetParam());
};

TEST_P(Recording, KeepsCommentsDirectionsAndItsJournalAndNamesNobody) {
  const auto journal = capture::parse_journal(contents(from / "stimuli.txt"));
  ASSERT_TRUE(journal);
  const auto told = support::run_program(run, {"anonymize", from, "-o", made});
  ASSERT_EQ(told.exit, 0) << told.err;
  const auto frames = contents(made / "frames.pcapng");
  const auto stimuli = contents(made / "stimuli.txt");
  for (const auto& name : names_in(*journal)) {
    EXPECT_THAT(frames, Not(HasSubstr(name)));
    EXPECT_THAT(stimuli, Not(HasSubstr(name)));
  }
  report::FrameComments before((from / "frames.pcapng").string());
  report::FrameComments after((made / "frames.pcapng").string());
  auto file = CaptureFile::open(from / "frames.pcapng");
  CapturedFrame frame;
  while (*file->next(frame)) {
    const std::string comment(before.next());
    const std::string other(after.next());
    EXPECT_EQ(after.direction(), before.direction()) << frame.number;
    EXPECT_NE(after.direction(), capture::Direction::kUnknown);
    EXPECT_FALSE(other.empty()) << frame.number;
    EXPECT_EQ(std::ranges::count(other, ' '), std::ranges::count(comment, ' ')) << other;
    // What evbd made of the frame can still be read.
    const auto verdict = comment.find(" => ");
    EXPECT_EQ(other.find(" => ") == std::string::npos, verdict == std::string::npos) << other;
  }
}

TEST_P(Recording, ReplaysAsTheSameFramesOfNobody) {
  const auto journal = capture::parse_journal(contents(from / "stimuli.txt"));
  ASSERT_TRUE(journal);
  Anonymizer anonymizer{Pseudonyms(kKey)};
  const auto other = anonymous_journal(*journal, 0, anonymizer);
  const auto read_again = capture::parse_journal(capture::print(other));
  ASSERT_TRUE(read_again) << read_again.error().reason;
  for (std::size_t i = 0; i < journal->ports.size(); ++i) {
    const auto before = run_port(journal->ports[i]).sent();
    const auto after = run_port(read_again->ports[i]).sent();
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t n = 0; n < before.size(); ++n) {
      DecodedFrame frame;
      decode_frame(LinkType::kEthernet, {n + 1, 0, before[n], before[n].size()}, frame);
      const auto expected = anonymizer.frame(LinkType::kEthernet, frame);
      EXPECT_EQ(lldp::to_hex(after[n]), lldp::to_hex(expected)) << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Captures, Recording, testing::ValuesIn(recordings()),
                         [](const auto& test) {
                           auto name = test.param;
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

class Text : public testing::Test {
 protected:
  std::string of(std::string_view text) { return anonymous_text(text, pseudonyms); }
  template <std::size_t N>
  std::array<std::uint8_t, N> octets(std::string_view hex) {
    std::array<std::uint8_t, N> made{};
    std::ranges::copy(*capture::octets_of(hex), made.begin());
    return made;
  }
  Pseudonyms pseudonyms{kKey};
};

TEST_F(Text, HasThePseudonymsOfTheFrames) {
  auto mac = octets<6>("525400aa0011");
  pseudonyms.mac(mac);
  EXPECT_EQ(of("52:54:00:aa:00:11"), lldp::to_string(lldp::MacAddress{mac}));
  EXPECT_EQ(of("address 52:54:00:AA:00:11."), "address " + lldp::to_string({mac}) + ".");
  auto uuid = octets<16>("09b11c538b5c4eeb8f00d84eaa0aaa4f");
  pseudonyms.uuid(uuid);
  EXPECT_EQ(of("VSI 09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f is"),
            "VSI " + vdp::to_string({vdp::VsiIdFormat::kUuid, uuid}) + " is");
  auto local = octets<16>("00000000000000000000000000000007");
  pseudonyms.octets(local);
  EXPECT_EQ(of("(00000000000000000000000000000007)"), "(" + lldp::to_hex(local) + ")");
  auto name = base::Octets{'h', 'o', 's', 't', '7'};
  pseudonyms.text(name);
  EXPECT_EQ(of("name host7: refused"),
            "name " + std::string(name.begin(), name.end()) + ": refused");
}

TEST_F(Text, KeepsWhatEvbdSaysOfAnybody) {
  for (const std::string_view said :
       {"refused: octet 18, value not permitted", "VSI is associated: confirmed",
        "EVB station R=3 RTE=8 RWD=14 RKA=16 RRREQ RRSTAT=off; sent as a client asked",
        "draft 0.2 EVB", "type 1193047 v2 VID 2 PCP 3", "not for evbd's sockets", "", " ", "...",
        "01:80:c2:00:00:00", "0.0.0.0", "::1", ": ;"}) {
    EXPECT_EQ(of(said), said);
  }
}

TEST_F(Text, LetsNothingElseThrough) {
  for (const std::string_view secret :
       {"192.0.2.7", "2001:db8::7", "2001:db8::", "fe80::5054:ff:feaa:11", "52-54-00-aa-00-11",
        "5254.00aa.0011", "host17.example.org", "root@host17", "Müller", "bridge7", "Bridge",
        "12345678901", "1.2.3", "09b11c53-8b5c-4eeb-8f00", "09B11C53-8B5C-4EEB-8F00-D84EAA0AAA4F",
        "192.0.2.7:80", "fe80::1%eth0", "x", "\xff\xfe"}) {
    const auto made = of("request " + std::string(secret) + ", " + std::string(secret));
    EXPECT_THAT(made, Not(HasSubstr(std::string(secret)))) << made;
    EXPECT_THAT(made, testing::StartsWith("request "));
    const auto comma = made.find(", ");
    EXPECT_EQ(made.substr(8, comma - 8), made.substr(comma + 2)) << "one name, one pseudonym";
  }
  EXPECT_THAT(of("/home/alice/evbd.toml"), Not(HasSubstr("alice")));
  EXPECT_THAT(of("10.1.2.0/24"), testing::EndsWith("/24"));
}

class RecordingTrouble : public testing::Test {
 protected:
  RecordingTrouble() { fs::remove_all(made); }
  ~RecordingTrouble() override { fs::remove_all(made); }
  const fs::path from = fs::path(EVB_CAPTURES) / "pair-associate";
  const fs::path made = fs::path(testing::TempDir()) / "evbreplay-anonymous-trouble";
};

TEST_F(RecordingTrouble, AFolderThatIsNotEmptyStaysAsItIs) {
  fs::create_directories(made);
  std::ofstream(made / "mine") << "mine";
  const auto told = support::run_program(run, {"anonymize", from, "-o", made});
  EXPECT_EQ(told.exit, 2);
  EXPECT_THAT(told.err, HasSubstr("is not empty"));
  EXPECT_FALSE(fs::exists(made / "frames.pcapng"));
}

TEST_F(RecordingTrouble, TheStandardOutputHasNoRoomForAJournalAndThatIsSaid) {
  const auto told = support::run_program(run, {"anonymize", from, "-o", "-"});
  EXPECT_EQ(told.exit, 0);
  EXPECT_THAT(told.err, HasSubstr("left out:  the journal"));
  EXPECT_THAT(told.out, testing::StartsWith("\x0A\x0D\x0D\x0A"));
}

TEST_F(RecordingTrouble, AJournalThatCannotBeReadIsToldWithItsLine) {
  fs::create_directories(made / "in");
  fs::copy(from / "frames.pcapng", made / "in" / "frames.pcapng");
  std::ofstream(made / "in" / "stimuli.txt") << "evbd journal 1\nport a\nnonsense\n";
  const auto told = support::run_program(run, {"anonymize", made / "in", "-o", made / "out"});
  EXPECT_EQ(told.exit, 3);
  EXPECT_THAT(told.err, HasSubstr("stimuli.txt, line 3"));
}

TEST_F(RecordingTrouble, AShiftMovesTheJournalsClockToo) {
  const auto in = made / "in";
  fs::create_directories(in);
  fs::copy(from / "frames.pcapng", in / "frames.pcapng");
  auto text = contents(from / "stimuli.txt");
  text.insert(text.find('\n', text.find("\nport ") + 1), " began=5000000");
  std::ofstream(in / "stimuli.txt") << text;
  const auto told =
      support::run_program(run, {"anonymize", in, "-o", made / "out", "--shift", "7"});
  EXPECT_EQ(told.exit, 0) << told.err;
  EXPECT_THAT(contents(made / "out" / "stimuli.txt"), HasSubstr(" began=12000000"));
}

}  // namespace
}  // namespace agent::replay
