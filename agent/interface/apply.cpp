// SPDX-License-Identifier: Apache-2.0
// A profile that has changed, applied to interfaces that stand.
#include <fmt/format.h>

#include "agent/interface/interface.hpp"

namespace agent::interface {
namespace {

template <class Message>
bool same(const Message& one, const Message& other) {
  return one.SerializeAsString() == other.SerializeAsString();
}

/// What only a new interface can have.
std::optional<Refusal> unchangeable(const journal::Parameters& before,
                                    const journal::Parameters& now, pb::InterfaceMode mode) {
  const bool vlan =
      before.has_untagged() != now.has_untagged() || before.untagged() != now.untagged();
  const bool allowed =
      now.modes().empty() || std::ranges::find(now.modes(), mode) != now.modes().end();
  const char* const what = vlan                             ? "vlan"
                           : !allowed                       ? "mode"
                           : !same(before.vsi(), now.vsi()) ? "vsi type"
                                                            : nullptr;
  if (what == nullptr) return std::nullopt;
  return Refusal{pb::REFUSED, fmt::format("{}: the profile has another one now, which takes a new "
                                          "interface; detach this one and attach it again",
                                          what)};
}

}  // namespace

void Interfaces::apply(const pb::InterfaceApply& request, const Answer& answer) {
  pb::InterfaceResults results;
  for (const auto& [name, interface] : interfaces_) {
    const auto& named = request.names();
    const auto& profile = interface->entry.wanted().profile();
    if (!named.empty() && std::ranges::find(named, name) == named.end()) continue;
    if (profile.empty() || (!request.profile().empty() && profile != request.profile())) continue;
    auto& result = *results.add_results();
    result.set_name(name);
    auto& status = *result.mutable_status();
    if (const auto refusal = apply_to(*interface)) {
      status.set_code(refusal->code);
      status.set_sentence(refusal->sentence);
    }
    report(interface->entry, *result.mutable_interface());
  }
  answer(results);
}

std::optional<Refusal> Interfaces::apply_to(Interface& interface) {
  if (interface.entry.phase() != journal::ATTACHED) {
    return Refusal{pb::REFUSED, "it is being attached or detached"};
  }
  const auto found = parameters(interface.entry.wanted());
  if (!found) return found.error();
  // One that has not changed is set all the same: somebody else may have undone a part of it.
  if (!*found) return std::nullopt;
  const auto& wanted = interface.entry.wanted();
  if (auto not_now = unchangeable(interface.entry.parameters(), **found, wanted.mode()))
    return not_now;
  const auto& macs = (*found)->macs();
  if (!macs.empty() && std::ranges::find(macs, wanted.mac()) == macs.end()) {
    return Refusal{pb::REFUSED,
                   fmt::format("mac: the profile does not list {} any more", wanted.mac())};
  }
  return set_parameters(interface, **found);
}

std::optional<Refusal> Interfaces::set_parameters(Interface& interface,
                                                  const journal::Parameters& now) {
  const auto links = kernel_.links();
  const auto* const own = find(links, interface.name());
  const auto* const lower = own == nullptr ? nullptr : find(links, own->lower);
  if (lower == nullptr) return Refusal{pb::REFUSED, "the interface is not here"};
  const auto mtu = now.has_mtu() ? now.mtu() : static_cast<std::uint32_t>(lower->mtu);
  if (mtu > lower->mtu) {
    return Refusal{pb::REFUSED, fmt::format("mtu: the profile wants {}, and {} takes {} at most",
                                            mtu, lower->name, lower->mtu)};
  }
  journal::Transmit transmit;
  transmit.set_device(interface.name());
  if (now.has_transmit()) *transmit.mutable_rate() = now.transmit();
  journal::Receive receive;
  receive.set_device(interface.name());
  receive.set_buffer(buffer_name(interface.name()));
  if (now.has_receive()) *receive.mutable_rate() = now.receive();
  // Written down first: a buffer that a kill leaves is removed with the interface.
  remove_step(interface.entry, [](const auto& step) { return step.has_receive(); });
  auto& steps = *interface.entry.mutable_steps();
  *steps.Add()->mutable_receive() = receive;
  write(interface);
  const auto filter = filter_for(interface.name(), interface.entry.wanted().mac(), mode_of(*own),
                                 now, siblings_of(links, lower->index, interface.name()));
  for (const auto& done :
       {kernel_.set_mtu(interface.name(), mtu), kernel_.transmit(transmit),
        kernel_.receive(receive),
        is_open(filter) && interface.filter.device().empty() ? Done()
                                                             : take_filter(interface, filter)}) {
    if (!done) return Refusal{pb::REFUSED, done.error()};
  }
  *interface.entry.mutable_parameters() = now;
  write(interface);
  return std::nullopt;
}

}  // namespace agent::interface
