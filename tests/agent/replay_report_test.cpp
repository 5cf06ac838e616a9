// SPDX-License-Identifier: Apache-2.0
// evbreplay report: the page as a document. How a browser shows it is tests/system/test_report.py.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "agent/replay/evbreplay.hpp"
#include "agent/replay/exit_codes.hpp"
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

}  // namespace
}  // namespace agent::replay
