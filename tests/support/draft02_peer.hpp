// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lldp/draft02_evb_tlv.hpp"
#include "tests/support/scripted_bridge.hpp"
#include "vdp/draft02_vdpdu.hpp"

namespace support {

/// The other end of a port that speaks draft 0.2, in either role: what the test says, and no more.
class Draft02Peer : public ScriptedBridge {
 public:
  static vdp::PortConfig station_config(lldp::DialectChoice choice = lldp::DialectChoice::kDraft02);
  static vdp::PortConfig bridge_config();
  /// An end that supports everything.
  static lldp::Draft02EvbTlv evb_tlv();
  /// A request with a manager that the draft has a number for; `tlv_of` is what leaves for it.
  static vdp::Draft02Tlv tlv_of(const vdp::VsiRequest& request,
                                vdp::AssociationType type = vdp::AssociationType::kAssociate);

  explicit Draft02Peer(const vdp::PortConfig& config = station_config()) : ScriptedBridge(config) {}

  void bring_up_draft02();
  void send_draft02_lldp(const lldp::Draft02EvbTlv& tlv = evb_tlv());
  /// An ECP request with this content, with the peer's next sequence.
  void send_tlvs(const std::vector<vdp::Draft02Tlv>& tlvs);
  void send_draft02_ack(std::uint16_t sequence);
  /// Acknowledges the port's last ECP request and sends its TLVs back with this response.
  void answer_draft02(vdp::Draft02Response response = vdp::Draft02Response::kSuccess);

  std::vector<SentEcpdu> draft02_requests() const;
  std::vector<SentEcpdu> draft02_acks() const;
  /// The TLVs of all ECP requests that the port sent.
  std::vector<At<vdp::Draft02Tlv>> tlvs() const;
  std::optional<lldp::Draft02EvbTlv> last_draft02_evb_tlv() const;

 private:
  std::vector<SentEcpdu> draft02_ecpdus(lldp::EcpOperation operation) const;

  std::uint16_t next_draft02_sequence_ = 100;
};

}  // namespace support
