// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/host_facts.hpp"

#include <fmt/format.h>

#include "agent/libvirt/doctor_facts.hpp"
#include "agent/libvirt/service.hpp"

namespace agent::libvirt {
namespace {

/// libnl adds multiples of 2^22 to the PID.
constexpr std::uint32_t kPidLimit = 1U << 22U;

std::optional<lldp::MacAddress> mac_of(const vdp::VsiReport& report) {
  const bool has_mac = vdp::has_mac(report.filters.format) && !report.filters.entries.empty();
  return has_mac ? std::optional(report.filters.entries[0].mac) : std::nullopt;
}

std::string refusal_sentence(const PastRefusal& refusal) {
  const auto* const text = explain_response(refusal.response);
  return fmt::format(
      "libvirt was told error {0} about its {1} of {2}: {3} 'evbctl explain {0}' says more.",
      refusal.response, to_string(refusal.request),
      refusal.mac ? lldp::to_string(*refusal.mac) : "a VSI without MAC address",
      text == nullptr ? std::string_view("A reason that the standard reserves.") : text->meaning);
}

}  // namespace

api::HostFacts host_facts(const Daemon& daemon, Service* libvirt) {
  api::HostFacts facts;
  facts.doctor = [&daemon, libvirt] { return diagnose(gather_facts(daemon, libvirt)); };
  if (libvirt == nullptr) return facts;
  facts.vm = [libvirt](const vdp::VsiReport& report) {
    return libvirt->vm_name(report.id, mac_of(report));
  };
  facts.asker = [&daemon, libvirt](std::string_view port,
                                   const vdp::VsiId& id) -> std::optional<api::OtherAsker> {
    const VsiKey key{std::string(port), id};
    const auto* const origin = libvirt->agent().origin(key);
    if (origin == nullptr) return std::nullopt;
    return api::OtherAsker{"libvirt", origin->client % kPidLimit,
                           daemon.wall_clock(*libvirt->agent().asked_at(key))};
  };
  facts.libvirt_refusals = [libvirt] {
    std::vector<api::LibvirtRefusal> told;
    const auto& refusals = libvirt->agent().refusals();
    for (auto each = refusals.rbegin(); each != refusals.rend(); ++each) {
      told.push_back({each->port, each->id, each->at, refusal_sentence(*each)});
    }
    return told;
  };
  facts.libvirt_error = [libvirt](std::string_view port,
                                  const vdp::VsiReport& report) -> std::optional<std::uint16_t> {
    if (!report.last_failure) return std::nullopt;
    if (libvirt->agent().origin({std::string(port), report.id}) == nullptr) return std::nullopt;
    return response_to(*report.last_failure);
  };
  return facts;
}

}  // namespace agent::libvirt
