// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "agent/api/evbd.pb.h"
#include "agent/api/framing.hpp"

namespace agent::api {
namespace {

std::string hello() {
  evbd::v1::ClientMessage message;
  message.mutable_hello()->set_program("x");
  std::string out;
  append_message(out, message);
  return out;
}

base::Bytes bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(ApiFraming, PutsTheLengthInFourOctetsBigEndianBeforeTheMessage) {
  const auto out = hello();
  EXPECT_EQ(out.substr(0, 4), std::string("\0\0\0\5", 4));
  EXPECT_EQ(out.size(), 9U);
}

TEST(ApiFraming, FindsMessagesHoweverTheStreamIsCut) {
  const auto out = hello() + hello();
  FrameReader reader(100);
  std::vector<std::string> found;
  for (const char octet : out) {
    reader.append(bytes(std::string(1, octet)));
    const auto next = reader.next();
    ASSERT_TRUE(next);
    if (*next) found.emplace_back((*next)->begin(), (*next)->end());
  }
  EXPECT_THAT(found, testing::ElementsAre(hello().substr(4), hello().substr(4)));
  EXPECT_EQ(reader.pending(), 0U);
}

TEST(ApiFraming, FindsSeveralMessagesInOnePiece) {
  const auto out = hello() + hello();
  FrameReader reader(100);
  reader.append(bytes(out));
  EXPECT_TRUE(reader.next()->has_value());
  EXPECT_TRUE(reader.next()->has_value());
  EXPECT_FALSE(reader.next()->has_value());
}

TEST(ApiFraming, TakesAnEmptyMessage) {
  const std::uint8_t wire[] = {0, 0, 0, 0};
  FrameReader reader(100);
  reader.append(wire);
  EXPECT_TRUE((*reader.next())->empty());
}

TEST(ApiFraming, RefusesALengthAboveTheLimitBeforeItsOctetsCome) {
  const std::uint8_t wire[] = {0xFF, 0xFF, 0xFF, 0xFF};
  FrameReader reader(100);
  reader.append(wire);
  EXPECT_EQ(reader.next().error(), TooLarge{0xFFFFFFFF});
  const std::uint8_t just_above[] = {0, 0, 0, 101};
  FrameReader second(100);
  second.append(just_above);
  EXPECT_EQ(second.next().error(), TooLarge{101});
}

}  // namespace
}  // namespace agent::api
