// SPDX-License-Identifier: Apache-2.0
#include "lldp/tlv.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using support::from_hex;

TEST(TlvWalker, TakesAPduApart) {
  const auto pdu = from_hex("0402 aabb fe00 0000");
  lldp::TlvWalker walker(pdu);
  const auto first = walker.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->type, 2);
  EXPECT_EQ((*first)->offset, 0U);
  EXPECT_TRUE(std::ranges::equal((*first)->value, from_hex("aabb")));
  const auto second = walker.next();
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->type, 127);
  EXPECT_EQ((*second)->offset, 4U);
  EXPECT_TRUE((*second)->value.empty());
  EXPECT_EQ((*walker.next())->type, 0);
  EXPECT_FALSE(*walker.next());
}

TEST(TlvWalker, EndsBeforeASingleOctetLeftOver) {
  const auto pdu = from_hex("0400 ff");
  lldp::TlvWalker walker(pdu);
  EXPECT_TRUE(*walker.next());
  EXPECT_FALSE(*walker.next());
}

TEST(TlvWalker, RefusesALengthThatLeadsPastTheEnd) {
  const auto pdu = from_hex("0401 aa 0402 bb");
  lldp::TlvWalker walker(pdu);
  EXPECT_TRUE(*walker.next());
  EXPECT_EQ(walker.next().error(), (DecodeError{Fault::kOverrun, 3}));
}

TEST(Tlv, ComesBackTheSameUpToTheLongestValue) {
  for (const std::size_t size : {0U, 1U, 255U, 256U, 511U}) {
    base::Octets pdu;
    lldp::append_tlv(pdu, 127, base::Octets(size, 0x5A));
    lldp::TlvWalker walker(pdu);
    const auto tlv = walker.next();
    ASSERT_TRUE(tlv && *tlv);
    EXPECT_EQ((*tlv)->type, 127);
    EXPECT_EQ((*tlv)->value.size(), size);
    EXPECT_FALSE(*walker.next());
  }
}

}  // namespace
