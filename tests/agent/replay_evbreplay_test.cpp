// SPDX-License-Identifier: Apache-2.0
// evbreplay as a user runs it: what it prints for real captures, to the letter, and how it ends.
// EVBD_REWRITE_GOLDEN=1 writes the expected texts anew; look at the diff.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>

#include "agent/replay/command_table.hpp"
#include "agent/replay/evbreplay.hpp"
#include "agent/replay/exit_codes.hpp"
#include "tests/support/capture_builder.hpp"
#include "tests/support/program_checks.hpp"
#include "tests/support/talk.hpp"

namespace agent::replay {
namespace {

using support::Talk;
using support::TemporaryFile;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;
using namespace std::chrono_literals;

support::Printed evbreplay(const Words& words) { return support::run_program(run, words); }

/// By their path below captures/, ".pcap" left out.
std::vector<std::string> captures() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(EVB_CAPTURES)) {
    auto path = std::filesystem::relative(entry.path(), EVB_CAPTURES);
    if (path.extension() == ".pcap") names.push_back(path.replace_extension());
    if (path.extension() == ".pcapng") names.push_back(path);
  }
  std::ranges::sort(names);
  return names;
}

std::string path_of(const std::string& name) {
  return EVB_CAPTURES "/" + name + (name.ends_with(".pcapng") ? "" : ".pcap");
}

/// Holds `text` to the file of this name, or writes it. Captures of scenarios have expectations of
/// their own.
void expect_golden(const std::string& name, std::string text) {
  if (name.find('/') != std::string::npos) return;
  for (auto at = text.find(EVB_CAPTURES); at != std::string::npos; at = text.find(EVB_CAPTURES)) {
    text.replace(at, std::string_view(EVB_CAPTURES).size(), "captures");
  }
  const auto path = fmt::format("{}/tests/agent/replay_golden/{}.txt", EVB_SOURCE_DIR, name);
  if (std::getenv("EVBD_REWRITE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
  }
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << name;
}

class Capture : public testing::TestWithParam<std::string> {};

TEST_P(Capture, IsDecodedLineByLine) {
  const auto printed = evbreplay({"decode", path_of(GetParam())});
  EXPECT_EQ(printed.exit, 0);
  EXPECT_EQ(printed.err, "");
  expect_golden(GetParam() + ".decode", printed.out);
}

TEST_P(Capture, IsJudged) {
  const auto printed = evbreplay({"check", path_of(GetParam())});
  EXPECT_THAT(printed.exit, testing::AnyOf(0, code_of(Exit::kBroken)));
  EXPECT_EQ(printed.exit == 0, printed.out.find("Verdict: 0 must") != std::string::npos);
  EXPECT_EQ(printed.err, "");
  expect_golden(GetParam() + ".check", printed.out);
}

TEST_P(Capture, IsJsonWhereItIsAskedFor) {
  std::istringstream lines(evbreplay({"decode", "--json", path_of(GetParam())}).out);
  std::uint64_t frames = 0;
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document frame;
    ASSERT_FALSE(frame.Parse(line.c_str()).HasParseError()) << line;
    EXPECT_EQ(frame["frame"].GetUint64(), ++frames);
  }
  rapidjson::Document finding;
  finding.Parse(evbreplay({"check", "--json", path_of(GetParam())}).out.c_str());
  ASSERT_FALSE(finding.HasParseError());
  EXPECT_EQ(finding["frames"].GetUint64(), frames);
}

std::string name_of(const testing::TestParamInfo<std::string>& capture) {
  auto name = capture.param;
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, Capture, testing::ValuesIn(captures()), name_of);

TEST(Decode, ShowsEveryFieldWithItsOctet) {
  for (const auto* name : {"lldpad-evb22-lifecycle", "handmade-vdp-all-formats",
                           "handmade-draft02-ecp-vdp", "handmade-draft02-evb-tlv", "tcpdump-evb",
                           "lldpd-med-loc-malformed", "tcpdump-lldp_asan"}) {
    const auto printed = evbreplay({"decode", "-v", path_of(name)});
    EXPECT_EQ(printed.exit, 0);
    expect_golden(std::string(name) + ".verbose", printed.out);
  }
}

std::size_t lines_of(const Words& options, const std::string& name) {
  Words words{"decode", path_of(name)};
  words.insert(words.end(), options.begin(), options.end());
  const auto out = evbreplay(words).out;
  return static_cast<std::size_t>(std::ranges::count(out, '\n'));
}

TEST(Decode, ShowsWhatIsAskedFor) {
  const std::string name = "lldpad-evb22-lifecycle";
  const auto all = lines_of({}, name);
  EXPECT_EQ(all, 134U);
  EXPECT_EQ(lines_of({"--type", "lldp"}, name) + lines_of({"--type", "ecp"}, name), all);
  EXPECT_EQ(lines_of({"--type", "request", "--type", "ack"}, name),
            lines_of({"--type", "ecp"}, name));
  EXPECT_EQ(lines_of({"--type", "ack"}, name), 53U);
  EXPECT_EQ(lines_of({"--type", "pre-associate"}, name), 2U);
  EXPECT_EQ(lines_of({"--vsi", "fa9b7fff-b0a0-4893-8e0e-beef", "--type", "de-associate"}, name),
            3U);
  EXPECT_EQ(lines_of({"--port", "02:00:00:00:00:01"}, name) +
                lines_of({"--port", "02:00:00:00:00:02"}, name),
            all);
  EXPECT_EQ(lines_of({"--type", "broken"}, "tcpdump-lldp_asan"), 1U);
  EXPECT_EQ(lines_of({"--type", "draft02"}, "handmade-draft02-ecp-vdp"),
            lines_of({}, "handmade-draft02-ecp-vdp"));
}

TEST(Decode, SaysWhatIsWrongWithAFilter) {
  const auto type = evbreplay({"decode", "--type", "stp", path_of("tcpdump-evb")});
  EXPECT_EQ(type.exit, code_of(Exit::kUsage));
  EXPECT_EQ(type.err,
            "evbreplay: --type 'stp' is none that there is; 'evbreplay decode --help' lists "
            "them.\n");
  const auto port = evbreplay({"decode", "--port", "eth0", path_of("tcpdump-evb")});
  EXPECT_EQ(port.exit, code_of(Exit::kUsage));
  EXPECT_THAT(port.err, HasSubstr("--port 'eth0' is no MAC address"));
}

TEST(Decode, ShowsBrokenFramesWithTheRule) {
  Talk talk;
  talk.tags = {0x88, 0xA8, 0, 5};
  base::Octets ulpdu;
  vdp::append_manager(ulpdu, talk.manager);
  vdp::append_association(ulpdu, support::associate());
  ulpdu[18 + 2 + 24] = 3;  // entries that are not there
  talk.request(talk.station, base::Bytes(ulpdu));
  const TemporaryFile file(support::pcap_file(talk.frames));
  EXPECT_EQ(evbreplay({"decode", file.path()}).out,
            "      1    0.000000  02:00:00:00:a0:01  [S-VID 5] ECP request 1 manager 11  ! "
            "association TLV: entry count does not fit the length at octet 65 (V31)\n");
  const auto verbose = evbreplay({"decode", "-v", file.path()}).out;
  EXPECT_THAT(verbose, HasSubstr("          65  ! association TLV: entry count does not fit"));
  EXPECT_THAT(verbose, HasSubstr("          65  number of entries   3\n"));
}

TEST(Decode, TakesAFrameThatTheCaptureCutForWhatItIs) {
  Talk talk;
  talk.request(talk.station, {support::associate()});
  auto contents = support::pcap_file(talk.frames);
  constexpr std::size_t kCaptured = 24 + 8;  // of the record's header, behind the file's
  contents[kCaptured] = 50;
  contents.resize(24 + 16 + 50);
  const TemporaryFile file(contents);
  EXPECT_EQ(evbreplay({"decode", file.path()}).out,
            "      1    0.000000  02:00:00:00:a0:01  ECP request 1; the capture keeps only the "
            "beginning\n");
  EXPECT_EQ(evbreplay({"check", file.path()}).exit, 0);
}

TEST(Evbreplay, EndsWithACodeForEachTrouble) {
  const auto damaged_frames = [] {
    Talk talk;
    return support::pcap_file(talk.hello().frames);
  };
  auto cut = damaged_frames();
  cut.resize(cut.size() - 3);
  const TemporaryFile damaged(cut);
  const TemporaryFile empty({});
  for (const std::string command : {"decode", "check"}) {
    EXPECT_EQ(evbreplay({command, "/nowhere.pcap"}).exit, code_of(Exit::kMissing));
    EXPECT_EQ(evbreplay({command, empty.path()}).exit, code_of(Exit::kUnusable));
    EXPECT_EQ(evbreplay({command}).exit, code_of(Exit::kUsage));
    const auto printed = evbreplay({command, damaged.path()});
    EXPECT_EQ(printed.exit, code_of(Exit::kDamaged));
    EXPECT_THAT(printed.err, StartsWith("evbreplay: "));
    EXPECT_THAT(printed.err, HasSubstr("cut off or damaged after frame 3"));
    EXPECT_NE(printed.out, "");
  }
  EXPECT_EQ(evbreplay({"check", "--json", "--junit", damaged.path()}).exit, code_of(Exit::kUsage));
  EXPECT_EQ(evbreplay({"explode"}).exit, code_of(Exit::kUsage));
}

TEST(Evbreplay, SaysWhenItsOutputCannotBeWritten) {
  std::FILE* const full = std::fopen("/dev/full", "w");
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const err = open_memstream(&text, &size);
  EXPECT_EQ(run({"decode", path_of("lldpad-evb22-lifecycle")}, full, err), code_of(Exit::kFailed));
  std::fclose(full);
  std::fclose(err);
  EXPECT_THAT(std::string(text, size), HasSubstr("The output could not be written: No space"));
  std::free(text);
}

TEST(Check, IsJunitWhereItIsAskedFor) {
  Talk talk;
  talk.hello().request(talk.station, {support::associate()}).pass(100ms).again(talk.station);
  const TemporaryFile file(support::pcap_file(talk.frames));
  const auto printed = evbreplay({"check", "--junit", file.path()});
  EXPECT_EQ(printed.exit, code_of(Exit::kBroken));
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(printed.out.c_str()));
  const auto suite = document.child("testsuite");
  EXPECT_EQ(suite.attribute("failures").as_int(), 1);
  EXPECT_GT(suite.attribute("tests").as_int(), 10);
  const auto early = suite.find_child_by_attribute("name", "ecp-resend-early");
  EXPECT_STREQ(early.attribute("classname").value(), "P04");
  EXPECT_THAT(early.child("failure").text().get(),
              StartsWith("frame 6, station 02:00:00:00:a0:01: expected 163.84 ms after the last "
                         "send; seen 100.05 ms; likely: "));
}

TEST(Check, FoldsWhatIsTheSameAgain) {
  Talk talk;
  talk.hello();
  auto tlv = support::associate();
  tlv.filters.entries.begin()->pcp = 3;
  for (int i = 0; i < 3; ++i) talk.command(tlv).pass(10486ms);
  const TemporaryFile file(support::pcap_file(talk.frames));
  const auto out = evbreplay({"check", file.path()}).out;
  EXPECT_THAT(out, HasSubstr("3 times, the last in frame 13\n"));
  EXPECT_THAT(out, EndsWith("Verdict: 0 must, 0 should, 3 notes\n"));
}

TEST(EvbreplayTable, IsWhatTheManPageSays) {
  support::expect_man_page(program(), "agent/replay/evbreplay.1.scd");
}

TEST(EvbreplayTable, HelpAndCompletionKnowTheCommands) {
  const auto help = evbreplay({"--help"});
  EXPECT_EQ(help.exit, 0);
  for (const auto& command : program().commands) {
    EXPECT_THAT(help.out, HasSubstr(synopsis(program(), command)));
  }
  EXPECT_EQ(support::completed(program(), "evbreplay deco", 1), "decode\n");
  EXPECT_EQ(support::completed(program(), "evbreplay decode --ver", 2), "--verbose\n");
}

TEST(EvbreplayTable, EveryCommandOfItIsInTheProgram) {
  for (const auto& command : program().commands) {
    Words words{std::string(command.noun)};
    if (!command.verb.empty()) words.emplace_back(command.verb);
    for (std::size_t i = 0; i < command.min_operands; ++i) words.emplace_back("/nowhere.pcap");
    EXPECT_THAT(evbreplay(words).err, testing::Not(HasSubstr("not in the program")))
        << synopsis(program(), command);
  }
}

TEST(EvbreplayRules, ListsEveryRule) {
  const auto printed = evbreplay({"rules"});
  EXPECT_EQ(printed.exit, 0);
  EXPECT_THAT(printed.out, HasSubstr("ecp-resend-early              must   P04  43.3.6.1"));
}

}  // namespace
}  // namespace agent::replay
