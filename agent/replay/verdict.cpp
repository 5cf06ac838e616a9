// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace agent::replay {
namespace {

// Where each table begins in all_rules(), which lists them in this order.
struct Places {
  std::size_t lldp = frame_rules().size();
  std::size_t evb = lldp + lldp_rules().size();
  std::size_t cdcp = evb + evb_rules().size();
  std::size_t request = cdcp + cdcp_rules().size();
  std::size_t ack = request + ecp_request_rules().size();
  std::size_t exchange = ack + ecp_ack_rules().size();
  std::size_t vsi = exchange + exchange_rules().size();
  std::size_t timer = vsi + vsi_rules().size();
};
const Places& places() {
  static const Places kPlaces;
  return kPlaces;
}

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

std::string Deviation::display_filter() const {
  return fmt::format("frame.number == {}", moment.frame);
}

Verdict::Verdict() : counts_(all_rules().size()), kept_(all_rules().size()) {}

template <class Fact>
void Verdict::judge(const Fact& fact, std::span<const Rule<Fact>> table, std::size_t first) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    auto judgement = table[i].judge(fact);
    if (judgement.kind == Judgement::Kind::kHeld) ++counts_[first + i].held;
    if (judgement.kind != Judgement::Kind::kBroken) continue;
    take(table[i].text, first + i, fact, moment_of(fact), vsi_of(fact), std::move(judgement));
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

void Verdict::on(const FrameFact& fact) { judge(fact, frame_rules(), 0); }
void Verdict::on(const LldpFact& fact) { judge(fact, lldp_rules(), places().lldp); }
void Verdict::on(const EvbFact& fact) { judge(fact, evb_rules(), places().evb); }
void Verdict::on(const CdcpFact& fact) { judge(fact, cdcp_rules(), places().cdcp); }
void Verdict::on(const EcpRequestFact& fact) { judge(fact, ecp_request_rules(), places().request); }
void Verdict::on(const EcpAckFact& fact) { judge(fact, ecp_ack_rules(), places().ack); }
void Verdict::on(const ExchangeFact& fact) { judge(fact, exchange_rules(), places().exchange); }
void Verdict::on(const VsiFact& fact) { judge(fact, vsi_rules(), places().vsi); }
void Verdict::on(const VsiTimerFact& fact) { judge(fact, vsi_timer_rules(), places().timer); }

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
