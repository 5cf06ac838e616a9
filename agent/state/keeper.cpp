// SPDX-License-Identifier: Apache-2.0
#include "agent/state/keeper.hpp"

#include <algorithm>
#include <utility>

namespace agent::state {

Keeper::Keeper(Ports& ports, Database database, std::vector<Wish> wishes)
    : ports_(ports), database_(std::move(database)) {
  for (auto& wish : wishes) {
    Entry& stored = entry({wish.port, wish.request.id});
    stored.wish = std::move(wish);
    size_ += std::exchange(stored.accepted, true) ? 0 : 1;
  }
}

void Keeper::resume(base::Instant now) {
  resuming_ = true;
  for (const auto& wish : wishes()) {
    const auto* const core = ports_.core(wish.port);
    if (core == nullptr || core->config().evb.role != lldp::EvbRole::kStation) continue;
    if (core->vsi(wish.request.id)) continue;
    if (wish.ending) {
      entry({wish.port, wish.request.id}).to_end = true;
      endings_by_ = now + kEndingWait;
    }
    ports_.feed(wish.port, vdp::AssociateRequested{wish.request});
  }
  resuming_ = false;
}

std::vector<Wish> Keeper::wishes() const {
  std::vector<Wish> wishes;
  wishes.reserve(size_);
  entries_.for_each([&](const Entry& entry) {
    if (entry.accepted) wishes.push_back(entry.wish);
  });
  return wishes;
}

const Wish* Keeper::find(const VsiKey& key) const {
  const Entry* const found = entries_.find(key);
  return found == nullptr || !found->accepted ? nullptr : &found->wish;
}

Keeper::Entry& Keeper::entry(const VsiKey& key) {
  Entry* const found = entries_.find(key);
  return found == nullptr ? entries_.make(key) : *found;
}

void Keeper::touch(Entry& entry) {
  ++changes_;
  if (std::exchange(entry.unwritten, true)) return;
  unwritten_.push_back(&entry);
  if (!std::exchange(flush_expected_, true) && wake) wake();
}

void Keeper::erase_if_empty(Entry& entry) {
  const bool holds = entry.accepted || entry.asked || entry.unwritten || entry.to_end;
  if (!holds && entry.origin == nullptr) entries_.erase(entry);
}

void Keeper::asked_by_libvirt(const VsiKey& key, const LibvirtOrigin& origin) {
  Entry& known = entry(key);
  if (!known.accepted) {
    known.origin = std::make_unique<LibvirtOrigin>(origin);
  } else if (known.wish.libvirt != origin) {
    known.wish.libvirt = origin;
    touch(known);
  }
}

void Keeper::asked(std::string_view port, const vdp::Input& input) {
  if (const auto* const associate = std::get_if<vdp::AssociateRequested>(&input)) {
    Entry& known = entry({std::string(port), associate->request.id});
    if (!resuming_) known.to_end = false;
    known.asked = true;
    if (known.accepted) {
      known.next = std::make_unique<vdp::VsiRequest>(associate->request);
    } else {
      known.wish.request = associate->request;
    }
  } else if (const auto* const end = std::get_if<vdp::DeassociateRequested>(&input)) {
    Entry* const known = entries_.find({std::string(port), end->id});
    if (known == nullptr || !known->accepted) return;
    known->to_end = false;
    known->wish.ending = true;
    touch(*known);
  }
}

void Keeper::port_output(std::string_view port, const vdp::Output& output) {
  if (entries_.size() == 0) return;  // no client of a station has ever asked for anything
  if (const auto* const change = std::get_if<vdp::VsiChanged>(&output)) {
    Entry* const known = entries_.find({std::string(port), change->id});
    if (known != nullptr) changed(*known, *change);
  } else if (const auto* const refused = std::get_if<vdp::RequestRefused>(&output)) {
    Entry* const known = entries_.find({std::string(port), refused->id});
    if (known == nullptr) return;
    known->asked = false;
    known->next.reset();
    known->origin.reset();
    const auto* const core = ports_.core(port);
    if (core != nullptr && core->vsi(refused->id)) return erase_if_empty(*known);
    drop(*known);
  }
}

void Keeper::drop(Entry& entry) {
  entry.asked = false;
  entry.next.reset();
  entry.origin.reset();
  if (std::exchange(entry.accepted, false)) {
    --size_;
    touch(entry);
  }
  erase_if_empty(entry);
}

/// The port took the request that was on its way.
void Keeper::accept(Entry& entry) {
  entry.asked = false;
  const bool is_new = !std::exchange(entry.accepted, true);
  size_ += is_new ? 1 : 0;
  auto& wish = entry.wish;
  // What was ended and is wanted again begins anew.
  if (is_new || (wish.ending && !entry.to_end)) wish.associated = false;
  if (entry.next != nullptr) wish.request = std::move(*std::exchange(entry.next, nullptr));
  wish.ending = entry.to_end;
  if (is_new) wish.libvirt.reset();
  if (entry.origin != nullptr) wish.libvirt = std::move(*std::exchange(entry.origin, nullptr));
  touch(entry);
}

void Keeper::changed(Entry& entry, const vdp::VsiChanged& change) {
  if (change.gone) {
    entry.to_end = false;
    drop(entry);
    return;
  }
  if (entry.asked) accept(entry);
  if (!entry.accepted || change.cause != vdp::VsiCause::kConfirmed) return;
  if (change.state == vdp::VsiState::kAssociated && !entry.wish.associated) {
    entry.wish.associated = true;
    touch(entry);
  }
  if (std::exchange(entry.to_end, false)) {
    end_now_.push_back(entry.key);
    if (wake) wake();
  }
}

void Keeper::work() {
  for (const auto& key : std::exchange(end_now_, {})) {
    ports_.feed(key.port, vdp::DeassociateRequested{key.id, {}});
  }
}

void Keeper::time_passed(base::Instant now) {
  if (!endings_by_ || *endings_by_ > now) return;
  endings_by_.reset();
  std::vector<VsiKey> overdue;
  entries_.for_each([&](Entry& entry) {
    if (std::exchange(entry.to_end, false)) overdue.push_back(entry.key);
  });
  for (const auto& key : overdue) ports_.feed(key.port, vdp::DeassociateRequested{key.id, {}});
}

bool Keeper::flush(std::size_t most) {
  flush_expected_ = false;
  if (unwritten_.empty()) return true;
  const auto end =
      unwritten_.begin() + static_cast<std::ptrdiff_t>(std::min(most, unwritten_.size()));
  Changes changes;
  changes.reserve(static_cast<std::size_t>(end - unwritten_.begin()));
  std::for_each(unwritten_.begin(), end, [&](const Entry* entry) {
    changes.push_back({entry->key, entry->accepted ? &entry->wish : nullptr});
  });
  const auto done = database_.write(changes);
  if (!done) {
    if (!std::exchange(failing_, true) && trouble) trouble(done.error());
    return false;  // kept for the next turn that has something to write
  }
  failing_ = false;
  std::for_each(unwritten_.begin(), end, [&](Entry* entry) {
    entry->unwritten = false;
    erase_if_empty(*entry);
  });
  unwritten_.erase(unwritten_.begin(), end);
  flush_expected_ = !unwritten_.empty();
  return true;
}

}  // namespace agent::state
