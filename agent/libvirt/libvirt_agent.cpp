// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/libvirt_agent.hpp"

#include <fmt/format.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>

#include "agent/libvirt/guest.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/printable.hpp"

namespace agent::libvirt {
namespace {

constexpr std::size_t kRefusalsKept = 100;
constexpr std::uint32_t kMaxVid = 4094;

vdp::AssociationType association_type(PortRequest request) {
  switch (request) {
    case PortRequest::kPreAssociate: return vdp::AssociationType::kPreAssociate;
    case PortRequest::kPreAssociateWithReservation:
      return vdp::AssociationType::kPreAssociateWithReservation;
    default: return vdp::AssociationType::kAssociate;
  }
}

vdp::FilterInfo filters_of(const std::optional<lldp::MacAddress>& mac, std::uint16_t vid) {
  vdp::FilterInfo filters;
  vdp::FilterEntry entry;
  filters.format = mac ? vdp::FilterFormat::kMacVid : vdp::FilterFormat::kVid;
  if (mac) entry.mac = *mac;
  entry.vid = vid;
  filters.entries.push_back(entry);
  return filters;
}

}  // namespace

LibvirtAgent::LibvirtAgent(Ports& ports, Host& host, base::Duration hold)
    : ports_(ports),
      host_(host),
      polls_(hold,
             [this](std::uint32_t to, const base::Octets& message) { host_.send(to, message); }) {}

LibvirtAgent::~LibvirtAgent() = default;

void LibvirtAgent::receive(base::Instant now, std::uint32_t from, base::Bytes datagram) {
  do {
    nlmsghdr header{};
    const auto message = take_message(datagram, header);
    if (!message) {
      ++counters_.malformed;
      // To answer an answer could go on for ever.
      const bool answer = header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE;
      if (!answer) host_.send(from, acknowledgement(header, -EINVAL));
      return;
    }
    take(now, from, *message);
  } while (!datagram.empty());
}

void LibvirtAgent::take(base::Instant now, std::uint32_t from, const Message& message) {
  if (message.header.nlmsg_type < NLMSG_MIN_TYPE) return;  // control messages have no answer
  auto request = decode(message);
  if (!request) {
    const bool unknown = request.error().fault == base::Fault::kWrongSubtype;
    ++(unknown ? counters_.unknown : counters_.malformed);
    host_.send(from, acknowledgement(message.header, unknown ? -EOPNOTSUPP : -EINVAL));
    return;
  }
  std::visit(base::Overload{
                 [&](SetLink& set) {
                   // libvirt waits for this answer without limit: it never waits for the ports.
                   host_.send(from, acknowledgement(message.header, 0));
                   set_link(now, message.header, std::move(set));
                 },
                 [&](const GetLink& get) {
                   ++counters_.polls;
                   polls_.poll(now, from, message.header, get);
                   host_.wake();
                 },
             },
             *request);
}

void LibvirtAgent::set_link(base::Instant now, const nlmsghdr& header, SetLink request) {
  ++counters_.requests;
  if (request.ifname.empty()) request.ifname = host_.interface_name(request.ifindex);
  polls_.asked(now, {header.nlmsg_pid, request.ifindex}, request.ifname,
               PortState{request.id, request.vsi_type.value_or(VsiTypeField{}), request.request,
                         std::nullopt});
  auto place = ports_.place(request.ifname);
  if (place) look_into_channels(request, *place);
  if (!place) {
    host_.log(LogLevel::kWarning, "libvirt: " + lldp::to_printable(place.error()));
    // What is nowhere is as disassociated as can be.
    const bool done = request.request == PortRequest::kDisassociate;
    refuse(now, header, request, lldp::to_printable(request.ifname),
           number_of(done ? Response::kSuccess : Response::kNoPort));
  } else if (request.request == PortRequest::kDisassociate) {
    disassociate(now, header, request, *place);
  } else {
    if (request.vlan == 0) request.vlan = place->vid.value_or(0);
    associate(now, header, request, *place);
  }
  host_.wake();
}

/// libvirt knows no S-channels: it names the uplink, and for a VLAN the SVID, or that of a VLAN
/// device on the channel's. The guest's own device tells where it is; when that is gone, what was
/// asked for before does.
void LibvirtAgent::look_into_channels(SetLink& request, DevicePlace& place) const {
  const auto* const core = ports_.core(place.port);
  if (core == nullptr || core->cdcp() == nullptr || !request.mac) return;
  const auto is_known = [&](const DevicePlace& each) {
    return guests_.contains({each.port, request.id});
  };
  auto places = host_.guest_places({*request.mac, request.ifname, request.vlan});
  if (places.empty()) {
    for (const auto& [key, guest] : guests_) {
      if (key.id != request.id || guest->origin.ifname != request.ifname) continue;
      places.push_back({key.port, guest->vid()});
    }
  }
  // Two guests with one address are told apart by what they asked for first.
  std::stable_partition(places.begin(), places.end(), is_known);
  if (places.empty()) return;
  place = places.front();
  request.vlan = place.vid.value_or(0);
}

void LibvirtAgent::refuse(base::Instant now, const nlmsghdr& header, const SetLink& request,
                          const std::string& port, std::uint16_t response) {
  polls_.decided(now, {header.nlmsg_pid, request.ifindex}, request.id, response);
  if (response == number_of(Response::kSuccess)) {
    if (request.request == PortRequest::kDisassociate) return;
    const auto outdated = [&](const PastRefusal& past) { return past.id == request.id; };
    std::erase_if(refusals_, outdated);
    return;
  }
  ++counters_.refused;
  if (refusals_.size() == kRefusalsKept) refusals_.pop_front();
  refusals_.push_back(PastRefusal{now, port, request.id, request.mac, request.request, response});
  const auto* const text = explain_response(response);
  host_.log(LogLevel::kWarning,
            fmt::format("libvirt: {} of VSI {} ({}) on {} is refused with error {}: {}",
                        to_string(request.request), vdp::to_string(request.id),
                        request.mac ? lldp::to_string(*request.mac) : "no MAC address", port,
                        response, text == nullptr ? "reserved reason" : text->name));
}

std::optional<std::uint16_t> LibvirtAgent::objection(const SetLink& request,
                                                     const DevicePlace& place) const {
  const auto* const core = ports_.core(place.port);
  if (core == nullptr) return number_of(Response::kNoPort);
  if (core->config().evb.role == lldp::EvbRole::kBridge) return number_of(Response::kBridgeRole);
  const bool bad_mac =
      request.mac && (request.mac->is_group() || *request.mac == lldp::MacAddress{});
  if (bad_mac) return number_of(Response::kBadAddress);
  if (request.vlan > kMaxVid) return number_of(Response::kBadVlan);
  if (request.vlan == 0 && !host_.bridge_may_assign_vlan(place.port)) {
    return number_of(Response::kVlanMissing);
  }
  const auto known = guests_.find({place.port, request.id});
  if (known == guests_.end()) return std::nullopt;
  const auto& guest = *known->second;
  const bool other = guest.mac && request.mac && guest.mac != request.mac && !guest.releasing;
  if (other && host_.guest_device_exists(*guest.mac)) return number_of(Response::kDuplicateId);
  return std::nullopt;
}

LibvirtAgent::Guest& LibvirtAgent::enter(const nlmsghdr& header, const SetLink& request,
                                         const DevicePlace& place) {
  auto& slot = guests_[{place.port, request.id}];
  if (!slot) {
    slot = std::make_unique<Guest>();
    slot->key = {place.port, request.id};
  }
  auto& guest = *slot;
  if (guest.mac != request.mac && request.mac) {
    if (guest.mac) macs_.erase(macs_.find(*guest.mac));
    macs_.insert(*request.mac);
    guest.mac = request.mac;
    guest.origin.device_seen = false;
  }
  guest.origin.client = header.nlmsg_pid;
  guest.origin.ifindex = request.ifindex;
  guest.origin.ifname = request.ifname;
  guest.request = request.request;
  guest.asked_at = ports_.now();
  guest.deciding = true;
  return guest;
}

void LibvirtAgent::associate(base::Instant now, const nlmsghdr& header, const SetLink& request,
                             const DevicePlace& place) {
  if (const auto response = objection(request, place)) {
    return refuse(now, header, request, place.port, *response);
  }
  const auto known = guests_.find({place.port, request.id});
  const bool goes_on = known != guests_.end() && !known->second->releasing;
  Guest& guest = enter(header, request, place);
  if (!goes_on) guest.migration = {};
  // A VM that is pre-associated comes from another host; its associate belongs to the same move.
  if (request.request != PortRequest::kAssociate) guest.migration.to_here = true;
  guest.releasing = false;
  guest.vlan = request.vlan;
  guest.vsi_type = *request.vsi_type;
  guest.origin.manager = guest.vsi_type.manager;
  if (guest.mac && host_.guest_device_exists(*guest.mac)) guest.origin.device_seen = true;
  guest.release_at.reset();
  guest.decide_by = now + kDecideWithin;
  arm(guest);
  host_.remember(guest.key, guest.origin);
  const vdp::VsiRequest wanted{.id = request.id,
                               .type = association_type(request.request),
                               .manager = ports_.manager(place.port, guest.vsi_type.manager),
                               .vsi_type = guest.vsi_type.type,
                               .filters = filters_of(guest.mac, guest.vid()),
                               .migration = guest.migration,
                               .organizational = {}};
  ports_.feed(place.port, vdp::AssociateRequested{wanted});  // the guest may be gone after this
}

void LibvirtAgent::disassociate(base::Instant now, const nlmsghdr& header, const SetLink& request,
                                const DevicePlace& place) {
  const auto* const core = ports_.core(place.port);
  const bool station = core != nullptr && core->config().evb.role == lldp::EvbRole::kStation;
  if (!station || !core->vsi(request.id)) {
    if (auto* const guest = find(place.port, request.id)) erase(*guest);
    return refuse(now, header, request, place.port, number_of(Response::kSuccess));
  }
  Guest& guest = enter(header, request, place);
  guest.decide_by = now + kReleaseWithin;
  release(now, guest);
}

std::set<std::uint32_t> LibvirtAgent::clients() const {
  std::set<std::uint32_t> clients;
  for (const auto& [key, guest] : guests_) clients.insert(guest->origin.client);
  return clients;
}

const state::LibvirtOrigin* LibvirtAgent::origin(const VsiKey& key) const {
  const auto found = guests_.find(key);
  return found == guests_.end() ? nullptr : &found->second->origin;
}

std::optional<base::Instant> LibvirtAgent::asked_at(const VsiKey& key) const {
  const auto found = guests_.find(key);
  return found == guests_.end() ? std::nullopt : std::optional(found->second->asked_at);
}

std::optional<base::Instant> LibvirtAgent::deadline() const {
  return base::earlier(deadlines_.next(), polls_.deadline());
}

void LibvirtAgent::time_passed(base::Instant now) {
  while (auto* const guest = deadlines_.due(now)) due(now, *guest);
  work(now);
  polls_.time_passed(now);
}

void LibvirtAgent::stop() { polls_.answer_all(); }

}  // namespace agent::libvirt
