// SPDX-License-Identifier: Apache-2.0
#include "profiles/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace profiles {
namespace {

using testing::HasSubstr;

struct Written {
  std::string_view text;
  std::uint64_t value;
};

TEST(Units, ReadBandwidths) {
  for (const auto& [text, value] : {
           Written{"100 Mbit/s", 100'000'000},
           {"100Mbit", 100'000'000},
           {"100M", 100'000'000},
           {"100m", 100'000'000},
           {" 1.5 Gbit/s ", 1'500'000'000},
           {"12.5 MB/s", 100'000'000},
           {"96000", 96'000},
           {"96000 bit/s", 96'000},
           {"64 Kibit/s", 65'536},
           {"8 B/s", 64},
           {"1000 Tbit/s", kMostBitsPerSecond},
           {"0.0015k", 1},
       }) {
    EXPECT_EQ(parse_bit_rate(text).value_or(0), value) << text;
  }
}

TEST(Units, RefuseWhatIsNoBandwidth) {
  for (const std::string_view text :
       {"", "fast", "Mbit/s", "-1", "1.", ".5M", "1.2.3", "100 Mbit/s x", "100 parsec",
        "1000.1 Tbit/s", "1234567890123456789", "1e6", "1\t"}) {
    EXPECT_FALSE(parse_bit_rate(text)) << text;
  }
  EXPECT_THAT(parse_bit_rate("100 Mbps").error(), HasSubstr("bits to some and octets to others"));
  EXPECT_THAT(parse_bit_rate("100 MiB").error(), HasSubstr("is no unit of a bandwidth"));
}

TEST(Units, ReadSizes) {
  for (const auto& [text, value] : {Written{"64 KiB", 65'536},
                                    {"64k", 65'536},
                                    {"1500", 1'500},
                                    {"1500 B", 1'500},
                                    {"1.5 MB", 1'500'000},
                                    {"0.5 MiB", 524'288},
                                    {"1024 GiB", kMostOctets}}) {
    EXPECT_EQ(parse_octets(text).value_or(0), value) << text;
  }
  for (const std::string_view text : {"", "64 KiB/s", "1025 GiB", "many"}) {
    EXPECT_FALSE(parse_octets(text)) << text;
  }
}

TEST(Units, WriteWhatTheyReadAgain) {
  EXPECT_EQ(bit_rate_text(100'000'000), "100 Mbit/s");
  EXPECT_EQ(bit_rate_text(1'500'000'000), "1500 Mbit/s");
  EXPECT_EQ(bit_rate_text(1'001), "1001 bit/s");
  EXPECT_EQ(octets_text(65'536), "64 KiB");
  EXPECT_EQ(octets_text(1'500), "1500 B");
  for (const std::uint64_t value : {1ULL, 999ULL, 1'000ULL, 123'456'789ULL, 1ULL << 40U}) {
    EXPECT_EQ(parse_bit_rate(bit_rate_text(value)).value(), value);
    EXPECT_EQ(parse_octets(octets_text(value)).value(), value);
  }
}

}  // namespace
}  // namespace profiles
