// SPDX-License-Identifier: Apache-2.0
// A profile that has changed, applied to interfaces that stand.
#include <fmt/format.h>

#include <algorithm>

#include "agent/interface/interface.hpp"
#include "lldp/printable.hpp"

namespace agent::interface {
namespace {

template <class Message>
bool same(const Message& one, const Message& other) {
  return one.SerializeAsString() == other.SerializeAsString();
}

/// What only a new interface can have.
std::optional<Refusal> unchangeable(const journal::Parameters& before,
                                    const journal::Parameters& now, pb::InterfaceMode mode,
                                    bool at_bridge) {
  const bool vlan = before.has_untagged() != now.has_untagged() ||
                    before.untagged() != now.untagged() ||
                    (at_bridge && !std::ranges::equal(before.tagged(), now.tagged()));
  const bool priority = before.default_priority() != now.default_priority();
  const bool allowed =
      now.modes().empty() || std::ranges::find(now.modes(), mode) != now.modes().end();
  const char* const what = vlan                             ? "vlan"
                           : priority                       ? "default_priority"
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
  for (const auto& name : request.names()) {
    if (interfaces_.contains(name)) continue;
    auto& result = *results.add_results();
    result.set_name(name);
    result.mutable_status()->set_code(pb::NOT_FOUND);
    result.mutable_status()->set_sentence(
        fmt::format("there is no interface '{}' of evbd", lldp::to_printable(name)));
  }
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
  const auto links = kernel_.links();
  if (auto not_now = unchangeable(interface.entry.parameters(), **found, wanted.mode(),
                                  bridge_of(wanted.name(), links) != nullptr))
    return not_now;
  const auto& macs = (*found)->macs();
  if (!macs.empty() && std::ranges::find(macs, wanted.mac()) == macs.end()) {
    return Refusal{pb::REFUSED,
                   fmt::format("mac: the profile does not list {} any more", wanted.mac())};
  }
  return set_parameters(interface, **found);
}

/// Of a virtual function that has settings for the interface; whether it limits what the guest
/// sends.
tl::expected<bool, Refusal> Interfaces::apply_to_function(Interface& interface,
                                                          const journal::Parameters& now) {
  for (auto& step : *interface.entry.mutable_steps()) {
    if (!step.has_virtual_function()) continue;
    auto& function = *step.mutable_virtual_function();
    const VfPlace place{function.physical(), function.number()};
    const auto rate = static_cast<std::uint32_t>(now.transmit().bits_per_second() / 1'000'000);
    auto wanted = function.wanted();
    wanted.set_max_tx_rate(now.has_transmit() ? rate : function.before().max_tx_rate());
    const auto before = kernel_.vf(place);
    if (!before) return tl::unexpected(Refusal{pb::REFUSED, before.error()});
    if (const auto able = kernel_.check_vf(place, *before, wanted); !able) {
      return tl::unexpected(Refusal{pb::REFUSED, able.error()});
    }
    *function.mutable_wanted() = wanted;
    write(interface);
    if (const auto done = kernel_.set_vf(place, *before, wanted); !done) {
      return tl::unexpected(Refusal{pb::REFUSED, done.error()});
    }
    return rate > 0;
  }
  return false;
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
  const auto by_function = apply_to_function(interface, now);
  if (!by_function) return by_function.error();
  if (now.has_transmit() && !*by_function) *transmit.mutable_rate() = now.transmit();
  journal::Receive receive;
  receive.set_device(interface.name());
  receive.set_buffer(buffer_name(interface.name()));
  if (now.has_receive()) *receive.mutable_rate() = now.receive();
  // Written down first: a buffer that a kill leaves is removed with the interface.
  remove_step(interface.entry, [](const auto& step) { return step.has_receive(); });
  auto& steps = *interface.entry.mutable_steps();
  *steps.Add()->mutable_receive() = receive;
  write(interface);
  for (const auto& step : interface.entry.steps()) {
    if (!step.has_bridge_vlan()) continue;
    if (auto done = take(interface, step); !done) return done.error();
  }
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
