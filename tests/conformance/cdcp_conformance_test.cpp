// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"
#include "tests/support/scripted_bridge.hpp"

// The one statement on CDCP (clause 42) that holds without a CDCP machine; see README.md.

namespace {

using support::ScriptedBridge;

TEST(Conformance, C07_IgnoresAMalformedCdcpTlv_Assumption) {
  // Length not 8+3N, SVID 4095, SCID twice: the TLV is ignored, no crash.
  const auto heard = [](std::string_view information) {
    ScriptedBridge bridge;
    bridge.link(true);
    bridge.send_lldp({{{0x00, 0x80, 0xC2}, 0x0E, support::from_hex(information)},
                      lldp::to_organizational(ScriptedBridge::bridge_tlv())});
    EXPECT_TRUE(bridge.port.evb().operational().on) << "the rest of the LLDPDU is used";
    EXPECT_EQ(bridge.port.neighbors().size(), 1U);
    return lldp::find_cdcp_tlv(bridge.port.neighbors().at(0).information).has_value();
  };
  EXPECT_TRUE(heard("080000a7 001001 002064"));
  for (const auto* const wrong : {"", "080000", "080000a7", "080000a7 0010", "080000a7 001001 00",
                                  "080000a7 001001 002fff", "080000a7 001001 002064 002065"}) {
    EXPECT_FALSE(heard(wrong)) << wrong;
  }
}

}  // namespace
