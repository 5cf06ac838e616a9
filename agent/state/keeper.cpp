// SPDX-License-Identifier: Apache-2.0
#include "agent/state/keeper.hpp"

#include <utility>

namespace agent::state {

Keeper::Keeper(Ports& ports, Database database, std::vector<Wish> wishes)
    : ports_(ports), database_(std::move(database)) {
  for (auto& wish : wishes) {
    const WishKey key{wish.port, wish.request.id};
    wishes_.insert_or_assign(key, std::move(wish));
  }
}

void Keeper::resume(base::Instant now) {
  resuming_ = true;
  for (const auto& wish : wishes()) {
    const auto* const core = ports_.core(wish.port);
    if (core == nullptr || core->config().evb.role != lldp::EvbRole::kStation) continue;
    if (core->vsi(wish.request.id)) continue;
    if (wish.ending) {
      endings_.insert({wish.port, wish.request.id});
      endings_by_ = now + kEndingWait;
    }
    ports_.feed(wish.port, vdp::AssociateRequested{wish.request});
  }
  resuming_ = false;
}

std::vector<Wish> Keeper::wishes() const {
  std::vector<Wish> wishes;
  wishes.reserve(wishes_.size());
  for (const auto& [key, wish] : wishes_) wishes.push_back(wish);
  return wishes;
}

const Wish* Keeper::find(const WishKey& key) const {
  const auto found = wishes_.find(key);
  return found == wishes_.end() ? nullptr : &found->second;
}

void Keeper::touch(const WishKey& key) {
  dirty_.insert(key);
  if (!std::exchange(flush_expected_, true) && wake) wake();
}

void Keeper::asked_by_libvirt(const WishKey& key, const LibvirtOrigin& origin) {
  if (const auto found = wishes_.find(key); found != wishes_.end()) {
    if (found->second.libvirt == origin) return;
    found->second.libvirt = origin;
    touch(key);
  } else {
    origins_[key] = origin;
  }
}

void Keeper::asked(std::string_view port, const vdp::Input& input) {
  if (const auto* const associate = std::get_if<vdp::AssociateRequested>(&input)) {
    const WishKey key{std::string(port), associate->request.id};
    if (!resuming_) endings_.erase(key);
    candidates_[key] = associate->request;
  } else if (const auto* const end = std::get_if<vdp::DeassociateRequested>(&input)) {
    const auto found = wishes_.find({std::string(port), end->id});
    if (found == wishes_.end()) return;
    endings_.erase(found->first);
    found->second.ending = true;
    touch(found->first);
  }
}

void Keeper::port_output(std::string_view port, const vdp::Output& output) {
  if (const auto* const change = std::get_if<vdp::VsiChanged>(&output)) {
    changed({std::string(port), change->id}, *change);
  } else if (const auto* const refused = std::get_if<vdp::RequestRefused>(&output)) {
    const WishKey key{std::string(port), refused->id};
    candidates_.erase(key);
    origins_.erase(key);
    const auto* const core = ports_.core(port);
    if (core != nullptr && core->vsi(refused->id)) return;
    if (wishes_.erase(key) > 0) touch(key);
  }
}

void Keeper::changed(const WishKey& key, const vdp::VsiChanged& change) {
  if (change.gone) {
    candidates_.erase(key);
    origins_.erase(key);
    endings_.erase(key);
    if (wishes_.erase(key) > 0) touch(key);
    return;
  }
  if (auto candidate = candidates_.extract(key)) {
    const bool is_new = !wishes_.contains(key);
    auto& wish = wishes_[key];
    const bool resumed = endings_.contains(key);
    // What was ended and is wanted again begins anew.
    if (is_new || (wish.ending && !resumed)) wish.associated = false;
    wish.port = key.port;
    wish.request = std::move(candidate.mapped());
    wish.ending = resumed;
    if (auto origin = origins_.extract(key)) wish.libvirt = std::move(origin.mapped());
    touch(key);
  }
  const auto found = wishes_.find(key);
  if (found == wishes_.end() || change.cause != vdp::VsiCause::kConfirmed) return;
  if (change.state == vdp::VsiState::kAssociated && !found->second.associated) {
    found->second.associated = true;
    touch(key);
  }
  if (endings_.erase(key) > 0) {
    end_now_.push_back(key);
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
  const auto endings = std::exchange(endings_, {});
  for (const auto& key : endings) ports_.feed(key.port, vdp::DeassociateRequested{key.id, {}});
}

void Keeper::flush() {
  flush_expected_ = false;
  if (dirty_.empty()) return;
  Changes changes;
  for (const auto& key : std::exchange(dirty_, {})) changes[key] = find(key);
  const auto done = database_.write(changes);
  if (!done && !std::exchange(failing_, true) && trouble) trouble(done.error());
  if (done) {
    failing_ = false;
    return;
  }
  // Kept for the next turn that has something to write.
  for (const auto& [key, wish] : changes) dirty_.insert(key);
}

}  // namespace agent::state
