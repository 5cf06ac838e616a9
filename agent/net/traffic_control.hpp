// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/net/route_socket.hpp"
#include "profiles/network_parameters.hpp"

// rtnetlink's messages for traffic control. libnl-route 3.7 has no calls for classifier "bpf", for
// rates beyond 32 bits, and none that can be put into one sendmsg.

namespace agent::net {

/// The hooks of clsact as a filter's parent, seen from the device.
inline constexpr std::uint32_t kIngressHook = 0xFFFFFFF2;
inline constexpr std::uint32_t kEgressHook = 0xFFFFFFF3;

/// An RTM_*QDISC, RTM_*TCLASS or RTM_*TFILTER with room for `size` octets.
NlMessage tc_message(int type, int flags, int device, std::uint32_t parent, std::uint32_t handle,
                     std::uint32_t info = 0, std::size_t size = 512);
/// tcm_info of a filter for all protocols.
std::uint32_t filter_info(std::uint32_t priority);

/// The place for filters, at both directions of a device; EEXIST: it is there.
NlMessage clsact_message(int device);
NlMessage no_clsact_message(int device);
/// A device with a queue for what is redirected to it.
NlMessage ifb_message(const std::string& name);

struct BpfFilter {
  int device = 0;
  std::uint32_t parent = 0;
  std::uint32_t priority = 1;
  std::uint32_t handle = 1;  ///< tells filters of one priority apart
  std::vector<sock_filter> program;
  bool direct_action = false;      ///< the program returns TC_ACT_*; else a class, or 0: no match
  std::optional<int> redirect_to;  ///< index of the device that gets what matches
  /// Octets with the Ethernet header: a longer frame that matches is dropped; of one that is still
  /// to be cut into segments (GSO), each of them counts. Any other goes on to the next filter.
  std::optional<std::uint32_t> longest;
};
/// Instead of the filter that was there under this handle.
NlMessage bpf_filter_message(const BpfFilter& filter);
/// Handle 0: all of the priority.
NlMessage no_filter_message(int device, std::uint32_t parent, std::uint32_t priority,
                            std::uint32_t handle);

/// HTB as the device's root queue; what no class is for passes at once. EEXIST: somebody else's
/// queue is there.
NlMessage htb_message(int device, std::uint32_t handle);
NlMessage no_root_message(int device, std::uint32_t handle);
/// A class that carries `rate` and no more, or changes to it.
NlMessage htb_class_message(int device, std::uint32_t qdisc, std::uint32_t id,
                            const profiles::Rate& rate);
NlMessage no_class_message(int device, std::uint32_t id);
/// What waits in a class: 50 ms of the rate.
NlMessage class_queue_message(int device, std::uint32_t id, const profiles::Rate& rate);

}  // namespace agent::net
