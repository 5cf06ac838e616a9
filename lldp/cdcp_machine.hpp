// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lldp/base/machine.hpp"
#include "lldp/cdcp_tlv.hpp"
#include "lldp/lldp_agent.hpp"

namespace lldp {

/// The S-channel that is the link itself, untagged.
inline constexpr SChannel kDefaultSChannel{1, 1};
/// Legal SVIDs of the others.
inline constexpr std::uint16_t kLowestSvid = 2;
inline constexpr std::uint16_t kHighestSvid = 4094;
/// The highest SCID that is offered; more than kMaxSChannels fit into no TLV.
inline constexpr std::uint16_t kHighestScid = 167;

/// The administrative variables of 42.4. `wants` is a station's, the pool a bridge's.
struct CdcpConfig {
  std::uint16_t capacity = kMaxSChannels;  ///< AdminChnCap, 1..167; the default S-channel counts
  std::vector<std::uint16_t> wants;        ///< AdminSVIDWants: SCIDs, 2..167, each once
  std::uint16_t pool_low = kLowestSvid;    ///< LocalSVIDPool, 2..4094, both included
  std::uint16_t pool_high = kHighestSvid;
  friend bool operator==(const CdcpConfig&, const CdcpConfig&) = default;
};

/// Whether every value is within its range, and no SCID stands twice.
bool is_sound(const CdcpConfig& config);

/// The CDCP machine (clause 42.4) of either role: what we want and the neighbour's CDCP TLV in, the
/// TLV that we send and the S-channels of the link out. No timers.
class CdcpMachine {
 public:
  enum class State : std::uint8_t {
    kNotRunning,    ///< no partner: no S-channel but the default one
    kRequestSvids,  ///< station, SetSVIDRequest: OperSVIDList follows AdminSVIDWants
    kReceiveSvids,  ///< station, RxSVIDConfig: it takes the bridge's SVIDs
    kAssignSvids,   ///< bridge, TxSVIDConfig: it answers the station's list from the pool
    kRunning,
  };
  static const base::Arrow<CdcpMachine> kDiagram[11];

  /// The configuration is sound.
  CdcpMachine(CdcpRole role, const CdcpConfig& config);

  void set_config(const CdcpConfig& config);
  /// The CDCP TLV that the neighbour's stored LLDPDU holds now, or none.
  void set_remote(const std::optional<CdcpTlv>& remote);

  CdcpRole role() const { return role_; }
  const CdcpConfig& config() const { return config_; }
  const std::optional<CdcpTlv>& remote() const { return remote_; }
  /// The TLV that we send.
  CdcpTlv local() const;
  /// OperChnCap: the smaller of both ends' capacities; ours without a partner.
  std::uint16_t capacity() const;
  /// Bridge: the station asks for a channel that it has, as after a restart. Our TLV is the same as
  /// before, so nothing but its next interval would make it leave.
  bool remote_forgot() const;
  /// The S-channels that both ends may use, the default one first, the others by SCID.
  std::vector<SChannel> channels() const;

  // For the engine.
  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrows_; }
  const base::ArrowLog& arrow_log() const { return arrows_; }

 private:
  using List = std::vector<SChannel>;

  bool always() const { return true; }
  bool remote_lost() const;
  bool wants_changed() const { return role_ == CdcpRole::kStation && requested() != list_; }
  bool meets_bridge() const { return role_ == CdcpRole::kStation && !remote_lost(); }
  bool meets_station() const { return role_ == CdcpRole::kBridge && !remote_lost(); }
  bool remote_offers() const { return meets_bridge() && received() != list_; }
  bool remote_asks() const { return meets_station() && assigned() != list_; }

  // What each procedure makes of OperSVIDList.
  List withdrawn() const;
  List requested() const;
  List received() const;
  List assigned() const;

  CdcpRole role_;
  CdcpConfig config_;
  std::optional<CdcpTlv> remote_;
  List list_{kDefaultSChannel};  // OperSVIDList, by SCID
  State state_ = State::kNotRunning;
  base::ArrowLog arrows_;
};

/// The box's name, in the manner of the figures.
std::string_view to_string(CdcpMachine::State state);

/// The CDCP TLV that counts on a port where `role` is ours: the first one heard that has the other
/// role, and if there is none, the first one at all, so that it can be shown.
std::optional<CdcpTlv> find_cdcp_tlv(const std::vector<Neighbor>& neighbors, CdcpRole role);

}  // namespace lldp
