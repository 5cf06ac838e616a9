// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "vdp/vsi.hpp"

// Lists as they stand in one column of the database.

namespace agent::state {

base::Octets write_filters(const vdp::FilterInfo& filters);
/// nullopt when the octets are not what write_filters() makes of this format.
std::optional<vdp::FilterInfo> read_filters(vdp::FilterFormat format, base::Bytes octets);

base::Octets write_organizational(const std::vector<vdp::OrganizationalTlv>& tlvs);
std::optional<std::vector<vdp::OrganizationalTlv>> read_organizational(base::Bytes octets);

}  // namespace agent::state
