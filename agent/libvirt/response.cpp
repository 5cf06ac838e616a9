// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/response.hpp"

#include <algorithm>

namespace agent::libvirt {
namespace {

using vdp::LocalRefusal;
using vdp::VsiCause;

// clang-format off
constexpr ResponseText kTexts[] = {
    {0, "success", "The bridge said yes.", "Nothing is to be done."},
    {1, "invalid format", "The bridge could not read the request.",
     "Compare the VSI with what the bridge supports, and capture the ECP frames of both ends."},
    {2, "insufficient resources", "The bridge has no room for this VSI.",
     "Free resources on the bridge, or place the VM behind another port."},
    {3, "unable to contact VSI manager", "The bridge did not reach the VSI manager.",
     "Check managerid in the VM's XML, [managers] in evbd's configuration and the VSI manager."},
    {4, "other failure", "The bridge refused and gave no closer reason.",
     "Ask the network administrator; typical: typeid or typeidversion is not known there."},
    {5, "invalid VID, GroupID or MAC address",
     "The bridge does not accept the VLAN or the MAC address for this VSI type.",
     "Compare the VLAN of the VM's source device and its MAC address with the VSI type."},
    {6, "reserved reason 6", "The bridge gave a reason that the standard reserves.",
     "Look into the bridge's documentation; older agents mean \"out of sync\" by it."},
    {19, "VSI type unknown (draft 0.2)", "The bridge does not know the VSI type.",
     "Compare managerid, typeid and typeidversion with the network administrator's."},
    {20, "VSI type not allowed here (draft 0.2)",
     "The bridge does not allow this VSI type, or its MAC address or VLAN, on this port.",
     "Compare the VM's MAC address and VLAN with the VSI type."},
    {21, "VSI type version not allowed here (draft 0.2)",
     "The bridge does not allow this version of the VSI type.",
     "Compare typeidversion with the network administrator's."},
    {22, "out of sync (draft 0.2)", "The bridge holds something else of this VSI than evbd.",
     "Wait for the next try, or migrate the VM again."},
    {256, "port profile success", "The port profile was applied (802.1Qbh).",
     "Nothing is to be done."},
    {257, "port profile in progress", "The port profile is being applied (802.1Qbh).",
     "Wait; it is no error."},
    {258, "port profile invalid", "The network adapter does not accept the profile (802.1Qbh).",
     "Compare profileid with the adapter's profiles; evbd does not send this number."},
    {259, "port profile in a bad state",
     "The network adapter cannot apply the profile now (802.1Qbh).",
     "Look into the adapter's log; evbd does not send this number."},
    {260, "port profile without resources", "The network adapter has no room (802.1Qbh).",
     "Free virtual functions of the adapter; evbd does not send this number."},
    {261, "port profile error", "The network adapter failed (802.1Qbh).",
     "Look into the adapter's log; evbd does not send this number."},
    {1001, "no response",
     "The bridge acknowledged the request but had not answered it after 9 s, just before libvirt "
     "gives up.",
     "Check VDP on the bridge and whether its VSI manager answers; compare resourceWaitDelay "
     "('evbctl port show') with libvirt's 10 s."},
    {1002, "ECP not acknowledged", "The bridge did not even acknowledge the request's frame.",
     "Check that the bridge port speaks ECP on this destination address ('evbctl port show')."},
    {1003, "no EVB bridge", "No EVB bridge is heard on the port, so nothing could be sent.",
     "Enable LLDP with the EVB TLV on the bridge port ('evbctl neighbor show')."},
    {1004, "link down", "The uplink has no carrier or is down.",
     "Check the cable and 'ip link show'; the bridge can only be asked over a link."},
    {1005, "no such port", "The device below the VM's macvtap is no port of evbd.",
     "Name a configured port as source dev in the VM's XML (not a bond, bridge or veth), or add a "
     "[[port]] to evbd's configuration; evbd's log names the device."},
    {1006, "no VLAN", "The request has no VLAN, and the port's vid_zero is \"refuse\".",
     "Name a VLAN device (eth0.2) as source dev, or set vid_zero = \"bridge-assigns\"."},
    {1007, "no valid VLAN", "The request's VLAN ID is not 1..4094.",
     "Name a VLAN device with a valid VLAN ID as source dev."},
    {1008, "no valid MAC address", "The VM's MAC address is a group address or missing.",
     "Give the interface an individual MAC address in the VM's XML."},
    {1009, "instanceid in use",
     "Another interface that runs on this port has the same instanceid.",
     "Give every interface its own instanceid (cloned XML?), or leave it out: libvirt draws one."},
    {1010, "port is a bridge", "The port has role \"bridge\" and takes no VMs.",
     "Name a port with role \"station\" as source dev."},
    {1011, "too many VSIs", "The port has as many VSIs as max_vsis allows.",
     "Raise max_vsis in evbd's configuration, or use another port."},
    {1012, "not sendable", "The port refused the request before it was sent.",
     "Look at evbd's log: it names the rule."},
};
// clang-format on

}  // namespace

std::span<const ResponseText> response_texts() { return kTexts; }

const ResponseText* explain_response(std::uint32_t number) {
  const auto* const found = std::ranges::find(kTexts, number, &ResponseText::number);
  return found == std::end(kTexts) ? nullptr : found;
}

std::uint16_t response_to(LocalRefusal refusal) {
  switch (refusal) {
    case LocalRefusal::kTooManyVsis: return number_of(Response::kTooManyVsis);
    case LocalRefusal::kMissingFromBridge: return number_of(Response::kBridgeRole);
    case LocalRefusal::kReservedVid: return number_of(Response::kBadVlan);
    case LocalRefusal::kNoFilters: return number_of(Response::kBadAddress);
    default: return number_of(Response::kNotSendable);
  }
}

std::uint16_t response_to(const vdp::Failure& failure) {
  switch (failure.cause) {
    case VsiCause::kRefusedByBridge:
    case VsiCause::kDeassociatedByBridge:
      // Reason 0 beside a refusal is a bridge's way to say nothing; 0 would mean success here.
      if (failure.reason == vdp::Reason::kSuccess) {
        return static_cast<std::uint16_t>(vdp::Reason::kOtherFailure);
      }
      return static_cast<std::uint16_t>(failure.reason);
    case VsiCause::kRefusedLocally: return response_to(failure.local);
    case VsiCause::kEvbLost: return number_of(Response::kNoEvb);
    default:
      return number_of(failure.ecp_unacknowledged ? Response::kEcpUnacknowledged
                                                  : Response::kNoResponse);
  }
}

std::uint16_t response_to_silence(const vdp::Port& port,
                                  const std::optional<vdp::VsiReport>& report) {
  if (!port.link_up()) return number_of(Response::kLinkDown);
  if (!port.evb().operational().on) return number_of(Response::kNoEvb);
  if (report && report->last_failure && report->last_failure->ecp_unacknowledged) {
    return number_of(Response::kEcpUnacknowledged);
  }
  // A request whose first ECPDU is still being repeated has not failed yet.
  const auto ecp = port.ecp();
  if (ecp.counters.acks_received == 0 && ecp.counters.requests_sent > 0) {
    return number_of(Response::kEcpUnacknowledged);
  }
  return number_of(Response::kNoResponse);
}

}  // namespace agent::libvirt
