// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "lldp/ecp_receiver.hpp"
#include "lldp/ecp_transmitter.hpp"
#include "lldp/ecpdu.hpp"

/// The payload of an ECP frame; what is read also goes through the machine it is meant for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto ecpdu = lldp::decode_ecpdu({data, size});
  if (!ecpdu) return 0;
  assert(lldp::encode(*ecpdu) == base::Octets(data, data + size));
  assert(!lldp::print(*ecpdu).empty());
  lldp::EcpOutputs out;
  if (ecpdu->operation == lldp::EcpOperation::kRequest) {
    lldp::EcpReceiver receiver;
    receiver.port_enabled(true);
    receiver.receive(ecpdu->sequence, ecpdu->ulpdu, out);
    assert(out.size() == 2);
    receiver.receive(ecpdu->sequence, ecpdu->ulpdu, out);
    assert(out.size() == 3 && "a repetition is acknowledged only");
  } else {
    lldp::EcpTransmitter transmitter(0x1234);
    transmitter.port_enabled({}, true, out);
    transmitter.request({}, {}, out);
    transmitter.acknowledge({}, ecpdu->sequence, out);
    assert(transmitter.ready() == (ecpdu->sequence == 0x1234));
  }
  return 0;
}
