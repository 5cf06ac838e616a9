// SPDX-License-Identifier: Apache-2.0
// evbreplay report: the page as a document. How a browser shows it is tests/system/test_report.py.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "agent/capture/pcapng_writer.hpp"
#include "agent/replay/evbreplay.hpp"
#include "agent/replay/exit_codes.hpp"
#include "agent/replay/report/frame_comments.hpp"
#include "agent/replay/report/html.hpp"
#include "tests/support/capture_builder.hpp"
#include "tests/support/program_checks.hpp"
#include "tests/support/talk.hpp"

namespace agent::replay {
namespace {

namespace fs = std::filesystem;
using support::Talk;
using support::TemporaryFile;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;
using namespace std::chrono_literals;

support::Printed evbreplay(const Words& words) { return support::run_program(run, words); }

support::Printed report_of(const std::string& path, Words more = {}) {
  Words words{"report", path, "-o", "-"};
  words.insert(words.end(), more.begin(), more.end());
  return evbreplay(words);
}

/// The page as what an XML parser makes of it, which is stricter than a browser.
class Document {
 public:
  explicit Document(const std::string& html) : html_(html) {
    const auto parsed =
        document_.load_string(html.c_str(), pugi::parse_default | pugi::parse_doctype);
    EXPECT_TRUE(parsed) << parsed.description() << " before "
                        << html.substr(static_cast<std::size_t>(parsed.offset), 80);
  }

  std::size_t count(const char* query) const { return document_.select_nodes(query).size(); }
  std::vector<std::string> all(const char* query) const {
    std::vector<std::string> values;
    for (const auto& found : document_.select_nodes(query)) {
      values.emplace_back(found.attribute() ? found.attribute().value()
                                            : found.node().text().get());
    }
    return values;
  }
  std::string text(const char* query) const {
    std::string text;
    for (const auto& found : document_.select_nodes(query)) append(text, found.node());
    return text;
  }
  pugi::xpath_node_set nodes(const char* query) const { return document_.select_nodes(query); }
  const std::string& html() const { return html_; }

 private:
  static void append(std::string& text, const pugi::xml_node& node) {
    text += node.value();
    for (const auto& child : node.children()) append(text, child);
  }
  std::string html_;
  pugi::xml_document document_;
};

/// What holds for every page, whatever was captured.
void expect_sound(const Document& page) {
  const auto ids = page.all("//@id");
  const std::set<std::string> known(ids.begin(), ids.end());
  EXPECT_EQ(known.size(), ids.size()) << "an id stands twice";
  for (const auto& link : page.all("//@href")) {
    ASSERT_TRUE(link.starts_with('#')) << link;
    EXPECT_TRUE(known.contains(link.substr(1))) << link << " leads nowhere";
  }
  EXPECT_EQ(page.count("//script|//img|//link|//iframe|//object|//embed|//@src|//@style"), 0);
  EXPECT_EQ(page.count("//@*[starts-with(name(), 'on')]"), 0);
  EXPECT_THAT(page.html(), Not(HasSubstr("url(")));
  EXPECT_THAT(page.html(), Not(HasSubstr("@import")));
  EXPECT_EQ(page.count("//meta[@http-equiv='Content-Security-Policy'][starts-with(@content, "
                       "\"default-src 'none'\")]"),
            1);
}

constexpr auto kArrows = "//details//*[local-name()='svg'][starts-with(@class, 'arrow ')]";

std::vector<std::string> captures() {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(EVB_CAPTURES)) {
    const auto kind = entry.path().extension();
    if (kind == ".pcap" || kind == ".pcapng") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

class ReportOf : public testing::TestWithParam<std::string> {};

TEST_P(ReportOf, IsSoundAndTellsWhatCheckTells) {
  const auto checked = evbreplay({"check", GetParam()});
  const auto printed = report_of(GetParam());
  EXPECT_EQ(printed.exit, checked.exit);
  EXPECT_EQ(printed.err, "");
  const Document page(printed.out);
  expect_sound(page);
  std::istringstream decoded(evbreplay({"decode", GetParam()}).out);
  std::size_t frames = 0;
  for (std::string line; std::getline(decoded, line);) ++frames;
  EXPECT_EQ(page.count(kArrows), frames);
  EXPECT_EQ(page.count("//details[starts-with(@class, 'row frame')]/div[@class='box']"), frames);
  std::size_t deviations = 0;
  std::istringstream lines(checked.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("         likely: ")) ++deviations;
  }
  EXPECT_EQ(page.count("//article[starts-with(@class, 'deviation')]"), deviations);
}

std::string name_of(const testing::TestParamInfo<std::string>& capture) {
  auto name = fs::relative(capture.param, EVB_CAPTURES).string();
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, ReportOf, testing::ValuesIn(captures()), name_of);

TEST(Html, LetsNothingThroughThatIsMarkupOrMovesText) {
  using report::escaped;
  EXPECT_EQ(escaped("<a href=\"x\" id='y'>&amp;"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;");
  EXPECT_EQ(escaped("caf\xC3\xA9 \xF0\x9F\x98\x80"), "caf\xC3\xA9 \xF0\x9F\x98\x80");
  for (const auto* text : {"\x01", "\x7F", "\xFF", "\xC0", "\xED\xA0\x80", "\xE2\x80\xAE",
                           "\xE2\x81\xA6", "\xEF\xBF\xBE", "\xC2"}) {
    EXPECT_THAT(escaped(text), testing::MatchesRegex("(\xEF\xBF\xBD)+"))
        << testing::PrintToString(text);
  }
}

TEST(Html, EscapesEveryTextItIsGiven) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const file = open_memstream(&text, &size);
  report::Page page(file);
  page.add("<p>{}{}{}{}</p>", "<", std::string("&"), 7, report::Markup{"<b/>"});
  page.flush();
  std::fclose(file);
  EXPECT_EQ(std::string(text, size), "<p>&lt;&amp;7<b/></p>");
  std::free(text);
}

// ---- Field and octet ---------------------------------------------------------------------------

TEST(FrameBox, EveryFieldHasItsOctets) {
  const Document page(report_of(EVB_CAPTURES "/handmade-vdp-all-formats.pcap").out);
  std::size_t fields = 0;
  for (const auto& part : page.nodes("//div[@class='part']")) {
    std::set<std::string> lit;
    for (const auto& octets : part.node().select_nodes("p/span/@class")) {
      std::istringstream classes(octets.attribute().value());
      for (std::string one; classes >> one;) lit.insert(one);
    }
    for (const auto& row : part.node().select_nodes("table//tr/@class")) {
      ++fields;
      EXPECT_TRUE(lit.contains(row.attribute().value())) << row.attribute().value();
    }
  }
  EXPECT_GT(fields, 100);
  const auto octets = page.text("(//div[@class='part'])[1]/p[@class='octets']");
  EXPECT_THAT(octets, testing::StartsWith("01 80 c2 00 00 00"));
}

// ---- Whatever is captured ----------------------------------------------------------------------

TEST(Report, NamesOfACaptureAreInert) {
  const std::string name = "<script>alert(1)</script>\" onclick='x'&\xE2\x80\xAE";
  Talk talk;
  base::Octets lldpdu{
      0x02, 0x07, 4,   2,   0,    0, 0, 0,   1,      0x04,
      0x03, 7,    'e', '0', 0x06, 2, 0, 121, 5 << 1, static_cast<std::uint8_t>(name.size())};
  lldpdu.insert(lldpdu.end(), name.begin(), name.end());
  lldpdu.insert(lldpdu.end(), {0, 0});
  talk.frame(talk.station, 0x88CC, lldpdu);
  const TemporaryFile file(support::pcap_file(talk.frames));
  const Document page(report_of(file.path()).out);
  expect_sound(page);
  EXPECT_THAT(page.text("//span[@class='say']"),
              HasSubstr("<script>alert(1)</script>\" onclick='x'&\xEF\xBF\xBD"));
}

/// As many keep-alives as one likes, with the LLDPDUs that keep EVB on.
Talk long_talk(int keep_alives) {
  Talk talk;
  talk.hello().command(support::associate());
  for (int i = 0; i < keep_alives; ++i) {
    talk.pass(10486ms).command(support::associate());
    if (i % 3 == 0) talk.lldp(talk.station).lldp(talk.bridge);
  }
  return talk;
}

TEST(Report, OfALargeCaptureDrawsWhatMattersAndCountsTheRest) {
  auto talk = long_talk(2000);
  const auto quiet = talk.number();
  talk.request(talk.station, {support::associate(2)}).pass(100ms).again(talk.station);
  const auto early = talk.number();
  const TemporaryFile file(support::pcap_file(talk.frames));
  const auto printed = report_of(file.path());
  EXPECT_EQ(printed.exit, code_of(Exit::kBroken));
  const Document page(printed.out);
  expect_sound(page);
  EXPECT_LE(page.count(kArrows), 500);
  EXPECT_EQ(
      page.count(fmt::format("//details[contains(@class, 'must')]/div[@id='f{}']", early).c_str()),
      1);
  EXPECT_EQ(page.count(fmt::format("//div[@id='f{}']", quiet).c_str()), 1)
      << "what stands around it";
  std::size_t told = page.count(kArrows);
  for (const auto& row : page.all("//div[contains(@class, 'elided')]//span[@class='say']")) {
    told += std::stoul(row);
  }
  EXPECT_EQ(told, talk.number());
  const Document small(report_of(file.path(), {"--frames", "3"}).out);
  EXPECT_EQ(small.count(kArrows), 3);
  EXPECT_EQ(small.count(fmt::format("//div[@id='f{}']", early).c_str()), 1)
      << "the worst is drawn first";
  expect_sound(small);
}

TEST(Report, GrowsWithWhatIsDrawnOnly) {
  const TemporaryFile some(support::pcap_file(long_talk(1000).frames));
  const TemporaryFile many(support::pcap_file(long_talk(10'000).frames));
  const auto small = report_of(some.path()).out.size();
  const auto large = report_of(many.path()).out.size();
  EXPECT_LT(large, small + small / 10);
}

TEST(Report, DrawsClientsThatTheJournalKnows) {
  const auto folder = fs::path(EVB_CAPTURES) / "pair-associate";
  const Document page(report_of(folder).out);
  expect_sound(page);
  EXPECT_THAT(page.text("//span[@class='head'][1]"), HasSubstr("clients"));
  const auto wishes = page.all("//div[@class='row wish']//span[@class='say']");
  ASSERT_EQ(wishes.size(), 2);
  EXPECT_THAT(wishes[0], testing::StartsWith("associate vsi=09b11c53-"));
  EXPECT_THAT(wishes[1], testing::StartsWith("deassociate vsi=09b11c53-"));
  // The wish stands before the request that it led to.
  EXPECT_EQ(page.count("//div[@class='row wish'][1]/following-sibling::details[1]/div[@id='f6']"),
            1);
  // Without the journal, what evbd said of the frames remains.
  const Document alone(report_of(folder / "frames.pcapng").out);
  EXPECT_THAT(alone.text("//span[@class='comment']"), HasSubstr("because the VSI was admitted"));
}

TEST(Report, DrawsClientsThatCommentsKnow) {
  const Document page(report_of(EVB_CAPTURES "/evb-goes/frames.pcapng").out);
  expect_sound(page);
  const auto wishes = page.all("//div[@class='row wish']//span[@class='say']");
  ASSERT_GT(wishes.size(), 0);
  EXPECT_THAT(wishes[0], testing::StartsWith("a client asked for frame "));
  EXPECT_THAT(page.text("//span[@class='head'][1]"), HasSubstr("clients"));
}

TEST(Report, MoreEndsThanThereIsRoomForShareALane) {
  Talk talk;
  for (std::uint8_t i = 0; i < 20; ++i) {
    talk.station.address.octets[5] = i;
    talk.lldp(talk.station);
  }
  const TemporaryFile file(support::pcap_file(talk.frames));
  const Document page(report_of(file.path()).out);
  expect_sound(page);
  EXPECT_EQ(page.count("//span[@class='head']"), 8);  // six, the others, the link
  EXPECT_THAT(page.text("//span[@class='head'][7]"), HasSubstr("others 14 more"));
  EXPECT_EQ(page.count(kArrows), 20);
}

TEST(Report, TellsOfEndsTimersVsisAndStatements) {
  const Document page(report_of(EVB_CAPTURES "/lldpad-evb22-bridge-frozen.pcap").out);
  const auto ends = page.text("//section[@id='ends']//tbody/tr[1]");
  EXPECT_THAT(ends, testing::StartsWith("station02:00:00:00:00:01"));
  EXPECT_THAT(ends, HasSubstr("4, sent again 6, given up 1; round trip"));
  // The resends, and the responses, two of which never came.
  const auto timer = [](const char* name) {
    return fmt::format(
        "//section[@id='timers']/h3[starts-with(., '{}')]/following-sibling::ul[1]/li", name);
  };
  EXPECT_EQ(page.count(timer("ackTimer").c_str()), 6);
  EXPECT_THAT(page.text((timer("ackTimer") + "[1]").c_str()),
              testing::MatchesRegex("frame 15 .+ frame 16164.0. ms due at 163.84 ms"));
  EXPECT_EQ(page.count((timer("respWaitDelay") + "[.//*[@class='measured overdue']]").c_str()), 2);
  EXPECT_EQ(page.count("//article[@class='vsi']"), 2);
  EXPECT_EQ(page.count("//article[@class='vsi'][1]//*[local-name()='svg'][@class='swimlane']"), 3);
  EXPECT_EQ(page.all("//article[@class='vsi'][1]//*[@class='associated']/*[local-name()='svg']/*"),
            (std::vector<std::string>{"associated", "associated"}));
  const auto* const statements =
      "//section[@id='statements']/h3[.='{}']/following-sibling::div[1]//tr[@id='s-{}']";
  EXPECT_EQ(page.count(fmt::format(fmt::runtime(statements), "Exercised", "P10").c_str()), 1);
  EXPECT_EQ(page.all("//tr[@id='s-P10']//a/@href"), std::vector<std::string>{"#d1"});
  EXPECT_EQ(page.text("//tr[@id='s-P10']/td[2]"), "1");
  EXPECT_EQ(page.count(fmt::format(fmt::runtime(statements), "Not exercised", "V17").c_str()), 1);
}

// ---- What can go wrong -------------------------------------------------------------------------

TEST(Report, OfADamagedCaptureSaysSoAndTellsWhatStoodBefore) {
  auto octets = support::pcap_file(long_talk(3).frames);
  octets.resize(octets.size() - 5);
  const TemporaryFile file(octets);
  const auto printed = report_of(file.path());
  EXPECT_EQ(printed.exit, code_of(Exit::kDamaged));
  EXPECT_THAT(printed.err, HasSubstr("is cut off or damaged after frame"));
  const Document page(printed.out);
  expect_sound(page);
  EXPECT_THAT(page.text("//p[@class='damage']"), HasSubstr("is cut off or damaged after frame"));
  EXPECT_EQ(page.count(kArrows), long_talk(3).number() - 1);
}

TEST(Report, WhereThereIsNoCaptureNoPageIsWritten) {
  const TemporaryFile text(base::Octets{'h', 'e', 'l', 'l', 'o'});
  const TemporaryFile empty({});
  const auto page = fs::path(testing::TempDir()) / "never.html";
  fs::remove(page);
  for (const auto& [path, exit] : {std::pair{std::string("/nowhere.pcap"), Exit::kMissing},
                                   {text.path(), Exit::kUnusable},
                                   {empty.path(), Exit::kUnusable},
                                   {testing::TempDir(), Exit::kMissing}}) {
    const auto printed = evbreplay({"report", path, "-o", page});
    EXPECT_EQ(printed.exit, code_of(exit)) << path;
    EXPECT_NE(printed.err, "");
    EXPECT_FALSE(fs::exists(page));
  }
}

TEST(Report, RefusesToOverwriteWhatItReads) {
  const auto octets = support::pcap_file(long_talk(1).frames);
  const TemporaryFile file(octets);
  const auto link = file.path() + ".link";
  fs::create_symlink(file.path(), link);
  const std::string detour = fs::path(link).parent_path() / "." / fs::path(link).filename();
  for (const std::string& output : {file.path(), link, detour}) {
    const auto printed = evbreplay({"report", file.path(), "-o", output});
    EXPECT_EQ(printed.exit, code_of(Exit::kUsage));
    EXPECT_THAT(printed.err, HasSubstr("is what the report is made from"));
  }
  fs::remove(link);
  EXPECT_EQ(fs::file_size(file.path()), octets.size());
}

TEST(Report, SaysWhatIsWrongWithItsOptions) {
  const TemporaryFile file(support::pcap_file(long_talk(1).frames));
  EXPECT_THAT(evbreplay({"report", file.path()}).err, HasSubstr("-o FILE, or -o -"));
  for (const auto* count : {"", "x", "5x", "-1", "100001", "99999999999999999999"}) {
    const auto printed = report_of(file.path(), {"--frames", count});
    EXPECT_EQ(printed.exit, code_of(Exit::kUsage)) << count;
    EXPECT_EQ(printed.out, "");
  }
  const auto nowhere = evbreplay({"report", file.path(), "-o", "/nowhere/page.html"});
  EXPECT_EQ(nowhere.exit, code_of(Exit::kFailed));
  EXPECT_THAT(nowhere.err, HasSubstr("/nowhere/page.html: cannot be written: No such file"));
  const auto full = evbreplay({"report", file.path(), "-o", "/dev/full"});
  EXPECT_EQ(full.exit, code_of(Exit::kFailed));
  EXPECT_THAT(full.err, HasSubstr("/dev/full: cannot be written: No space"));
}

TEST(Report, LeavesNoHalfPageBehind) {
  const TemporaryFile file(support::pcap_file(long_talk(100).frames));
  const auto page = fs::path(testing::TempDir()) / "half.html";
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{50'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto printed = evbreplay({"report", file.path(), "-o", page});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(printed.exit, code_of(Exit::kFailed));
  EXPECT_THAT(printed.err, HasSubstr("half.html: cannot be written: File too large"));
  EXPECT_FALSE(fs::exists(page));
}

TEST(Report, ReadsWhatCanBeReadOnceOnly) {
  const auto octets = support::pcap_file(long_talk(5).frames);
  const TemporaryFile file(octets);
  const auto pipe = file.path() + ".pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] {
    std::ofstream(pipe, std::ios::binary)
        .write(reinterpret_cast<const char*>(octets.data()),
               static_cast<std::streamsize>(octets.size()));
  });
  const auto printed = report_of(pipe);
  writer.join();
  fs::remove(pipe);
  EXPECT_EQ(printed.exit, 0) << printed.err;
  EXPECT_EQ(Document(printed.out).count(kArrows), long_talk(5).number());
}

TEST(Report, WritesTheSamePageToAFile) {
  const auto path = EVB_CAPTURES "/lldpad-evb22-bridge-frozen.pcap";
  const auto page = fs::path(testing::TempDir()) / "page.html";
  EXPECT_EQ(evbreplay({"report", path, "--output", page}).exit, code_of(Exit::kBroken));
  std::stringstream written;
  written << std::ifstream(page).rdbuf();
  EXPECT_EQ(written.str(), report_of(path).out);
  fs::remove(page);
}

// ---- Comments ----------------------------------------------------------------------------------

report::FrameComments comments_of(const base::Octets& octets) {
  std::FILE* const file = std::tmpfile();
  std::fwrite(octets.data(), 1, octets.size(), file);
  std::rewind(file);
  return report::FrameComments(file);
}

/// A pcapng file in the other order of octets: a section header, and a frame of two octets with two
/// comments and another option between them.
const base::Octets kBigEndian{
    0x0A, 0x0D, 0x0D, 0x0A, 0,    0,    0,    28,   0x1A, 0x2B, 0x3C, 0x4D, 0, 1, 0, 0,  // section
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0,    0,    0,    28,                //
    0,    0,    0,    3,    0,    0,    0,    20,   0,    0,    0,    2,    8, 9, 0, 0,
    0,    0,    0,    20,  // simple
    0,    0,    0,    6,    0,    0,    0,    60,   0,    0,    0,    0,    0, 0, 0, 0,
    0,    0,    0,    0,                                                                 // enhanced
    0,    0,    0,    2,    0,    0,    0,    2,    8,    9,    0,    0,                 //
    0,    1,    0,    3,    'o',  'n',  'e',  0,    0,    2,    0,    4,    0, 0, 0, 1,  // options
    0,    1,    0,    2,    't',  'o',  0,    0,    0,    0,    0,    60};

TEST(FrameComments, AreReadInBothOrders) {
  auto comments = comments_of(kBigEndian);
  EXPECT_EQ(comments.next(), "");  // of the simple packet, which cannot have any
  EXPECT_EQ(comments.next(), "one; to");
  EXPECT_EQ(comments.next(), "");
  std::string file;
  capture::append_section_header(file, "test");
  capture::append_interface(file, "eth0");
  const base::Octets frame(15, 7);
  for (const std::string& comment : {std::string("first"), std::string(), std::string(5000, 'x')}) {
    capture::append_frame(file, {0, 0, capture::Direction::kInbound, frame, comment});
  }
  auto ours = comments_of({file.begin(), file.end()});
  EXPECT_EQ(ours.next(), "first");
  EXPECT_EQ(ours.next(), "");
  EXPECT_EQ(ours.next(), std::string(1000, 'x') + " ...");
}

TEST(FrameComments, EndWhereTheFileIsCutAndAreNoneInOthers) {
  for (std::size_t length = 0; length < kBigEndian.size(); ++length) {
    auto comments =
        comments_of({kBigEndian.begin(), kBigEndian.begin() + static_cast<std::ptrdiff_t>(length)});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(comments.next(), "");
  }
  auto pcap = comments_of(support::pcap_file(long_talk(1).frames));
  EXPECT_EQ(pcap.next(), "");
  report::FrameComments nowhere("/nowhere.pcapng");
  EXPECT_EQ(nowhere.next(), "");
}

}  // namespace
}  // namespace agent::replay
