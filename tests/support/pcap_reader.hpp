// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "lldp/base/bytes.hpp"

namespace support {

/// The frames of captures/NAME (pcap or pcapng), in order; the test fails when it cannot be read.
std::vector<base::Octets> read_capture(const std::string& name);

/// Octets written as hexadecimal text; spaces are ignored.
base::Octets from_hex(std::string_view text);
std::string to_hex(base::Bytes octets);

}  // namespace support
