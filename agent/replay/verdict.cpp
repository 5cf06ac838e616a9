// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace agent::replay {
namespace {

bool of_draft(const Scene& scene) { return scene.dialect == lldp::Dialect::kDraft02; }

Moment moment_of(const Scene& scene) { return scene.moment; }
/// What never came is shown at what was asked.
Moment moment_of(const ExchangeFact& fact) { return fact.request->first; }

const vdp::VsiId* vsi_of(const Scene& /*scene*/) { return nullptr; }
const vdp::VsiId* vsi_of(const VsiFact& fact) { return &fact.life->id; }
const vdp::VsiId* vsi_of(const VsiTimerFact& fact) { return &fact.life->id; }

std::string name_of(const Scene& scene) {
  if (scene.end == nullptr) return to_string(scene.frame->link.source);
  auto text = scene.end->role == Role::kUnknown
                  ? to_string(scene.end->address)
                  : fmt::format("{} {}", to_string(scene.end->role), to_string(scene.end->address));
  if (scene.end->service_vid != 0) text += fmt::format(" S-VID {}", scene.end->service_vid);
  return text;
}

}  // namespace

// In the order of all_rules().
struct Verdict::Tables {
  template <class Fact>
  Table<Fact> next(std::span<const Rule<Fact>> rules) {
    return {rules, std::exchange(count, count + rules.size())};
  }

  std::size_t count = 0;
  Table<FrameFact> frame = next(frame_rules());
  Table<LldpFact> lldp = next(lldp_rules());
  Table<EvbFact> evb = next(evb_rules());
  Table<CdcpFact> cdcp = next(cdcp_rules());
  Table<EcpRequestFact> request = next(ecp_request_rules());
  Table<EcpAckFact> ack = next(ecp_ack_rules());
  Table<ExchangeFact> exchange = next(exchange_rules());
  Table<VsiFact> vsi = next(vsi_rules());
  Table<VsiTimerFact> timer = next(vsi_timer_rules());
  Table<FrameFact> draft_frame = next(draft02_frame_rules());
  Table<LldpFact> draft_lldp = next(draft02_lldp_rules());
  Table<Draft02EvbFact> draft_evb = next(draft02_evb_rules());
  Table<EcpRequestFact> draft_request = next(draft02_request_rules());
  Table<EcpAckFact> draft_ack = next(draft02_ack_rules());
  Table<ExchangeFact> draft_exchange = next(draft02_exchange_rules());
  Table<VsiFact> draft_vsi = next(draft02_vsi_rules());
  Table<VsiTimerFact> draft_timer = next(draft02_timer_rules());
  Table<EcpRequestFact> dialect = next(dialect_rules());
};

const Verdict::Tables& Verdict::tables() {
  static const Tables kTables;
  return kTables;
}

std::string Deviation::display_filter() const {
  return fmt::format("frame.number == {}", moment.frame);
}

Verdict::Verdict() : counts_(all_rules().size()), kept_(all_rules().size()) {}

template <class Fact>
void Verdict::judge(const Fact& fact, const Table<Fact>& table) {
  for (std::size_t i = 0; i < table.rules.size(); ++i) {
    auto judgement = table.rules[i].judge(fact);
    const auto place = table.first + i;
    if (judgement.kind == Judgement::Kind::kHeld) ++counts_[place].held;
    if (judgement.kind != Judgement::Kind::kBroken) continue;
    take(table.rules[i].text, place, fact, moment_of(fact), vsi_of(fact), std::move(judgement));
  }
}

void Verdict::take(const RuleText& rule, std::size_t place, const Scene& scene, Moment moment,
                   const vdp::VsiId* vsi, Judgement judgement) {
  ++counts_[place].broken;
  Deviation one{&rule,
                moment,
                name_of(scene),
                vsi != nullptr ? to_string(*vsi) : "",
                std::move(judgement.words->expected),
                std::move(judgement.words->seen),
                1,
                moment};
  auto said = fmt::format("{} {} {} {} {}", place, one.who, one.vsi, one.expected, one.seen);
  if (const auto before = known_.find(said); before != known_.end()) {
    ++deviations_[before->second].times;
    deviations_[before->second].again = moment;
    return;
  }
  if (kept_[place] == kKeptPerRule) return;
  ++kept_[place];
  known_.emplace(std::move(said), deviations_.size());
  deviations_.push_back(std::move(one));
}

void Verdict::on(const FrameFact& fact) {
  judge(fact, tables().frame);
  if (fact.frame->protocol == Protocol::kDraftEcp) judge(fact, tables().draft_frame);
}
void Verdict::on(const LldpFact& fact) {
  judge(fact, tables().lldp);
  if (fact.frame->scan.draft_evb) judge(fact, tables().draft_lldp);
}
void Verdict::on(const EvbFact& fact) { judge(fact, tables().evb); }
void Verdict::on(const Draft02EvbFact& fact) { judge(fact, tables().draft_evb); }
void Verdict::on(const CdcpFact& fact) { judge(fact, tables().cdcp); }
void Verdict::on(const EcpRequestFact& fact) {
  judge(fact, of_draft(fact) ? tables().draft_request : tables().request);
  judge(fact, tables().dialect);
}
void Verdict::on(const EcpAckFact& fact) {
  judge(fact, of_draft(fact) ? tables().draft_ack : tables().ack);
}
void Verdict::on(const ExchangeFact& fact) {
  judge(fact, of_draft(fact) ? tables().draft_exchange : tables().exchange);
}
void Verdict::on(const VsiFact& fact) {
  judge(fact, of_draft(fact) ? tables().draft_vsi : tables().vsi);
}
void Verdict::on(const VsiTimerFact& fact) {
  judge(fact, of_draft(fact) ? tables().draft_timer : tables().timer);
}

std::vector<Deviation> Verdict::deviations() const {
  auto sorted = deviations_;
  std::ranges::stable_sort(sorted, {}, [](const Deviation& it) { return it.moment.frame; });
  return sorted;
}

RuleCount Verdict::count(const RuleText& rule) const {
  const auto all = all_rules();
  const auto found = std::ranges::find(all, &rule);
  return found == all.end() ? RuleCount{} : counts_[static_cast<std::size_t>(found - all.begin())];
}

std::uint64_t Verdict::broken(Severity severity) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (all_rules()[i]->severity == severity) sum += counts_[i].broken;
  }
  return sum;
}

std::map<std::string_view, RuleCount> Verdict::statements() const {
  std::map<std::string_view, RuleCount> statements;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    auto& count = statements[all_rules()[i]->statement];
    const bool note = all_rules()[i]->severity == Severity::kNote;
    count.held += counts_[i].held + (note ? counts_[i].broken : 0);
    count.broken += note ? 0 : counts_[i].broken;
  }
  return statements;
}

}  // namespace agent::replay
