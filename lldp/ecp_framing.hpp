// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "lldp/dialect.hpp"
#include "lldp/ecpdu.hpp"

namespace lldp {

/// How a dialect carries ECP: the two machines of figures 43-2 and 43-3 are the same below either
/// header.
struct EcpFraming {
  std::uint16_t ethertype = 0;
  std::size_t header_size = 0;
  /// Reads what follows the Ethertype; see decode_ecpdu and decode_draft02_ecpdu.
  base::Result<Ecpdu> (*decode)(base::Bytes payload) = nullptr;
  base::Octets (*request)(std::uint16_t sequence, base::Bytes ulpdu) = nullptr;
  /// The acknowledgement of the request with this sequence and content.
  base::Octets (*ack)(std::uint16_t sequence, base::Bytes ulpdu) = nullptr;
};

const EcpFraming& ecp_framing(Dialect dialect);

}  // namespace lldp
