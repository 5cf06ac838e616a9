// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/api/host_facts.hpp"
#include "agent/evbd/daemon.hpp"

namespace agent::libvirt {

class Service;

/// What the API shows of VMs and of libvirt; both must outlive it. `libvirt` is nullptr when
/// libvirt is not served.
api::HostFacts host_facts(const Daemon& daemon, Service* libvirt);

}  // namespace agent::libvirt
