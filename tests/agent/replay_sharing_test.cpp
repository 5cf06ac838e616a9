// SPDX-License-Identifier: Apache-2.0
// evbreplay anonymize and shrink: what a capture still shows, and what it does not show any more.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <list>
#include <set>
#include <sstream>

#include "agent/replay/evbreplay.hpp"
#include "agent/replay/exit_codes.hpp"
#include "agent/replay/predicate.hpp"
#include "agent/replay/shrink.hpp"
#include "agent/replay/verdict.hpp"
#include "lldp/ethernet.hpp"
#include "tests/support/program_checks.hpp"
#include "tests/support/talk.hpp"

namespace agent::replay {
namespace {

namespace fs = std::filesystem;
using support::associate;
using support::response;
using support::Talk;
using support::TemporaryFile;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

support::Printed evbreplay(const Words& words) { return support::run_program(run, words); }

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Words all_captures() {
  Words paths;
  for (const auto& entry : fs::recursive_directory_iterator(EVB_CAPTURES)) {
    const auto extension = entry.path().extension();
    if (extension == ".pcap" || extension == ".pcapng") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

/// What can be said of a capture without naming anyone.
struct Said {
  std::string verdict;                ///< every rule held and broken, every deviation's frame
  std::string frames;                 ///< kind, time, length and faults of each
  std::string octets;                 ///< of all of them, apart from what the file puts around
  std::set<std::string_view> broken;  ///< rules
  std::set<std::string> identifiers;  ///< octets of addresses, ids, names
  std::set<std::string> addresses;    ///< IPv4 and IPv6: too short to look for in all octets
};

bool telling(const lldp::MacAddress& address) {
  return address != lldp::MacAddress{} && address.octets[0] != 0xFF &&
         !(address.octets[0] == 1 && address.octets[1] == 0x80);
}

void add_identifiers(const DecodedFrame& frame, std::set<std::string>& to) {
  const auto add = [&](base::Bytes octets) { to.emplace(octets.begin(), octets.end()); };
  if (telling(frame.link.source)) add(frame.link.source.octets);
  if (frame.lldpdu && frame.lldpdu->information.system_name) {
    const auto& name = *frame.lldpdu->information.system_name;
    if (name.size() >= 6) to.insert(name);  // shorter ones may come up by chance
  }
  if (!frame.vdpdu) return;
  for (const auto& tlv : frame.vdpdu->associations) {
    if (tlv.id.format == vdp::VsiIdFormat::kUuid) add(tlv.id.octets);
    for (const auto& entry : tlv.filters.entries) {
      if (has_mac(tlv.filters.format) && telling(entry.mac)) add(entry.mac.octets);
    }
  }
}

void add_addresses(const DecodedFrame& frame, std::set<std::string>& to) {
  if (!frame.lldpdu) return;
  for (const auto& each : frame.lldpdu->information.management_addresses) {
    const bool ipv4 = each.family == 1 && each.address.size() == 4;
    const bool ipv6 = each.family == 2 && each.address.size() == 16;
    if (!ipv4 && !ipv6) continue;
    const bool kept = each.address[0] == 0 || each.address[0] == (ipv4 ? 127 : 0xFF);
    if (!kept) to.emplace(each.address.begin(), each.address.end());
  }
}

Said said_of(const std::string& path) {
  Said said;
  Verdict verdict;
  Conversation conversation(verdict);
  auto file = CaptureFile::open(path);
  CapturedFrame captured;
  DecodedFrame frame;
  for (auto more = file->next(captured); more && *more; more = file->next(captured)) {
    decode_frame(file->link_type(), captured, frame);
    conversation.take(frame);
    add_identifiers(frame, said.identifiers);
    said.octets.append(captured.octets.begin(), captured.octets.end());
    said.octets += "between two frames";
    add_addresses(frame, said.addresses);
    said.frames +=
        fmt::format("{} {} {} {} {}", captured.number, captured.nanoseconds, captured.octets.size(),
                    captured.wire_length, static_cast<int>(frame.protocol));
    for (const auto& fault : frame.faults) {
      said.frames += fmt::format(" {}@{}", fault.part, fault.octet);
    }
    said.frames += '\n';
  }
  conversation.finish();
  for (const auto* rule : all_rules()) {
    const auto count = verdict.count(*rule);
    said.verdict += fmt::format("{} held {} broken {}\n", rule->id, count.held, count.broken);
  }
  for (const auto& one : verdict.deviations()) {
    said.verdict += fmt::format("{} {} {}\n", one.moment.frame, one.rule->id, one.times);
    said.broken.insert(one.rule->id);
  }
  return said;
}

class Anonymize : public testing::TestWithParam<std::string> {
 protected:
  TemporaryFile made_{base::Octets{}};
};

TEST_P(Anonymize, SaysTheSameOfNobody) {
  const auto told = evbreplay({"anonymize", GetParam(), "-o", made_.path()});
  const auto before = said_of(GetParam());
  ASSERT_THAT(told.exit, testing::AnyOf(0, code_of(Exit::kDamaged))) << told.err;
  const auto after = said_of(made_.path());
  EXPECT_EQ(after.frames, before.frames);
  EXPECT_EQ(after.verdict, before.verdict);
  EXPECT_EQ(after.identifiers.size(), before.identifiers.size());
  for (const auto& identifier : before.identifiers) {
    EXPECT_EQ(after.octets.find(identifier), std::string::npos)
        << testing::PrintToString(identifier);
  }
  EXPECT_EQ(after.addresses.size(), before.addresses.size());
  for (const auto& address : before.addresses) {
    EXPECT_FALSE(after.addresses.contains(address)) << testing::PrintToString(address);
  }
}

INSTANTIATE_TEST_SUITE_P(Captures, Anonymize, testing::ValuesIn(all_captures()),
                         [](const auto& test) {
                           auto name = fs::relative(test.param, EVB_CAPTURES).string();
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

class Sharing : public testing::Test {
 protected:
  /// A talk in which an acknowledgement is missing, and the request is never sent again.
  Sharing() {
    talk_.hello().command(associate(1));
    talk_.request(talk_.station, {associate(2)}).pass(std::chrono::seconds(30));
    talk_.command(associate(3)).lldp(talk_.station);
    capture_ = std::make_unique<TemporaryFile>(support::pcap_file(talk_.frames));
  }
  const std::string& capture() const { return capture_->path(); }
  TemporaryFile key(std::string_view text) const {
    return TemporaryFile(base::Octets(text.begin(), text.end()));
  }
  std::string made_with(const TemporaryFile& key) const {
    const auto told = evbreplay({"anonymize", capture(), "-o", made_.path(), "--key", key.path()});
    EXPECT_EQ(told.exit, 0) << told.err;
    return contents(made_.path());
  }

  Talk talk_;
  std::unique_ptr<TemporaryFile> capture_;
  TemporaryFile made_{base::Octets{}};
};

TEST_F(Sharing, AKeyMakesTheMappingRepeatable) {
  const auto one = key("a secret of ours");
  const auto other = key("a secret of theirs");
  EXPECT_EQ(made_with(one), made_with(one));
  EXPECT_NE(made_with(one), made_with(other));
}

TEST_F(Sharing, WithoutAKeyTheMappingIsAnotherOneEachTime) {
  const auto first = evbreplay({"anonymize", capture(), "-o", "-"});
  const auto second = evbreplay({"anonymize", capture(), "-o", "-"});
  EXPECT_EQ(first.out.size(), contents(capture()).size());
  EXPECT_NE(first.out, second.out);
  EXPECT_THAT(first.err, HasSubstr("frames:    "));
}

TEST_F(Sharing, AShiftMovesEveryTime) {
  const auto shifted =
      evbreplay({"anonymize", capture(), "-o", made_.path(), "--shift", "86400.5"});
  ASSERT_EQ(shifted.exit, 0) << shifted.err;
  auto before = CaptureFile::open(capture());
  auto after = CaptureFile::open(made_.path());
  CapturedFrame one;
  CapturedFrame other;
  while (*before->next(one)) {
    ASSERT_TRUE(*after->next(other));
    EXPECT_EQ(other.nanoseconds - one.nanoseconds, 86'400'500'000'000);
  }
}

TEST_F(Sharing, SaysWhatWasZeroed) {
  auto frames = talk_.frames;
  auto octets = frames.front().octets;
  octets[12] = 0x08, octets[13] = 0x00;
  frames.push_back({frames.back().at, octets});
  const TemporaryFile foreign(support::pcap_file(frames));
  const auto told = evbreplay({"anonymize", foreign.path(), "-o", made_.path()});
  EXPECT_THAT(told.out, HasSubstr("payload of 1 frames of other protocols"));
}

TEST_F(Sharing, RefusesWhatCannotBe) {
  const auto short_key = key("short");
  const TemporaryFile old(
      support::pcap_file({{std::chrono::nanoseconds(0), talk_.frames[0].octets}}));
  const std::pair<Words, std::string> cases[] = {
      {{"anonymize", capture()}, "Say where the capture goes"},
      {{"anonymize", capture(), "-o", capture()}, "is what is read"},
      {{"anonymize", capture(), "-o", made_.path(), "--shift", "soon"}, "not a number of seconds"},
      {{"anonymize", capture(), "-o", made_.path(), "--key", "/nonexistent"}, "cannot be read"},
      {{"anonymize", capture(), "-o", made_.path(), "--key", short_key.path()},
       "at least 8 octets"},
      {{"anonymize", capture(), "-o", "/nonexistent/x"}, "cannot be written"},
      {{"anonymize", old.path(), "-o", made_.path(), "--shift", "-1"}, "1970"},
      {{"shrink", capture()}, "Say what has to show"},
      {{"shrink", capture(), "--until", "decode fails", "-o", capture()}, "is what is read"},
      {{"shrink", capture(), "--until", "check fails", "-o", made_.path()}, "no condition"},
      {{"shrink", capture(), "--until", "check fails with P99", "-o", made_.path()},
       "knows no rule"},
      {{"shrink", capture(), "--until", "decode fails with x", "-o", made_.path()}, "no statement"},
      {{"shrink", capture(), "--until", "decode fails", "-o", made_.path()}, "nothing to shrink"},
  };
  const auto before = contents(capture());
  for (const auto& [words, sentence] : cases) {
    const auto told = evbreplay(words);
    EXPECT_NE(told.exit, 0) << sentence;
    EXPECT_THAT(told.err, HasSubstr(sentence));
  }
  EXPECT_EQ(contents(capture()), before);
}

/// Whether some frame of the file can be left out, and the rest still answers yes.
bool can_be_smaller(const std::string& path, const Predicate& until) {
  auto file = CaptureFile::open(path);
  std::vector<CapturedFrame> frames;
  std::list<base::Octets> octets;  // the file's own are gone with the next frame
  CapturedFrame captured;
  for (auto more = file->next(captured); more && *more; more = file->next(captured)) {
    octets.emplace_back(captured.octets.begin(), captured.octets.end());
    frames.push_back(captured);
    frames.back().octets = octets.back();
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::vector<const CapturedFrame*> rest;
    for (const auto& each : frames) {
      if (&each != &frames[i]) rest.push_back(&each);
    }
    if (until.holds(file->link_type(), rest)) return true;
  }
  return false;
}

/// Of each capture that shows deviations the first one: what is left shows it, and less does not.
TEST(Shrink, LeavesOnlyWhatADeviationNeeds) {
  std::size_t shrunk = 0;
  const TemporaryFile made{base::Octets{}};
  std::set<std::string_view> seen;
  for (const auto& path : all_captures()) {
    for (const auto rule : said_of(path).broken) {
      if (!seen.insert(rule).second) continue;
      const auto until = fmt::format("check fails with {}", rule);
      const auto told = evbreplay({"shrink", path, "--until", until, "-o", made.path()});
      ASSERT_THAT(told.exit, testing::AnyOf(0, code_of(Exit::kDamaged))) << told.err;
      EXPECT_THAT(told.out, HasSubstr("without any one of them it does not show"));
      const auto text = evbreplay({"check", made.path()});
      EXPECT_THAT(text.out, HasSubstr(std::string(rule))) << path;
      EXPECT_FALSE(can_be_smaller(made.path(), *Predicate::parse(until))) << path << ": " << until;
      ++shrunk;
    }
  }
  EXPECT_GT(shrunk, 10U);
}

TEST_F(Sharing, ShrinkingGivesTheSameEachTime) {
  const auto once = [this] {
    const auto told =
        evbreplay({"shrink", capture(), "--until", "check fails with must", "-o", made_.path()});
    EXPECT_EQ(told.exit, 0) << told.err << told.out;
    return contents(made_.path()) + told.out;
  };
  EXPECT_EQ(once(), once());
}

TEST_F(Sharing, ShrinkingStopsWhenItsWorkIsDone) {
  Shrinkable from;
  for (const auto& [at, octets] : talk_.frames) {
    from.frames.push_back({from.frames.size() + 1, at.count(), octets, octets.size()});
    from.exchanges.push_back(from.frames.size());
  }
  const auto until = Predicate::parse("check fails with must");
  ASSERT_TRUE(until);
  const auto enough = shrink_frames(from, *until);
  const auto little = shrink_frames(from, *until, from.frames.size() * 2);
  EXPECT_TRUE(enough.smallest);
  EXPECT_LT(enough.frames.size(), from.frames.size());
  EXPECT_FALSE(little.smallest);
  EXPECT_TRUE(until->holds(from.type, little.frames));
}

}  // namespace
}  // namespace agent::replay
