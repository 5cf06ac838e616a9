// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "agent/libvirt/guest.hpp"

// What becomes of the VSIs that libvirt asked for.

namespace agent::libvirt {
namespace {

using vdp::VsiCause;
using vdp::VsiState;

VsiState wanted_state(PortRequest request) {
  switch (request) {
    case PortRequest::kPreAssociate: return VsiState::kPreassociated;
    case PortRequest::kPreAssociateWithReservation: return VsiState::kPreassociatedWithReservation;
    case PortRequest::kAssociate: return VsiState::kAssociated;
    case PortRequest::kDisassociate: return VsiState::kDeassociated;
  }
  return VsiState::kDeassociated;
}

PortRequest request_of(vdp::AssociationType type) {
  switch (type) {
    case vdp::AssociationType::kPreAssociate: return PortRequest::kPreAssociate;
    case vdp::AssociationType::kPreAssociateWithReservation:
      return PortRequest::kPreAssociateWithReservation;
    case vdp::AssociationType::kAssociate: return PortRequest::kAssociate;
    case vdp::AssociationType::kDeAssociate: return PortRequest::kDisassociate;
  }
  return PortRequest::kAssociate;
}

}  // namespace

LibvirtAgent::Guest* LibvirtAgent::find(std::string_view port, const vdp::VsiId& id) {
  const auto found = guests_.find({std::string(port), id});
  return found == guests_.end() ? nullptr : found->second.get();
}

std::string LibvirtAgent::describe(const Guest& guest) const {
  return fmt::format("VSI {} ({}) on {}", vdp::to_string(guest.key.id),
                     guest.mac ? lldp::to_string(*guest.mac) : "no MAC address", guest.key.port);
}

void LibvirtAgent::arm(Guest& guest) {
  const auto next =
      base::earlier(guest.decide_by, base::earlier(guest.release_at, guest.notify_at));
  deadlines_.set(guest, guest.deadline, next);
  host_.wake();  // an output of a port may have brought the deadline nearer
}

void LibvirtAgent::erase(Guest& guest) {
  if (guest.mac) macs_.erase(macs_.find(*guest.mac));
  deadlines_.set(guest, guest.deadline, std::nullopt);
  guests_.erase(VsiKey(guest.key));
}

void LibvirtAgent::port_output(std::string_view port, const vdp::Output& output) {
  if (const auto* const change = std::get_if<vdp::VsiChanged>(&output)) {
    if (auto* const guest = find(port, change->id)) changed(*guest, *change);
  } else if (const auto* const refused = std::get_if<vdp::RequestRefused>(&output)) {
    auto* const guest = find(port, refused->id);
    if (guest == nullptr) return;
    const bool done = guest->request == PortRequest::kDisassociate;
    decide(ports_.now(), *guest,
           done ? number_of(Response::kSuccess) : response_to(refused->refusal));
    const auto* const core = ports_.core(port);
    if (core == nullptr || !core->vsi(refused->id)) erase(*guest);
  }
}

void LibvirtAgent::changed(Guest& guest, const vdp::VsiChanged& change) {
  const auto now = ports_.now();
  if (change.gone) {
    const bool done = guest.request == PortRequest::kDisassociate;
    decide(now, guest, number_of(done ? Response::kSuccess : Response::kNotSendable));
    erase(guest);
  } else if (change.cause == VsiCause::kConfirmed) {
    confirmed(now, guest, change.state);
  } else if (change.cause != VsiCause::kRequested) {
    failed(now, guest, change);
  }
}

void LibvirtAgent::confirmed(base::Instant now, Guest& guest, VsiState state) {
  if (guest.releasing || state != wanted_state(guest.request)) return;
  decide(now, guest, number_of(Response::kSuccess));
  guest.notify_at.reset();
  guest.notify_after = {};
  guest.running = guest.running || guest.request == PortRequest::kAssociate;
  arm(guest);
}

void LibvirtAgent::failed(base::Instant now, Guest& guest, const vdp::VsiChanged& change) {
  if (guest.releasing || !change.failure) return;
  const bool final = change.cause == VsiCause::kRefusedByBridge ||
                     change.cause == VsiCause::kRefusedLocally ||
                     change.cause == VsiCause::kDeassociatedByBridge;
  // Without an answer the core asks again, and there is time until libvirt's patience ends.
  if (!final) return;
  if (guest.deciding) {
    decide(now, guest, response_to(*change.failure));
    if (!guest.running) release_later(guest);
  }
  const bool ended = change.cause == VsiCause::kDeassociatedByBridge || change.failure->hard;
  if (guest.running && ended && change.state != VsiState::kAssociated) lost(now, guest);
}

void LibvirtAgent::lost(base::Instant now, Guest& guest) {
  if (guest.notify_at) return;
  if (guest.notify_after == base::Duration::zero()) guest.notify_after = notify_after_;
  guest.notify_at = now + guest.notify_after;
  guest.notify_after = std::min(guest.notify_after * 2, kNotifyLongest);
  arm(guest);
}

void LibvirtAgent::decide(base::Instant now, Guest& guest, std::uint16_t response) {
  if (!guest.deciding) return;
  guest.deciding = false;
  guest.decide_by.reset();
  arm(guest);
  nlmsghdr header{};
  header.nlmsg_pid = guest.origin.client;
  SetLink request;
  request.ifindex = guest.origin.ifindex;
  request.id = guest.key.id;
  request.mac = guest.mac;
  request.request = guest.request;
  refuse(now, header, request, guest.key.port, response);
}

void LibvirtAgent::release_later(Guest& guest) {
  guest.releasing = true;
  releases_.push_back(guest.key);
  host_.wake();
}

void LibvirtAgent::work(base::Instant now) {
  for (const auto& key : std::exchange(releases_, {})) {
    auto* const guest = find(key.port, key.id);
    if (guest != nullptr && guest->releasing) release(now, *guest);
  }
}

void LibvirtAgent::release(base::Instant now, Guest& guest) {
  guest.releasing = true;
  guest.running = false;
  guest.request = PortRequest::kDisassociate;
  guest.release_at.reset();
  guest.notify_at.reset();
  if (!guest.deciding) guest.decide_by.reset();
  arm(guest);
  vdp::DeassociateRequested request{guest.key.id, {}};
  request.migration.from_here = guest.mac && host_.vm_is_leaving(guest.key.id, *guest.mac);
  const auto key = guest.key;
  const auto* const core = ports_.core(key.port);
  if (core != nullptr && core->vsi(key.id)) {
    ports_.feed(key.port, request);  // the guest may be gone after this
  } else {
    decide(now, guest, number_of(Response::kSuccess));
    erase(guest);
  }
}

void LibvirtAgent::due(base::Instant now, Guest& guest) {
  if (guest.decide_by && *guest.decide_by <= now) {
    guest.decide_by.reset();
    arm(guest);
    const auto* const core = ports_.core(guest.key.port);
    if (guest.request == PortRequest::kDisassociate) {
      decide(now, guest, number_of(Response::kSuccess));
    } else if (core == nullptr) {
      decide(now, guest, number_of(Response::kNoPort));
    } else {
      decide(now, guest, response_to_silence(*core, core->vsi(guest.key.id)));
    }
    // A VM that runs stays wanted for ever; one that libvirt has given up is not.
    if (!guest.running && !guest.releasing) release_later(guest);
  } else if (guest.notify_at && *guest.notify_at <= now) {
    notify(now, guest);
  } else if (guest.release_at && *guest.release_at <= now) {
    host_.log(LogLevel::kNotice,
              fmt::format("libvirt: the device of {} is gone: released", describe(guest)));
    release(now, guest);
  }
}

void LibvirtAgent::notify(base::Instant now, Guest& guest) {
  guest.notify_at = now + guest.notify_after;
  guest.notify_after = std::min(guest.notify_after * 2, kNotifyLongest);
  arm(guest);
  if (!guest.mac) return;
  ++counters_.notifications;
  host_.log(LogLevel::kNotice,
            fmt::format("libvirt: {} stays de-associated by the bridge: libvirt is told",
                        describe(guest)));
  const Notification notification{guest.origin.ifindex, guest.origin.ifname, *guest.mac,
                                  guest.vlan,           guest.vsi_type,      guest.key.id};
  host_.send(guest.origin.client, encode(notification, ++sequence_, host_.own_port_id()));
}

void LibvirtAgent::devices_changed(base::Instant now) {
  for (auto& [key, slot] : guests_) {
    auto& guest = *slot;
    if (!guest.mac || guest.releasing) continue;
    const bool exists = host_.guest_device_exists(*guest.mac);
    // A device that a container took along is never seen to go: then only a request ends the VSI.
    const bool seen = exists || (guest.origin.device_seen && !host_.guest_device_moved(*guest.mac));
    if (seen != guest.origin.device_seen) {
      guest.origin.device_seen = seen;
      host_.remember(guest.key, guest.origin);
    }
    if (exists == !guest.release_at || !guest.origin.device_seen) continue;
    guest.release_at = exists ? std::nullopt : std::optional(now + kDeviceGrace);
    arm(guest);
  }
  host_.wake();
}

void LibvirtAgent::restore(base::Instant now, const std::vector<state::Wish>& wishes) {
  for (const auto& wish : wishes) {
    if (!wish.libvirt || wish.request.filters.entries.empty()) continue;
    const VsiKey key{wish.port, wish.request.id};
    auto& slot = guests_[key];
    if (slot) continue;
    slot = std::make_unique<Guest>();
    auto& guest = *slot;
    const auto& filter = wish.request.filters.entries[0];
    guest.key = key;
    guest.asked_at = now;
    guest.origin = *wish.libvirt;
    if (vdp::has_mac(wish.request.filters.format)) guest.mac = filter.mac;
    if (guest.mac) macs_.insert(*guest.mac);
    guest.vlan = filter.vid;
    guest.vsi_type = {wish.libvirt->manager, wish.request.vsi_type};
    guest.request = wish.ending ? PortRequest::kDisassociate : request_of(wish.request.type);
    guest.migration = wish.request.migration;
    guest.running = wish.associated;
    guest.releasing = wish.ending;
    // A request that was under way when evbd ended: libvirt may still poll for it.
    const bool decided = wish.associated && wish.request.type == vdp::AssociationType::kAssociate;
    if (!decided && !wish.ending) {
      guest.deciding = true;
      guest.decide_by = now + kDecideWithin;
      polls_.asked(now, guest.group(), guest.origin.ifname,
                   PortState{key.id, guest.vsi_type, guest.request, std::nullopt});
    }
    if (guest.origin.device_seen && !wish.ending) guest.release_at = now + kResumeGrace;
    arm(guest);
  }
  devices_changed(now);
}

}  // namespace agent::libvirt
