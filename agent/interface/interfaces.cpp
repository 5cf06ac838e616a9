// SPDX-License-Identifier: Apache-2.0
#include "agent/interface/interfaces.hpp"

#include <fmt/format.h>

#include <utility>

#include "agent/interface/interface.hpp"

namespace agent::interface {

Interfaces::Interfaces(Kernel& kernel, Ports& ports, JournalFile::Opened opened,
                       Surroundings surroundings)
    : kernel_(kernel),
      ports_(ports),
      file_(std::move(opened.file)),
      surroundings_(std::move(surroundings)) {
  for (auto& entry : opened.entries) {
    auto interface = std::make_unique<Interface>();
    interface->entry = std::move(entry);
    interface->of_earlier_run = true;
    const auto name = interface->name();
    interfaces_.emplace(name, std::move(interface));
  }
}

Interfaces::~Interfaces() = default;

void Interfaces::log(const std::string& sentence) const {
  if (surroundings_.log) surroundings_.log(sentence);
}

bool Interfaces::write(const Interface& interface) {
  const auto done = file_.write({&interface.entry});
  if (!done) log(done.error());
  return done.has_value();
}

void Interfaces::start() {
  for (auto& [name, interface] : interfaces_) {
    if (interface->entry.phase() != journal::ATTACHED) {
      log(fmt::format("interface {}: evbd ended while it was {}; what was done is taken back", name,
                      interface->entry.phase() == journal::ATTACHING ? "attached" : "detached"));
      interface->entry.set_phase(journal::DETACHING);
      advance_soon_.push_back(name);
    }
    for (const auto& step : interface->entry.steps()) {
      // What it has become since is not written down: it is set anew.
      if (step.has_filter()) interface->filter.set_device("unknown");
    }
  }
  if (interfaces_.empty()) return;
  links_changed();
  if (surroundings_.wake) surroundings_.wake();
}

/// Takes one step after the other until something has to be waited for.
void Interfaces::advance(Interface& interface) {
  while (interface.waiting == Interface::Waiting::kNothing && interface.stuck.empty()) {
    const auto phase = interface.entry.phase();
    if (phase == journal::ATTACHED) return;
    const bool more =
        phase == journal::ATTACHING ? advance_attach(interface) : advance_detach(interface);
    if (!more) return;
  }
}

/// False: there is no step left, or the interface is not there any more.
bool Interfaces::advance_attach(Interface& interface) {
  const auto name = interface.name();
  if (interface.taken == interface.plan.size()) {
    interface.ready = true;
    for (const auto& batch : std::vector<Shared>(interface.batches)) settle(batch, name);
    return false;
  }
  const auto& step = interface.plan[interface.taken];
  *interface.entry.add_steps() = step;
  tl::expected<void, Refusal> done;
  if (write(interface)) {
    done = take(interface, step);
  } else {
    done = tl::unexpected(Refusal{pb::INTERNAL, "what is done cannot be written down in run_dir"});
  }
  if (!done) {
    interface.waiting = Interface::Waiting::kNothing;
    const auto batches = interface.batches;
    for (const auto& batch : batches) fail(batch, name, done.error());
    return false;
  }
  ++interface.taken;
  return true;
}

bool Interfaces::advance_detach(Interface& interface) {
  auto& steps = *interface.entry.mutable_steps();
  if (steps.empty()) {
    ended(interface.name());
    return false;
  }
  // A copy: undoing one may hand it to another interface.
  const journal::Step last = steps[steps.size() - 1];
  const auto done = undo(interface, last);
  if (!done) {
    interface.stuck = done.error();
    log(fmt::format("interface {}: {}; it stays on the list until that is done", interface.name(),
                    done.error()));
    for (const auto& batch : std::vector<Shared>(interface.batches)) {
      auto& status = *batch->result(interface.name()).mutable_status();
      status.set_code(pb::INTERNAL);
      status.set_sentence(done.error());
      settle(batch, interface.name());
    }
    return false;
  }
  if (interface.waiting != Interface::Waiting::kNothing) return false;
  steps.RemoveLast();
  write(interface);
  return true;
}

void Interfaces::start_undo(Interface& interface) {
  interface.stuck.clear();
  if (interface.entry.phase() == journal::DETACHING &&
      interface.waiting != Interface::Waiting::kNothing) {
    return;  // under way
  }
  interface.entry.set_phase(journal::DETACHING);
  interface.waiting = Interface::Waiting::kNothing;
  interface.ready = false;
  write(interface);
  advance_soon_.push_back(interface.name());
  if (surroundings_.wake) surroundings_.wake();
}

void Interfaces::ended(const std::string& name) {
  auto gone = interfaces_.extract(name);
  if (const auto done = file_.remove(name); !done) log(done.error());
  for (const auto& batch : gone.mapped()->batches) settle(batch, name);
}

// ---- What happens around --------------------------------------------------------------------

void Interfaces::links_changed() {
  const auto links = kernel_.links();
  if (links.empty()) return;  // not read: nothing is known
  for (auto& [name, interface] : interfaces_) {
    if (interface->entry.phase() == journal::DETACHING && !interface->stuck.empty()) {
      interface->stuck.clear();
      advance_soon_.push_back(name);
      if (surroundings_.wake) surroundings_.wake();
    }
    if (interface->entry.phase() != journal::ATTACHED) continue;
    if (find(links, name) != nullptr) {
      follow_siblings(*interface, links);
      continue;
    }
    const auto mac = lldp::parse_mac_address(interface->entry.wanted().mac());
    if (mac && surroundings_.moved_away && surroundings_.moved_away(*mac)) continue;
    log(fmt::format("interface {}: somebody else has removed it; the rest is taken back", name));
    start_undo(*interface);
  }
}

void Interfaces::follow_siblings(Interface& interface, const std::vector<net::Link>& links) {
  const auto* const own = find(links, interface.name());
  const auto& entry = interface.entry;
  const auto filter =
      filter_for(interface.name(), entry.wanted().mac(), entry.wanted().mode(),
                 entry.has_parameters() ? std::optional(entry.parameters()) : std::nullopt,
                 siblings_of(links, own->lower, interface.name()));
  const bool none = is_open(filter) && interface.filter.device().empty();
  if (none || filter.SerializeAsString() == interface.filter.SerializeAsString()) return;
  if (const auto done = take_filter(interface, filter); !done) {
    log(fmt::format("interface {}: {}", interface.name(), done.error()));
  }
}

void Interfaces::port_output(std::string_view port, const vdp::Output& output) {
  const auto* const changed = std::get_if<vdp::VsiChanged>(&output);
  const auto* const refused = std::get_if<vdp::RequestRefused>(&output);
  if (changed == nullptr && refused == nullptr) return;
  const auto& id = changed != nullptr ? changed->id : refused->id;
  for (const auto& [name, interface] : interfaces_) {
    if (interface->waiting == Interface::Waiting::kNothing || interface->vsi != id) continue;
    heard_.push_back({std::string(port), output});
    if (surroundings_.wake) surroundings_.wake();
    return;
  }
}

void Interfaces::work() {
  while (!heard_.empty() || !advance_soon_.empty()) {
    for (const auto& each : std::exchange(heard_, {})) {
      for (auto& [name, interface] : interfaces_) {
        if (interface->port == each.port) heard(*interface, each.output);
      }
    }
    for (const auto& name : std::exchange(advance_soon_, {})) {
      const auto found = interfaces_.find(name);
      if (found != interfaces_.end()) advance(*found->second);
    }
  }
}

std::optional<base::Instant> Interfaces::deadline() const {
  std::optional<base::Instant> earliest;
  const auto take = [&](base::Instant instant) {
    if (!earliest || instant < *earliest) earliest = instant;
  };
  for (const auto& [name, interface] : interfaces_) {
    if (interface->waiting == Interface::Waiting::kNothing) continue;
    take(interface->wait_until);
    for (const auto& batch : interface->batches) {
      if (batch->attaching && !batch->failed) take(batch->deadline);
    }
  }
  return earliest;
}

void Interfaces::time_passed(base::Instant now) {
  std::vector<std::pair<Shared, std::string>> late;
  for (auto& [name, interface] : interfaces_) {
    if (interface->waiting == Interface::Waiting::kNothing) continue;
    for (const auto& batch : interface->batches) {
      if (batch->attaching && !batch->failed && batch->deadline <= now) {
        late.emplace_back(batch, name);
      }
    }
    if (interface->wait_until <= now) waited(*interface, now);
  }
  for (const auto& [batch, name] : late) {
    fail(batch, name,
         {pb::NO_ANSWER, "neither a yes nor a no has come in time; what was done is taken back"});
  }
  work();
}

/// The time of what an interface waits for is over, or the time to look again has come.
void Interfaces::waited(Interface& interface, base::Instant now) {
  switch (interface.waiting) {
    case Interface::Waiting::kConfirmation: return end_association(interface);
    case Interface::Waiting::kRelease:
      log(fmt::format("interface {}: the end of its association is not waited for any longer",
                      interface.name()));
      return undone(interface);
    case Interface::Waiting::kPortProfile: return poll_port_profile(interface, now);
    default: interface.wait_until = now + kAttachLimit; return;  // the request's limit counts
  }
}

void Interfaces::poll_port_profile(Interface& interface, base::Instant now) {
  const auto& step = *interface.entry.steps().rbegin();
  const auto said = kernel_.port_response(step.port_profile());
  interface.wait_until = now + kPortProfilePoll;
  if (said == PortResponse::kInProgress) return;
  interface.waiting = Interface::Waiting::kNothing;
  advance_soon_.push_back(interface.name());
  if (said != PortResponse::kRefused) return;
  for (const auto& batch : std::vector<Shared>(interface.batches)) {
    fail(batch, interface.name(),
         {pb::REFUSED, "profile: the driver, or the switch behind it, refuses the port profile"});
  }
}

/// The undoing of the last step has come to its end.
void Interfaces::undone(Interface& interface) {
  interface.waiting = Interface::Waiting::kNothing;
  interface.entry.mutable_steps()->RemoveLast();
  write(interface);
  advance_soon_.push_back(interface.name());
}

}  // namespace agent::interface
