// SPDX-License-Identifier: Apache-2.0
// Requests: what is asked for is planned as a whole, begun, and answered when all of it has ended.
#include <fmt/format.h>

#include <algorithm>

#include "agent/interface/interface.hpp"
#include "lldp/printable.hpp"

namespace agent::interface {
namespace {

constexpr int kMaxInterfaces = 256;  // of one request, as many as of one domain's XML

void set(pb::InterfaceResult& result, const Refusal& refusal) {
  result.mutable_status()->set_code(refusal.code);
  result.mutable_status()->set_sentence(refusal.sentence);
}

/// One result for a request of which nothing was begun.
pb::InterfaceResults only(const std::string& name, const Refusal& refusal) {
  pb::InterfaceResults results;
  auto& result = *results.add_results();
  result.set_name(name);
  set(result, refusal);
  return results;
}

}  // namespace

tl::expected<std::optional<journal::Parameters>, Refusal> Interfaces::parameters(
    const pb::InterfaceWanted& wanted) {
  const auto& name = wanted.profile();
  if (name.empty()) return std::nullopt;
  auto found = surroundings_.find_profile
                   ? surroundings_.find_profile(name)
                   : tl::expected<std::optional<journal::Parameters>, std::string>(std::nullopt);
  if (!found)
    return tl::unexpected(Refusal{pb::INTERNAL, fmt::format("profile: {}", found.error())});
  // Where the driver has port profiles of its own, the switch resolves the name.
  if (*found || kernel_.driver(wanted.device()) == "enic") return std::move(*found);
  return tl::unexpected(
      Refusal{pb::NOT_FOUND,
              fmt::format("profile: there is no port profile '{}'; 'evbctl profile show' lists "
                          "them",
                          lldp::to_printable(name))});
}

tl::expected<Plan, Refusal> Interfaces::plan_for(const pb::InterfaceWanted& wanted,
                                                 const std::vector<pb::InterfaceWanted>& promised) {
  const auto found = parameters(wanted);
  if (!found) return tl::unexpected(found.error());
  Situation situation{kernel_, ports_, kernel_.links(), {}, {}, {}, {}};
  situation.find_type_modes = surroundings_.find_type_modes;
  situation.shared_vlan = [&](const std::string& port, std::uint32_t vid) {
    return shared_vlan(port, vid, wanted.name());
  };
  situation.promised = [&](const std::string& name) {
    return interfaces_.contains(name) ||
           std::ranges::any_of(promised, [&](const auto& each) { return each.name() == name; });
  };
  const auto count = [&](const pb::InterfaceWanted& each) {
    if (!each.profile().empty() && each.profile() == wanted.profile()) {
      situation.same_profile.push_back(each.name());
    }
  };
  for (const auto& [name, interface] : interfaces_) count(interface->entry.wanted());
  for (const auto& each : promised) count(each);
  return plan(wanted, *found, situation);
}

/// Plans all of them, and gives each its name and address. Nothing is changed.
std::optional<Refusal> Interfaces::check(pb::InterfaceAttach& request) {
  if (request.interfaces().empty() || request.interfaces_size() > kMaxInterfaces) {
    return Refusal{pb::INVALID,
                   fmt::format("interfaces: {} of them; 1 to {} are attached at a time",
                               request.interfaces_size(), kMaxInterfaces)};
  }
  std::vector<pb::InterfaceWanted> promised;
  for (int i = 0; i < request.interfaces_size(); ++i) {
    auto planned = plan_for(request.interfaces(i), promised);
    if (!planned) {
      return Refusal{planned.error().code,
                     fmt::format("interfaces[{}].{}", i, planned.error().sentence)};
    }
    *request.mutable_interfaces(i) = planned->wanted;
    promised.push_back(planned->wanted);
  }
  return std::nullopt;
}

void Interfaces::attach(const pb::InterfaceAttach& asked, Answer answer) {
  auto request = asked;
  if (const auto refusal = check(request)) {
    answer(only("", *refusal));
    return;
  }
  const auto batch = std::make_shared<Batch>();
  batch->attaching = true;
  batch->answer = std::move(answer);
  const auto limit = std::chrono::milliseconds(request.wait_limit_ms());
  batch->deadline = ports_.now() + (limit.count() > 0 ? base::Duration(limit) : kAttachLimit);
  for (const auto& wanted : request.interfaces()) {
    batch->result(wanted.name());
    batch->open.insert(wanted.name());
  }
  for (const auto& wanted : request.interfaces()) {
    const auto refusal =
        batch->failed
            ? Refusal{pb::REFUSED, "not attached, as another one of the request was refused"}
            : begin(wanted, batch);
    if (!refusal) continue;
    fail(batch, wanted.name(), *refusal);
    settle(batch, wanted.name());
  }
  if (surroundings_.wake) surroundings_.wake();
}

/// Plans again, against what is there now, and takes the first steps.
std::optional<Refusal> Interfaces::begin(const pb::InterfaceWanted& wanted, const Shared& batch) {
  auto planned = plan_for(wanted, {});
  if (!planned) return planned.error();
  const auto found = parameters(wanted);
  auto made = std::make_unique<Interface>();
  made->entry.set_phase(journal::ATTACHING);
  *made->entry.mutable_wanted() = planned->wanted;
  if (found && *found) *made->entry.mutable_parameters() = **found;
  made->entry.set_since_us(ports_.wall_clock(ports_.now()).time_since_epoch() /
                           std::chrono::microseconds(1));
  made->plan = std::move(planned->steps);
  made->batches.push_back(batch);
  auto& interface = *interfaces_.emplace(wanted.name(), std::move(made)).first->second;
  advance(interface);
  return std::nullopt;
}

/// The first refusal of a request takes back all of it.
void Interfaces::fail(const Shared& batch, const std::string& name, Refusal refusal) {
  auto& status = *batch->result(name).mutable_status();
  if (status.code() == pb::OK) set(batch->result(name), refusal);
  if (std::exchange(batch->failed, true)) return;
  for (auto& result : *batch->results.mutable_results()) {
    const auto found = interfaces_.find(result.name());
    if (result.status().code() == pb::OK) {
      set(result, {refusal.code, fmt::format("not attached, as {} was refused", name)});
    }
    if (found != interfaces_.end()) {
      batch->open.insert(result.name());
      start_undo(*found->second);
    }
  }
}

/// The interface has come where the request wanted it, or to its end.
void Interfaces::settle(const Shared& batch, const std::string& name) {
  if (batch->attaching && batch->failed && interfaces_.contains(name) &&
      interfaces_.find(name)->second->stuck.empty()) {
    return;  // its end is still to come
  }
  if (batch->open.erase(name) > 0 && batch->open.empty()) finish(batch);
}

void Interfaces::finish(const Shared& batch) {
  std::vector<const journal::Entry*> attached;
  for (auto& result : *batch->results.mutable_results()) {
    const auto found = interfaces_.find(result.name());
    if (found == interfaces_.end()) continue;
    std::erase(found->second->batches, batch);
    if (!batch->attaching || batch->failed) continue;
    found->second->entry.set_phase(journal::ATTACHED);
    attached.push_back(&found->second->entry);
  }
  if (!attached.empty()) {
    if (const auto done = file_.write(attached); !done) log(done.error());
  }
  for (auto& result : *batch->results.mutable_results()) {
    const auto found = interfaces_.find(result.name());
    if (found != interfaces_.end()) report(found->second->entry, *result.mutable_interface());
  }
  const bool was_heard = batch->answer(batch->results);
  if (attached.empty()) return;
  links_changed();  // private neighbours have a new one
  if (was_heard) return;
  for (const auto& result : batch->results.results()) {
    log(fmt::format("interface {}: whoever asked for it is gone; it is detached", result.name()));
    start_undo(*interfaces_.find(result.name())->second);
  }
}

void Interfaces::detach(const pb::InterfaceDetach& request, Answer answer) {
  const auto batch = std::make_shared<Batch>();
  batch->answer = std::move(answer);
  std::vector<std::string> names(request.names().begin(), request.names().end());
  for (const auto& [name, interface] : interfaces_) {
    const bool of_guest =
        !request.guest().empty() && interface->entry.wanted().guest() == request.guest();
    if (of_guest && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  for (const auto& name : names) {
    const auto found = interfaces_.find(name);
    auto& result = batch->result(name);
    if (found == interfaces_.end()) {
      if (!request.if_there()) {
        set(result, {pb::NOT_FOUND,
                     fmt::format("there is no interface '{}' of evbd", lldp::to_printable(name))});
      }
    } else if (found->second->entry.phase() == journal::ATTACHING) {
      set(result, {pb::REFUSED, fmt::format("{} is being attached; wait for that to end", name)});
    } else {
      batch->open.insert(name);
    }
  }
  if (batch->open.empty()) return finish(batch);
  for (const auto& name : std::set<std::string>(batch->open)) {
    auto& interface = *interfaces_.find(name)->second;
    interface.batches.push_back(batch);
    start_undo(interface);
  }
}

std::vector<const journal::Entry*> Interfaces::entries(std::string_view name) const {
  std::vector<const journal::Entry*> found;
  for (const auto& [key, interface] : interfaces_) {
    if (name.empty() || name == key) found.push_back(&interface->entry);
  }
  return found;
}

}  // namespace agent::interface
