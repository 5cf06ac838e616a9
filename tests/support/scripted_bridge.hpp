// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "lldp/ecpdu.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/evb_tlv.hpp"
#include "lldp/lldpdu.hpp"
#include "vdp/port.hpp"
#include "vdp/vdpdu.hpp"

namespace support {

inline constexpr lldp::MacAddress kStationAddress{{0x02, 0, 0, 0, 0xA0, 0x01}};
inline constexpr lldp::MacAddress kBridgeAddress{{0x02, 0, 0, 0, 0xB0, 0x01}};

/// An output of the port, and when it came.
template <class T>
struct At {
  base::Instant at;
  T what;
};

/// A frame that the station sent, taken apart.
struct SentFrame {
  base::Instant at;
  lldp::MacAddress destination;
  lldp::MacAddress source;
  std::uint16_t ethertype = 0;
  base::Octets payload;  ///< with padding
  base::Octets octets;   ///< the whole frame
};

/// An ECPDU that the station sent. `ulpdu` is empty in acknowledgements (but for padding).
struct SentEcpdu {
  base::Instant at;
  lldp::EcpOperation operation = lldp::EcpOperation::kRequest;
  std::uint16_t subtype = 0;
  std::uint16_t sequence = 0;
  base::Octets ulpdu;
  base::Octets octets;  ///< the whole frame
};

/// A bridge that does what the test says, on the other end of the link of a station that owns a
/// `vdp::Port`. Time is virtual and goes from deadline to deadline. Defaults: R 3, RTE 14, RWD and
/// RKA 20 on both sides, both with GroupIDs off and reflective relay on.
class ScriptedBridge {
 public:
  static vdp::PortConfig station_config();
  /// What the bridge sends unless a test says otherwise: RRCAP, no RRCTR.
  static lldp::EvbTlv bridge_tlv();

  explicit ScriptedBridge(const vdp::PortConfig& config = station_config());

  // ---- what happens to the station
  void feed(const vdp::Input& input);
  void link(bool up) { feed(vdp::LinkChanged{up}); }
  void reconfigure(const vdp::PortConfig& config) { feed(vdp::PortReconfigured{config}); }
  /// Lets time pass from deadline to deadline, as the daemon would.
  void advance(base::Duration by);
  /// An associate request of a client; `request()` is one with a single MAC/VID filter.
  void associate(const vdp::VsiRequest& request) { feed(vdp::AssociateRequested{request}); }
  void deassociate(const vdp::VsiId& id) { feed(vdp::DeassociateRequested{id, {}}); }
  static vdp::VsiRequest request(std::uint8_t number = 1);

  // ---- what the bridge sends
  /// A whole Ethernet frame.
  void inject(const base::Octets& frame);
  void inject(std::uint16_t ethertype, base::Bytes payload,
              const lldp::MacAddress& destination = lldp::kNearestCustomerBridge);
  /// An LLDPDU as it is, mandatory TLVs included.
  void send_lldpdu(base::Bytes lldpdu,
                   const lldp::MacAddress& destination = lldp::kNearestCustomerBridge);
  /// An LLDPDU of `system_information()` with these TLVs.
  void send_lldp(const lldp::EvbTlv& tlv, std::uint16_t ttl = 121);
  void send_lldp(std::vector<lldp::OrganizationalTlv> tlvs, std::uint16_t ttl = 121);
  void send_shutdown_lldpdu();
  /// Who the bridge says it is: the chassis ID is its MAC, the port ID "swp" and this number.
  static lldp::SystemInformation system_information(unsigned port = 1);

  void send_ecpdu(const lldp::Ecpdu& ecpdu);
  void send_ack(std::uint16_t sequence);
  /// A VDP request ECPDU of the bridge (a response, in VDP's terms) with the bridge's next
  /// sequence.
  void send_vdp(const vdp::ManagerId& manager, const std::vector<vdp::AssociationTlv>& tlvs);

  // ---- both at once
  /// Link up and the EVB handshake done, then `clear()`.
  void bring_up(const lldp::EvbTlv& tlv = bridge_tlv());
  /// Acknowledges the station's last ECP request if it is not acknowledged yet.
  void ack_last();
  /// Acknowledges the last request and answers all its TLVs with this reason.
  void answer_last(vdp::Reason reason = vdp::Reason::kSuccess, bool keep = false,
                   bool hard = false);

  // ---- what the station did
  std::vector<SentFrame> frames() const;
  std::vector<SentFrame> frames_of(std::uint16_t ethertype) const;
  std::vector<SentEcpdu> ecp_requests() const;
  std::vector<SentEcpdu> ecp_acks() const;
  /// The LLDPDUs sent, which have to be well formed, and when.
  std::vector<At<lldp::Lldpdu>> lldpdus() const;
  /// The EVB TLV of the last LLDPDU sent; nullopt when it has none.
  std::optional<lldp::EvbTlv> last_evb_tlv() const;
  /// The VDP contents of an ECP request that the station sent, which have to be well formed.
  static vdp::Vdpdu vdpdu(const SentEcpdu& ecpdu);

  template <class T>
  std::vector<At<T>> outputs_of() const {
    std::vector<At<T>> found;
    for (const auto& [at, output] : outputs) {
      if (const auto* what = std::get_if<T>(&output)) found.push_back({at, *what});
    }
    return found;
  }
  /// Forgets the outputs so far.
  void clear() { outputs.clear(); }

  base::Instant now{};
  vdp::Port port;
  std::vector<At<vdp::Output>> outputs;

 private:
  std::vector<SentEcpdu> ecpdus(lldp::EcpOperation operation) const;

  std::uint16_t next_sequence_ = 1;
};

}  // namespace support
