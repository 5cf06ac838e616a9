// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/replay/capture_file.hpp"
#include "agent/replay/link_header.hpp"
#include "tests/support/capture_builder.hpp"
#include "tests/support/pcap_reader.hpp"

namespace agent::replay {
namespace {

using support::TemporaryFile;
using testing::HasSubstr;
using namespace std::chrono_literals;

const base::Octets kFrame = support::from_hex("0180c2000000 020000000001 8940 1401 0001");

struct ReadBack {
  std::vector<support::TimedFrame> frames;
  std::optional<CaptureError> error;
};

ReadBack read_all(const std::string& path) {
  ReadBack read;
  auto file = CaptureFile::open(path);
  if (!file) {
    read.error = file.error();
    return read;
  }
  CapturedFrame frame;
  while (true) {
    const auto more = file->next(frame);
    if (!more) read.error = more.error();
    if (!more || !*more) return read;
    EXPECT_EQ(frame.number, read.frames.size() + 1);
    read.frames.push_back(
        {std::chrono::nanoseconds(frame.nanoseconds), {frame.octets.begin(), frame.octets.end()}});
  }
}

TEST(CaptureFile, GivesFramesWithNanosecondsFromPcapAndPcapng) {
  const std::vector<support::TimedFrame> frames = {{1234567890123456789ns, kFrame},
                                                   {1234567890123456790ns, kFrame}};
  for (const auto& contents : {support::pcap_file(frames), support::pcapng_file(frames)}) {
    const TemporaryFile file(contents);
    const auto read = read_all(file.path());
    EXPECT_FALSE(read.error) << read.error->sentence;
    ASSERT_EQ(read.frames.size(), 2U);
    EXPECT_EQ(read.frames[1].at, 1234567890123456790ns);
    EXPECT_EQ(read.frames[1].octets, kFrame);
  }
}

TEST(CaptureFile, WithoutFramesIsNoError) {
  const TemporaryFile file(support::pcap_file({}));
  const auto read = read_all(file.path());
  EXPECT_FALSE(read.error);
  EXPECT_TRUE(read.frames.empty());
}

TEST(CaptureFile, CutOffInAFrameGivesWhatStandsBefore) {
  const std::vector<support::TimedFrame> frames = {{1s, kFrame}, {2s, kFrame}};
  for (auto contents : {support::pcap_file(frames), support::pcapng_file(frames)}) {
    contents.resize(contents.size() - 7);
    const TemporaryFile file(contents);
    const auto read = read_all(file.path());
    EXPECT_EQ(read.frames.size(), 1U);
    ASSERT_TRUE(read.error);
    EXPECT_EQ(read.error->trouble, CaptureTrouble::kDamaged);
    EXPECT_THAT(read.error->sentence, HasSubstr("is cut off or damaged after frame 1: "));
  }
}

CaptureError refusal(const std::string& path) {
  const auto read = read_all(path);
  EXPECT_TRUE(read.error) << path;
  return read.error.value_or(CaptureError{});
}

TEST(CaptureFile, SaysWhyItCannotBeUsed) {
  const auto missing = refusal("/nowhere/at/all.pcap");
  EXPECT_EQ(missing.trouble, CaptureTrouble::kMissing);
  EXPECT_EQ(missing.sentence, "/nowhere/at/all.pcap: there is no such file.");

  const TemporaryFile empty({});
  EXPECT_EQ(refusal(empty.path()).trouble, CaptureTrouble::kUnusable);
  EXPECT_THAT(refusal(empty.path()).sentence, HasSubstr("is empty"));

  const TemporaryFile text(support::from_hex("48656c6c6f20776f726c64"));
  EXPECT_EQ(refusal(text.path()).trouble, CaptureTrouble::kUnusable);
  EXPECT_THAT(refusal(text.path()).sentence, HasSubstr("is not a capture"));

  const TemporaryFile packed(support::from_hex("1f8b0800"));
  EXPECT_THAT(refusal(packed.path()).sentence, HasSubstr("zcat FILE | evbreplay"));

  const TemporaryFile other_link(support::pcap_file({}, 113 - 8));  // 802.11
  EXPECT_EQ(refusal(other_link.path()).trouble, CaptureTrouble::kUnusable);
  EXPECT_THAT(refusal(other_link.path()).sentence, HasSubstr("its link type is IEEE802_11;"));

  EXPECT_THAT(refusal("/tmp").sentence, HasSubstr("is a folder"));
}

TEST(CaptureFile, SaysThatThereIsNoRight) {
  const TemporaryFile file(support::pcap_file({}));
  chmod(file.path().c_str(), 0);
  const bool root = geteuid() == 0;
  constexpr uid_t kNobody = 65534;
  if (root) {
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  const auto error = refusal(file.path());
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  EXPECT_EQ(error.trouble, CaptureTrouble::kForbidden);
  EXPECT_THAT(error.sentence, HasSubstr("no right to read it"));
}

LinkHeader header_of(LinkType type, std::string_view hex) {
  const auto octets = support::from_hex(hex);
  const auto header = read_link_header(type, octets);
  EXPECT_TRUE(header) << hex;
  return header.value_or(LinkHeader{});
}

TEST(LinkHeader, ReadsEthernetWithSAndCTag) {
  const auto header = header_of(LinkType::kEthernet,
                                "0180c2000000 020000000001 88a8 6005 8100 200c 8940 1401 0001");
  EXPECT_EQ(header.destination, lldp::kNearestCustomerBridge);
  EXPECT_EQ(header.source, (lldp::MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(header.ethertype, 0x8940);
  EXPECT_EQ(header.payload, 22U);
  ASSERT_EQ(header.tags().size(), 2U);
  EXPECT_EQ(header.service_vid(), 5);
  EXPECT_EQ(header.tags()[1].vid(), 12);
  EXPECT_FALSE(header.tags()[1].service());
}

TEST(LinkHeader, ReadsCookedFrames) {
  const auto first =
      header_of(LinkType::kLinuxCooked, "0004 0001 0006 020000000001 0000 88cc 0207");
  EXPECT_FALSE(first.destination);
  EXPECT_EQ(first.source, (lldp::MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_TRUE(first.outgoing);
  EXPECT_EQ(first.ethertype, 0x88CC);
  EXPECT_EQ(first.payload, 16U);
  const auto second =
      header_of(LinkType::kLinuxCooked2, "8940 0000 00010003 0001 02 06 020000000001 0000 1401");
  EXPECT_EQ(second.interface, 0x10003U);
  EXPECT_FALSE(second.outgoing);
  EXPECT_EQ(second.ethertype, 0x8940);
  EXPECT_EQ(second.payload, 20U);
}

TEST(LinkHeader, RefusesEveryTruncation) {
  const auto whole = support::from_hex("0180c2000000 020000000001 8100 200c 8940");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto header = read_link_header(LinkType::kEthernet, base::Bytes(whole).first(size));
    ASSERT_FALSE(header) << size;
    EXPECT_EQ(header.error(), (base::DecodeError{base::Fault::kTruncated, size}));
  }
}

TEST(LinkHeader, TooManyTagsEndTheHeader) {
  const auto header = header_of(LinkType::kEthernet,
                                "0180c2000000 020000000001 8100 0001 8100 0002 8100 0003 8100 0004 "
                                "8100 0005 8940");
  EXPECT_EQ(header.tags().size(), 4U);
  EXPECT_EQ(header.ethertype, kCustomerTag);
}

}  // namespace
}  // namespace agent::replay
