// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <set>

#include "lldp/base/fields.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/organizational.hpp"
#include "vdp/port.hpp"

namespace {

using std::chrono::microseconds;

/// A port of either role with EVB on, and the virtual time in which things happen to it. Its peer
/// is whatever the input makes of it.
class Scene {
 public:
  explicit Scene(bool station) : station_(station), port_(config(station)) {
    feed(vdp::LinkChanged{true});
    meet_peer();
  }

  /// The first octet chooses what happens, and to a degree how; the rest is what arrives.
  void step(std::uint8_t verb, base::Bytes argument) {
    const unsigned value = verb >> 4U;
    switch (verb & 15U) {
      case 0: return advance(microseconds(1) * (1U << value * 2));
      case 1: return feed(vdp::LinkChanged{value % 4 != 0});
      case 2: return meet_peer();
      case 3: return reconfigure(value);
      case 4: return feed(vdp::AdminStatusChanged{static_cast<lldp::AdminStatus>(value % 4)});
      case 5:
      case 6: return associate(value, argument);
      case 7: return feed(vdp::DeassociateRequested{id(value), {}});
      case 8: return answer(value, argument.empty() ? 0 : argument[0]);
      case 9: return feed(vdp::BridgeDeassociated{id(value), static_cast<vdp::Reason>(value)});
      case 10: return feed(vdp::ReflectiveRelayChanged{value % 2 == 0});
      case 11: return acknowledge();
      case 12: return receive(lldp::kLldpEthertype, argument);
      case 13: return feed(vdp::FrameReceived{argument});
      case 15: return receive_cdcp(argument);
      default: return receive(lldp::kEcpEthertype, argument);
    }
  }

  void finish() {
    advance(std::chrono::seconds(60));
    check_reports();
    feed(vdp::LinkChanged{false});
    assert(held_.empty() && "without EVB nothing may stay admitted");
    for (const auto& report : port_.vsis()) assert(report.state == vdp::VsiState::kDeassociated);
  }

 private:
  static vdp::PortConfig config(bool station) {
    vdp::PortConfig config;
    config.evb.role = station ? lldp::EvbRole::kStation : lldp::EvbRole::kBridge;
    config.evb.group_ids = true;
    config.address = {{2, 0, 0, 0, 0xA0, 1}};
    config.lldp.local.chassis_id = {4, {2, 0, 0, 0, 0xA0, 1}};
    config.lldp.local.port_id = {5, {'e', 't', 'h', '0'}};
    config.max_vsis = 8;
    config.cdcp = lldp::CdcpConfig{.capacity = 6, .wants = {2, 3, 7}, .pool_high = 5};
    return config;
  }
  static vdp::VsiId id(unsigned number) {
    return {vdp::VsiIdFormat::kUuid, {static_cast<std::uint8_t>(number % 8)}};
  }

  void feed(const vdp::Input& input) {
    vdp::Outputs out;
    port_.handle(now_, input, out);
    for (const auto& output : out) check(output);
    assert(port_.vsi_count() <= 8);
  }

  void check(const vdp::Output& output) {
    if (const auto* sent = std::get_if<vdp::SendFrame>(&output)) {
      assert(sent->frame.size() >= lldp::kMinimumFrameSize);
      const auto frame = lldp::decode_ethernet(sent->frame);
      if (frame->ethertype == lldp::kEcpEthertype && frame->payload[0] == 0x10) {
        outstanding_ = base::u16_at(frame->payload, 2);
      }
    } else if (const auto* question = std::get_if<vdp::ResolveVsiType>(&output)) {
      resolve_.push_back({question->question, vdp::Reason::kSuccess, false, question->filters});
    } else if (const auto* order = std::get_if<vdp::AdmitVsi>(&output)) {
      admit_.push_back(order->question);
      held_.insert(order->id);
    } else if (const auto* release = std::get_if<vdp::ReleaseVsi>(&output)) {
      held_.erase(release->id);
    } else if (const auto* change = std::get_if<vdp::VsiChanged>(&output)) {
      const bool failure =
          change->cause != vdp::VsiCause::kRequested && change->cause != vdp::VsiCause::kConfirmed;
      assert((failure || !change->failure) && "a failure without a failing cause");
      assert(!change->gone || change->state == vdp::VsiState::kDeassociated);
    }
  }

  void advance(base::Duration by) {
    const auto until = now_ + by;
    int at_once = 0;
    for (int steps = 0; port_.deadline() && *port_.deadline() <= until && steps < 2'000; ++steps) {
      at_once = *port_.deadline() > now_ ? 0 : at_once + 1;
      assert(at_once < 50 && "the port does not come to rest");
      now_ = std::max(now_, *port_.deadline());
      feed(vdp::TimePassed{});
    }
    now_ = std::max(now_, until);
  }

  void meet_peer() {
    lldp::EvbTlv tlv;
    tlv.mode = station_ ? lldp::EvbMode::kEvbBridge : lldp::EvbMode::kEvbStation;
    tlv.bridge_group_ids = tlv.station_group_ids = tlv.relay_capable = tlv.relay_request = true;
    lldp::SystemInformation peer;
    peer.chassis_id = {4, {2, 0, 0, 0, 0xB0, 1}};
    peer.port_id = {5, {'p', '1'}};
    peer.organizational = {lldp::to_organizational(tlv)};
    receive(lldp::kLldpEthertype, lldp::encode_lldpdu(peer, 65535).octets);
  }

  void reconfigure(unsigned value) {
    auto changed = config(station_);
    changed.evb.max_retries = static_cast<std::uint8_t>(value % 8);
    changed.evb.reinit_keep_alive = static_cast<std::uint8_t>(14 + value);
    changed.mtu = value * 100;
    changed.cdcp->wants.resize(value % 4);
    changed.cdcp->pool_high = static_cast<std::uint16_t>(2 + value % 4);
    changed.cdcp->capacity = static_cast<std::uint16_t>(1 + value);
    if (value == 8) changed.cdcp.reset();
    if (value == 9) changed.cdcp_destination = changed.lldp_destination;
    feed(vdp::PortReconfigured{changed});
  }

  void associate(unsigned value, base::Bytes argument) {
    vdp::VsiRequest request;
    request.id = id(value);
    std::uint8_t parts[4] = {};
    std::copy_n(argument.begin(), std::min<std::size_t>(4, argument.size()), parts);
    request.type = static_cast<vdp::AssociationType>(1 + parts[0] % 3);
    request.manager.octets[0] = parts[0] >> 6U;
    request.filters.format = static_cast<vdp::FilterFormat>(1 + parts[1] % 4);
    request.filters.entries.resize(parts[2] % 64);
    for (auto& entry : request.filters.entries) entry.vid = parts[1] >> 4U;
    if (parts[3] % 2 != 0) {
      request.organizational = {{{0, 0, parts[3]}, {argument.begin(), argument.end()}}};
    }
    request.migration.to_here = parts[3] >= 128;
    feed(vdp::AssociateRequested{request});
  }

  void answer(unsigned value, std::uint8_t reason) {
    if (!resolve_.empty()) {
      auto resolved = resolve_[value % resolve_.size()];
      resolve_.erase(resolve_.begin() + static_cast<long>(value % resolve_.size()));
      resolved.reason = static_cast<vdp::Reason>(reason % 6);
      resolved.hard = reason >= 128;
      feed(resolved);
    }
    if (!admit_.empty()) {
      const auto question = admit_.front();
      admit_.erase(admit_.begin());
      feed(vdp::VsiAdmitted{question, static_cast<vdp::Reason>(reason % 3 / 2)});
    }
  }

  void acknowledge() {
    base::Octets ack{0x14, 0x01};
    base::append_u16(ack, outstanding_);
    receive(lldp::kEcpEthertype, ack);
  }

  /// The octets after OUI and subtype of the peer's CDCP TLV.
  void receive_cdcp(base::Bytes information) {
    lldp::SystemInformation peer;
    peer.chassis_id = {4, {2, 0, 0, 0, 0xB0, 1}};
    peer.port_id = {5, {'p', '1'}};
    peer.organizational = {{lldp::kIeee8021Oui, lldp::kCdcpSubtype,
                            base::Octets(information.begin(), information.end())}};
    feed(vdp::FrameReceived{lldp::encode_ethernet({lldp::kNearestNonTpmrBridge,
                                                   {{2, 0, 0, 0, 0xB0, 1}},
                                                   lldp::kLldpEthertype,
                                                   lldp::encode_lldpdu(peer, 65535).octets})});
    check_s_channels();
  }

  void check_s_channels() const {
    const auto* const cdcp = port_.cdcp();
    if (cdcp == nullptr) return;
    const auto channels = cdcp->channels();
    assert(channels.front() == lldp::kDefaultSChannel &&
           channels.size() <= cdcp->config().capacity);
    std::set<std::uint16_t> scids;
    std::set<std::uint16_t> svids;
    for (const auto& channel : channels) {
      assert(scids.insert(channel.scid).second && svids.insert(channel.svid).second);
      assert(channel.svid >= 1 && channel.svid <= lldp::kHighestSvid);
    }
    assert(lldp::decode_cdcp_tlv(lldp::encode(cdcp->local())) == cdcp->local());
  }

  void receive(std::uint16_t ethertype, base::Bytes payload) {
    feed(vdp::FrameReceived{lldp::encode_ethernet(
        {lldp::kNearestCustomerBridge, {{2, 0, 0, 0, 0xB0, 1}}, ethertype, payload})});
  }

  /// What is told of one VSI and of all has to be the same, and sound.
  void check_reports() {
    const auto reports = port_.vsis();
    assert(reports.size() == port_.vsi_count());
    for (const auto& report : reports) {
      const auto alone = port_.vsi(report.id);
      assert(alone && alone->state == report.state);
      assert(report.timer.empty() == !report.timer_ends);
      if (!station_) continue;
      // What is wanted and not in force is under way, waits for a time or for EVB, or was refused
      // for good.
      const bool settled = report.state != vdp::VsiState::kDeassociated;
      const bool stuck =
          report.machine_state == "INIT" && !report.next_try && !report.waiting_for_evb &&
          port_.evb().operational().on &&
          !(report.last_failure &&
            (report.last_failure->hard || report.last_failure->local != vdp::LocalRefusal::kNone));
      assert((settled || !stuck) && "nothing would ever happen to this VSI again");
    }
  }

  bool station_;
  base::Instant now_{};
  vdp::Port port_;
  std::uint16_t outstanding_ = 0;
  std::vector<vdp::VsiTypeResolved> resolve_;
  std::vector<vdp::Question> admit_;
  std::set<vdp::VsiId> held_;
};

}  // namespace

/// The first octet is the role, then come steps: an octet that says what happens, an octet with the
/// length of what arrives, and those octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Scene scene(data[0] % 2 == 0);
  base::Bytes rest(data + 1, size - 1);
  for (int steps = 0; rest.size() >= 2 && steps < 200; ++steps) {
    const auto verb = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
    scene.step(verb, rest.subspan(2, length));
    rest = rest.subspan(2 + length);
  }
  scene.finish();
  return 0;
}
