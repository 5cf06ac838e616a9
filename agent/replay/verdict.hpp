// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/replay/conversation.hpp"
#include "agent/replay/rule.hpp"

namespace agent::replay {

/// One deviation.
struct Deviation {
  const RuleText* rule = nullptr;
  Moment moment;
  std::string who;  ///< "station 02:00:00:00:00:01", "S-VID 5" after it
  std::string vsi;  ///< its id where it is about one; else empty
  std::string expected;
  std::string seen;
  std::uint64_t times = 1;  ///< the same again: of these texts, for this end and VSI
  Moment again;             ///< the last of them

  /// Wireshark's, to jump there.
  std::string display_filter() const;
};

/// How a rule fared in this capture.
struct RuleCount {
  std::uint64_t held = 0;
  std::uint64_t broken = 0;
};

/// Judges every fact by every rule of its table.
class Verdict : public FactListener {
 public:
  /// Different deviations of one rule that are kept; more are counted.
  static constexpr std::size_t kKeptPerRule = 1000;

  Verdict();
  void on(const FrameFact& fact) override;
  void on(const LldpFact& fact) override;
  void on(const EvbFact& fact) override;
  void on(const Draft02EvbFact& fact) override;
  void on(const CdcpFact& fact) override;
  void on(const EcpRequestFact& fact) override;
  void on(const EcpAckFact& fact) override;
  void on(const ExchangeFact& fact) override;
  void on(const VsiFact& fact) override;
  void on(const VsiTimerFact& fact) override;

  /// In the order of frames.
  std::vector<Deviation> deviations() const;
  RuleCount count(const RuleText& rule) const;
  std::uint64_t broken(Severity severity) const;
  /// Statements of the conformance list by name: held and broken times of all rules that name it;
  /// notes break nothing.
  std::map<std::string_view, RuleCount> statements() const;

 private:
  /// The rules that judge one kind of fact, and where they begin in all_rules().
  template <class Fact>
  struct Table {
    std::span<const Rule<Fact>> rules;
    std::size_t first;
  };
  struct Tables;
  static const Tables& tables();

  template <class Fact>
  void judge(const Fact& fact, const Table<Fact>& table);
  void take(const RuleText& rule, std::size_t place, const Scene& scene, Moment moment,
            const vdp::VsiId* vsi, Judgement judgement);

  std::vector<RuleCount> counts_;  // in the order of all_rules()
  std::vector<std::size_t> kept_;  // likewise
  std::vector<Deviation> deviations_;
  std::unordered_map<std::string, std::size_t> known_;  // what is said of them to its place
};

}  // namespace agent::replay
