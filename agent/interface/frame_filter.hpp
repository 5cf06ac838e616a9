// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <vector>

#include "agent/interface/kernel.hpp"

namespace agent::interface {

/// The filter as a classic BPF program for tc's "bpf" classifier in direct-action mode: it drops
/// the frame, or leaves it to the next filter. Classic BPF, because loading it needs no more than
/// CAP_NET_ADMIN. Empty when everything passes in this direction.
std::vector<sock_filter> compile(const journal::Filter& filter, Direction direction);

}  // namespace agent::interface
