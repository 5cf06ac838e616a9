// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "agent/ctl/evbctl.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent::ctl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Said {
  int exit;
  std::string out;
  std::string err;
};

constexpr const char* kFile = R"([[vsi_type]]
manager = "192.0.2.20"
id = 1193047
version = 2
untagged = 2

[[port_profile]]
name = "finance"
vsi_type = { manager = "192.0.2.20", id = 1193047, version = 2 }
transmit = "100 Mbit/s"
)";

/// The commands on a database of the test's own; no evbd runs.
class EvbctlProfile : public testing::Test {
 protected:
  Said evbctl(std::vector<std::string> words) const {
    words.insert(words.end(), {"--db", directory + "/profiles.db", "--socket", "/nowhere"});
    char* texts[2] = {};
    std::size_t sizes[2] = {};
    std::FILE* files[2] = {open_memstream(&texts[0], &sizes[0]),
                           open_memstream(&texts[1], &sizes[1])};
    const int exit = run(words, files[0], files[1]);
    for (auto* const file : files) std::fclose(file);
    Said said{exit, texts[0], texts[1]};
    for (auto* const text : texts) std::free(text);
    return said;
  }
  std::string file(const std::string& content) const {
    const auto path = directory + "/profiles.toml";
    std::ofstream(path) << content;
    return path;
  }

  const support::TemporaryFolder folder_;
  const std::string directory = folder_.path();
};

TEST_F(EvbctlProfile, ExportsWhatItImported) {
  const auto imported = evbctl({"profile", "import", file(kFile)});
  EXPECT_EQ(imported.exit, 0) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("2 added, 0 changed, 0 removed; revision 1"));
  EXPECT_EQ(evbctl({"profile", "export"}).out, kFile);
  EXPECT_THAT(evbctl({"type", "export", "192.0.2.20/1193047/2"}).out, StartsWith("[[vsi_type]]"));
  EXPECT_THAT(evbctl({"profile", "show"}).out, HasSubstr("finance"));
  EXPECT_THAT(evbctl({"type", "show"}).out, HasSubstr("1193047 version 2 of 192.0.2.20"));
  EXPECT_THAT(evbctl({"profile", "show", "finance"}).out,
              HasSubstr("guest transmits   100 Mbit/s, bursts of 250000 B (default)"));
  EXPECT_THAT(evbctl({"profile", "show", "finance", "--json"}).out, StartsWith("[\n{"));
}

TEST_F(EvbctlProfile, TellsEveryProblemWithItsLineAndChangesNothing) {
  ASSERT_EQ(evbctl({"profile", "import", file(kFile)}).exit, 0);
  const auto path = file("[[port_profile]]\nname = \"a\"\nmtu = 1\nspeed = 2\n");
  for (const std::string verb : {"check", "import", "diff"}) {
    const auto said = evbctl({"profile", verb, path});
    EXPECT_EQ(said.exit, 2) << verb;
    EXPECT_THAT(said.err, HasSubstr(path + ":3:7: [[port_profile]]: mtu = 1 is out of range"));
    EXPECT_THAT(said.err, HasSubstr(path + ":4:1: [[port_profile]]: unknown key speed"));
  }
  EXPECT_EQ(evbctl({"profile", "export"}).out, kFile);
  EXPECT_THAT(evbctl({"profile", "check", path, "--json"}).out, HasSubstr("\"line\":3"));
}

TEST_F(EvbctlProfile, RefusesAnotherBodyUnlessForced) {
  ASSERT_EQ(evbctl({"profile", "import", file(kFile)}).exit, 0);
  const auto refused = evbctl({"type", "set", "192.0.2.20/1193047/2", "untagged=3"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("exists with another body"));
  EXPECT_EQ(evbctl({"profile", "export"}).out, kFile);
  EXPECT_EQ(evbctl({"type", "set", "192.0.2.20/1193047/2", "untagged=3", "--force"}).exit, 0);
  EXPECT_THAT(evbctl({"profile", "import", file(kFile)}).err, HasSubstr(":1:1: VSI type 1193047"));
}

TEST_F(EvbctlProfile, SetsSingleParametersAndShowsTheDifference) {
  ASSERT_EQ(evbctl({"profile", "import", file(kFile)}).exit, 0);
  EXPECT_EQ(evbctl({"profile", "set", "finance", "mtu=9000", "transmit="}).exit, 0);
  const auto diff = evbctl({"profile", "diff", file(kFile)});
  EXPECT_EQ(diff.exit, 1);
  EXPECT_EQ(diff.out, "profile finance: changed\n  - mtu = 9000\n  + transmit = \"100 Mbit/s\"\n");
  EXPECT_EQ(evbctl({"profile", "set", "web", "mtu=9000"}).exit, 4);
  EXPECT_EQ(evbctl({"profile", "set", "web", "mtu=9000", "--create"}).exit, 0);
  EXPECT_EQ(evbctl({"profile", "set", "web", "mtu=1"}).exit, 2);
  EXPECT_EQ(evbctl({"profile", "delete", "web", "nobody"}).exit, 4);
  EXPECT_EQ(evbctl({"profile", "show", "web"}).exit, 0) << "all or none";
  EXPECT_EQ(evbctl({"type", "delete", "192.0.2.20/1193047/2"}).exit, 1) << "finance needs it";
  EXPECT_THAT(evbctl({"profile", "import", file(""), "--replace"}).out, HasSubstr("3 removed"));
}

TEST_F(EvbctlProfile, TellsByItsExitCodeWhatIsWrongWithTheDatabase) {
  EXPECT_EQ(evbctl({"profile", "show"}).exit, 4) << "there is none";
  std::ofstream(directory + "/profiles.db") << "this is no database, but text of some length";
  const auto damaged = evbctl({"profile", "import", file(kFile)});
  EXPECT_EQ(damaged.exit, 1);
  EXPECT_THAT(damaged.err, HasSubstr("file is not a database"));
  EXPECT_EQ(evbctl({"type", "show", "7"}).exit, 2);
}

}  // namespace
}  // namespace agent::ctl
