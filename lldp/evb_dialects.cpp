// SPDX-License-Identifier: Apache-2.0
#include "lldp/evb_dialects.hpp"

#include "lldp/organizational.hpp"

namespace lldp {
namespace {

/// The draft's TLV does not say which end it comes from; who sends the ratified one beside it is
/// spoken to, or not, by that one's mode.
std::optional<Draft02EvbTlv> find_draft02(const std::vector<Neighbor>& neighbors,
                                          DialectChoice choice) {
  for (const auto& neighbor : neighbors) {
    const bool ratified_decides =
        choice == DialectChoice::kAuto && find_evb_tlv(neighbor.information).has_value();
    if (ratified_decides) continue;
    if (const auto tlv = find_draft02_evb_tlv(neighbor.information)) return tlv;
  }
  return std::nullopt;
}

}  // namespace

EvbDialects::EvbDialects(const EvbProposal& proposal) : ratified_(proposal), draft02_(proposal) {
  choose(false, false);
}

void EvbDialects::set_proposal(const EvbProposal& proposal) {
  ratified_.set_proposal(proposal);
  draft02_.set_proposal(proposal);
}

void EvbDialects::set_neighbors(const std::vector<Neighbor>& neighbors) {
  const auto choice = proposal().dialect;
  std::optional<EvbTlv> ratified;
  std::optional<Draft02EvbTlv> draft02;
  if (may_speak(choice, Dialect::kRatified)) ratified = find_evb_tlv(neighbors, proposal().role);
  if (may_speak(choice, Dialect::kDraft02)) draft02 = find_draft02(neighbors, choice);
  const bool drawn = !heard_ && draft02_.remote();
  choose(ratified && ratified->mode == other_mode(proposal().role), draft02.has_value());
  const bool speaks_draft02 = dialect_ == Dialect::kDraft02;
  if (drawn && speaks_draft02 && draft02 == draft02_.remote()) heard_ = false;
  ratified_.set_remote(speaks_draft02 ? std::nullopt : ratified);
  draft02_.set_remote(speaks_draft02 ? draft02 : std::nullopt);
}

/// A neighbour that draws us from the ratified dialect to draft 0.2 hears of both until it has
/// spoken once more. It may be about to follow what we sent, and the two of us would change places
/// for ever; who hears both takes the ratified one.
void EvbDialects::choose(bool ratified_heard, bool draft02_heard) {
  const bool spoke_ratified = heard_ && dialect_ == Dialect::kRatified;
  heard_ = ratified_heard || draft02_heard;
  switch (proposal().dialect) {
    case DialectChoice::kRatified: dialect_ = Dialect::kRatified; break;
    case DialectChoice::kDraft02: dialect_ = Dialect::kDraft02; break;
    case DialectChoice::kAuto:
      if (heard_) dialect_ = ratified_heard ? Dialect::kRatified : Dialect::kDraft02;
      break;
  }
  if (spoke_ratified && dialect_ == Dialect::kDraft02) heard_ = false;
}

void EvbDialects::set_relay_in_force(bool on) {
  ratified_.set_relay_in_force(on);
  draft02_.set_relay_in_force(on);
}

bool EvbDialects::sends(Dialect dialect) const {
  if (!may_speak(proposal().dialect, dialect)) return false;
  return !heard_ || dialect == dialect_;
}

std::vector<OrganizationalTlv> EvbDialects::to_send() const {
  std::vector<OrganizationalTlv> tlvs;
  if (const auto tlv = local()) tlvs.push_back(to_organizational(*tlv));
  if (const auto tlv = draft02_local()) tlvs.push_back(to_organizational(*tlv));
  return tlvs;
}

std::optional<EvbTlv> EvbDialects::local() const {
  return sends(Dialect::kRatified) ? ratified_.local() : std::nullopt;
}

std::optional<Draft02EvbTlv> EvbDialects::draft02_local() const {
  return sends(Dialect::kDraft02) ? draft02_.local() : std::nullopt;
}

const EvbOperational& EvbDialects::operational() const {
  return dialect_ == Dialect::kDraft02 ? draft02_.operational() : ratified_.operational();
}

bool EvbDialects::relay_wanted() const {
  return dialect_ == Dialect::kDraft02 ? draft02_.relay_wanted() : ratified_.relay_wanted();
}

}  // namespace lldp
