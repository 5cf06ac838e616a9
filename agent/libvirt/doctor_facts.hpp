// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/evbd/daemon.hpp"
#include "agent/libvirt/doctor.hpp"

namespace agent::libvirt {

class Service;

/// Looks at the ports, the processes and the netlink sockets of this host; reads /proc and /sys.
/// `libvirt` is nullptr when libvirt is not served.
Facts gather_facts(const Daemon& daemon, Service* libvirt);

}  // namespace agent::libvirt
