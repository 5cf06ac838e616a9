// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "agent/replay/facts.hpp"

namespace agent::replay {

enum class Severity : std::uint8_t {
  kNote,    ///< legal, but worth a look
  kShould,  ///< against a recommendation, or against a must that rests on one source only
  kMust,
};
std::string_view to_string(Severity severity);

/// One deviation that `check` knows: what is said of it.
struct RuleText {
  std::string_view id;
  Severity severity;
  std::string_view clause;  ///< of 802.1Q or 802.1AB, as far as public, or part of draft 0.2
  std::string_view
      statement;           ///< of the conformance list; "D01" and so on: of draft 0.2, README.md
  std::string_view rule;   ///< what should be, one sentence
  std::string_view cause;  ///< what is most likely behind it when it is not
};

/// What a rule says of one fact.
struct Judgement {
  enum class Kind : std::uint8_t { kSilent, kHeld, kBroken };
  struct Words {
    std::string expected;
    std::string seen;
  };
  Kind kind = Kind::kSilent;
  std::optional<Words> words;  ///< of kBroken, which is rare: the others have to cost nothing
};

inline Judgement silent() { return {}; }
inline Judgement held() { return {Judgement::Kind::kHeld, std::nullopt}; }
inline Judgement broken(std::string expected, std::string seen) {
  return {Judgement::Kind::kBroken, Judgement::Words{std::move(expected), std::move(seen)}};
}

/// A row of a table: a deviation, and the function that finds it in a fact.
template <class Fact>
struct Rule {
  RuleText text;
  Judgement (*judge)(const Fact& fact);
};

// The tables, by the fact that they judge.
std::span<const Rule<FrameFact>> frame_rules();
std::span<const Rule<LldpFact>> lldp_rules();
std::span<const Rule<EvbFact>> evb_rules();
std::span<const Rule<CdcpFact>> cdcp_rules();
std::span<const Rule<EcpRequestFact>> ecp_request_rules();
std::span<const Rule<EcpAckFact>> ecp_ack_rules();
std::span<const Rule<ExchangeFact>> exchange_rules();
std::span<const Rule<VsiFact>> vsi_rules();
std::span<const Rule<VsiTimerFact>> vsi_timer_rules();

// Those of draft 0.2.
std::span<const Rule<FrameFact>> draft02_frame_rules();
std::span<const Rule<LldpFact>> draft02_lldp_rules();
std::span<const Rule<Draft02EvbFact>> draft02_evb_rules();
std::span<const Rule<EcpRequestFact>> draft02_request_rules();
std::span<const Rule<EcpAckFact>> draft02_ack_rules();
std::span<const Rule<ExchangeFact>> draft02_exchange_rules();
std::span<const Rule<VsiFact>> draft02_vsi_rules();
std::span<const Rule<VsiTimerFact>> draft02_timer_rules();

/// For requests of both dialects: which of them is spoken.
std::span<const Rule<EcpRequestFact>> dialect_rules();

/// Of all tables, in this order.
std::span<const RuleText* const> all_rules();
/// nullptr when there is none of this id.
const RuleText* find_rule(std::string_view id);

/// "1.234 s", "163.84 ms", "12 us".
std::string time_text(Nanoseconds time);

}  // namespace agent::replay
