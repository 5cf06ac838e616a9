// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "agent/libvirt/response.hpp"

namespace agent::libvirt {
namespace {

using vdp::Failure;
using vdp::LocalRefusal;
using vdp::Reason;
using vdp::VsiCause;

TEST(LibvirtResponse, IsTheBridgesReasonAsItGaveIt) {
  for (std::uint8_t reason = 1; reason <= 15; ++reason) {
    const auto said = static_cast<Reason>(reason);
    EXPECT_EQ(response_to(Failure{.cause = VsiCause::kRefusedByBridge, .reason = said}), reason);
    EXPECT_EQ(response_to(Failure{.cause = VsiCause::kDeassociatedByBridge, .reason = said}),
              reason);
  }
}

TEST(LibvirtResponse, IsNeverSuccessForAFailure) {
  for (const auto cause :
       {VsiCause::kRefusedByBridge, VsiCause::kRefusedLocally, VsiCause::kNoResponse,
        VsiCause::kDeassociatedByBridge, VsiCause::kEvbLost}) {
    EXPECT_NE(response_to(Failure{.cause = cause}), 0);
  }
}

TEST(LibvirtResponse, TellsSilenceFromAnEcpThatIsNotAcknowledged) {
  EXPECT_EQ(response_to(Failure{.cause = VsiCause::kNoResponse}), 1001);
  EXPECT_EQ(response_to(Failure{.cause = VsiCause::kNoResponse, .ecp_unacknowledged = true}), 1002);
  EXPECT_EQ(response_to(Failure{.cause = VsiCause::kEvbLost}), 1003);
}

TEST(LibvirtResponse, HasANumberForWhatIsNotEvenSent) {
  EXPECT_EQ(response_to(LocalRefusal::kTooManyVsis), 1011);
  EXPECT_EQ(response_to(LocalRefusal::kMissingFromBridge), 1010);
  EXPECT_EQ(response_to(LocalRefusal::kReservedVid), 1007);
  EXPECT_EQ(response_to(LocalRefusal::kGroupIdNotNegotiated), 1012);
}

TEST(LibvirtResponse, SaysThatWithoutALinkNobodyCanAnswer) {
  const vdp::Port port{vdp::PortConfig{}};
  EXPECT_EQ(response_to_silence(port, std::nullopt), 1004);
}

TEST(LibvirtResponse, SaysThatWithoutEvbNothingCouldBeSent) {
  vdp::Port port{vdp::PortConfig{}};
  vdp::Outputs outputs;
  port.handle(base::Instant{}, vdp::LinkChanged{true}, outputs);
  EXPECT_EQ(response_to_silence(port, std::nullopt), 1003);
}

TEST(LibvirtResponse, IsExplainedForEveryNumberInUse) {
  for (std::uint16_t number = 1001; number <= 1012; ++number) {
    ASSERT_NE(explain_response(number), nullptr) << number;
  }
  for (std::uint16_t number = 19; number <= 22; ++number) {
    ASSERT_NE(explain_response(number), nullptr) << "draft 0.2's reason " << number;
  }
  EXPECT_EQ(explain_response(999), nullptr);
  std::uint32_t before = 0;
  for (const auto& text : response_texts()) {
    EXPECT_TRUE(text.number == 0 || text.number > before) << text.number;
    EXPECT_TRUE(text.meaning.ends_with('.') && text.advice.ends_with('.')) << text.number;
    before = text.number;
  }
}

TEST(LibvirtResponse, StandsInTheFoldersReadmeAsItIs) {
  std::ifstream file(EVB_SOURCE_DIR "/agent/libvirt/README.md");
  std::ostringstream readme;
  readme << file.rdbuf();
  for (const auto& text : response_texts()) {
    const auto row = "| " + std::to_string(text.number) + " | " + std::string(text.name) + " |";
    EXPECT_NE(readme.str().find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace agent::libvirt
