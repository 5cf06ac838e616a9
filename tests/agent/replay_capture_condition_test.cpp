// SPDX-License-Identifier: Apache-2.0
// What is wrong with how a capture was made is told, and only then.
#include <gmock/gmock.h>

#include "agent/replay/capture_condition.hpp"
#include "tests/support/pcap_reader.hpp"

namespace agent::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CaptureConditionTest : public testing::Test {
 protected:
  /// An ECPDU that is unlike all others unless `contents` is the same.
  void take(std::int64_t nanoseconds, std::uint16_t contents, std::size_t kept = SIZE_MAX) {
    auto octets = support::from_hex(
        "0180c20000000200000000018940 1001 0001 0a10 0000000000000000000000000000000b");
    octets[16] = static_cast<std::uint8_t>(contents >> 8U);
    octets[17] = static_cast<std::uint8_t>(contents);
    const auto length = octets.size();
    octets.resize(std::min(kept, length));
    decode_frame(LinkType::kEthernet, {++number_, nanoseconds, octets, length}, frame_);
    condition_.take(frame_);
  }

  std::uint64_t number_ = 0;
  DecodedFrame frame_;
  CaptureCondition condition_;
};

TEST_F(CaptureConditionTest, ASoundCaptureHasNothingToTell) {
  for (std::uint16_t i = 0; i < 100; ++i) take(i * 1000, i);
  EXPECT_THAT(condition_.sentences(), IsEmpty());
}

TEST_F(CaptureConditionTest, FramesThatGoBackInTimeAreCounted) {
  take(5000, 1);
  take(4000, 2);
  take(4000, 3);
  take(3000, 4);
  EXPECT_EQ(condition_.out_of_order(), 2U);
  EXPECT_EQ(condition_.first_out_of_order(), 2U);
  EXPECT_THAT(condition_.sentences(),
              ElementsAre(HasSubstr("2 of 4 frames are earlier than the one before, the first is "
                                    "frame 2")));
}

TEST_F(CaptureConditionTest, AMirrorOfBothDirectionsIsSeenByItsCopies) {
  for (std::uint16_t i = 0; i < 4; ++i) {
    take(i * 1'000'000, i);
    take(i * 1'000'000 + CaptureCondition::kCopyApart, i);
  }
  EXPECT_EQ(condition_.copies(), 4U);
  EXPECT_THAT(condition_.sentences(), ElementsAre(HasSubstr("4 of 8 frames are the one before")));
}

TEST_F(CaptureConditionTest, WhatIsSentAgainLaterIsNoCopy) {
  for (std::uint16_t i = 0; i < 10; ++i) take(i * (CaptureCondition::kCopyApart + 1), 7);
  EXPECT_EQ(condition_.copies(), 0U);
}

TEST_F(CaptureConditionTest, FewCopiesAreThePeersDoing) {
  for (std::uint16_t i = 0; i < 20; ++i) take(i * 1'000'000, i);
  for (std::uint16_t i = 0; i < 4; ++i) take(30'000'000 + i, 7);
  EXPECT_EQ(condition_.copies(), 3U);
  EXPECT_THAT(condition_.sentences(), IsEmpty());
}

TEST_F(CaptureConditionTest, FramesCutByTheCaptureAreCounted) {
  take(0, 1);
  take(1000, 2, 24);
  EXPECT_EQ(condition_.cut(), 1U);
  EXPECT_THAT(condition_.sentences(),
              ElementsAre(HasSubstr("only the beginning of 1 of 2 frames")));
}

}  // namespace
}  // namespace agent::replay
