// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "lldp/base/bytes.hpp"
#include "lldp/ecpdu.hpp"
#include "vdp/dialect.hpp"
#include "vdp/vdpdu.hpp"

namespace vdp {

/// What waits for an ECPDU, a line for each manager, since an ECPDU speaks for one manager only
/// (41.2.2). Managers take turns. `Line` says by `empty()` whether anything waits in it.
template <class Line>
class ManagerLines {
 public:
  bool empty() const { return lines_.empty(); }

  /// The manager's line, made when there is none; something is put into it at once.
  Line& of(const ManagerId& manager) {
    if (!recent(manager)) recent_ = lines_.try_emplace(manager).first;
    return recent_->second;
  }

  /// nullptr when nothing of this manager waits.
  Line* find(const ManagerId& manager) {
    if (!recent(manager)) recent_ = lines_.find(manager);
    return recent_ == lines_.end() ? nullptr : &recent_->second;
  }

  /// The manager whose turn it is; something waits.
  const ManagerId& next_manager() const {
    const auto after = lines_.upper_bound(last_);
    return (after == lines_.end() ? lines_.begin() : after)->first;
  }

  /// The manager has had its turn.
  void pass_on(const ManagerId& manager) { last_ = manager; }

  /// Something was taken out of the manager's line.
  void taken_from(const ManagerId& manager) {
    Line* const line = find(manager);
    if (line == nullptr || !line->empty()) return;
    lines_.erase(recent_);
    recent_ = lines_.end();
  }

  void clear() {
    lines_.clear();
    recent_ = lines_.end();
  }

 private:
  using Lines = std::map<ManagerId, Line>;
  bool recent(const ManagerId& manager) const {
    return recent_ != lines_.end() && recent_->first == manager;
  }

  Lines lines_;  // no line in it is empty
  typename Lines::iterator recent_ = lines_.end();
  ManagerId last_;
};

/// Builds the upper-layer PDU of one ECPDU: manager TLV, as many association TLVs as fit, End TLV.
class VdpduBuilder {
 public:
  /// `room`: octets that the whole PDU may have below the ratified ECP header.
  VdpduBuilder(const VdpduFormat& format, const ManagerId& manager, std::size_t room)
      : format_(&format), manager_(manager), room_(room - format.room_lost) {
    octets_.reserve(room_);
    format_->begin(octets_, manager_);
  }

  /// `size`: encoded_size() of a TLV.
  bool fits(std::size_t size) const {
    return octets_.size() + size + format_->tlv_difference + kEndTlvSize <= room_;
  }
  void add(const AssociationTlv& tlv) { format_->add(octets_, manager_, tlv); }
  void add(const OrganizationalTlv& tlv) { append_organizational(octets_, tlv); }
  base::Octets finish() && {
    append_end(octets_);
    return std::move(octets_);
  }

 private:
  const VdpduFormat* format_;
  ManagerId manager_;
  std::size_t room_;
  base::Octets octets_;
};

/// Jumbo frames are not used: a peer's buffer is made for the 1500 octets of Ethernet.
inline constexpr std::size_t kMaxMtu = 1500;

/// Octets that an ECPDU leaves to VDP on a port with this MTU.
constexpr std::size_t vdpdu_room(std::size_t mtu) {
  return std::clamp<std::size_t>(mtu, 68, kMaxMtu) - lldp::kEcpHeaderSize;
}

}  // namespace vdp
