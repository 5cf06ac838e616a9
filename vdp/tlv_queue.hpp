// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "lldp/base/bytes.hpp"
#include "lldp/ecpdu.hpp"
#include "vdp/vdpdu.hpp"

namespace vdp {

/// What waits for an ECPDU, a queue for each manager, since an ECPDU speaks for one manager only
/// (41.2.2). Managers take turns.
template <class Item>
class TlvQueue {
 public:
  bool empty() const { return queues_.empty(); }
  std::size_t size() const { return size_; }

  void push(const ManagerId& manager, Item item) {
    queues_[manager].push_back(std::move(item));
    ++size_;
  }

  /// The manager whose turn it is; the queue is not empty.
  const ManagerId& next_manager() const {
    const auto after = queues_.upper_bound(last_);
    return (after == queues_.end() ? queues_.begin() : after)->first;
  }

  /// The oldest item of a manager, or nullptr.
  Item* front(const ManagerId& manager) {
    const auto queue = queues_.find(manager);
    return queue == queues_.end() ? nullptr : &queue->second.front();
  }

  /// Removes the oldest item of a manager and passes the turn on.
  void pop(const ManagerId& manager) {
    last_ = manager;
    const auto queue = queues_.find(manager);
    queue->second.pop_front();
    --size_;
    if (queue->second.empty()) queues_.erase(queue);
  }

  void clear() {
    queues_.clear();
    size_ = 0;
  }

 private:
  std::map<ManagerId, std::deque<Item>> queues_;  // no queue in it is empty
  ManagerId last_;
  std::size_t size_ = 0;
};

/// Builds the upper-layer PDU of one ECPDU: manager TLV, as many association TLVs as fit, End TLV.
class VdpduBuilder {
 public:
  /// `room`: octets that the whole PDU may have.
  VdpduBuilder(const ManagerId& manager, std::size_t room) : room_(room) {
    octets_.reserve(room);
    append_manager(octets_, manager);
  }

  bool fits(std::size_t size) const { return octets_.size() + size + kEndTlvSize <= room_; }
  void add(const AssociationTlv& tlv) { append_association(octets_, tlv); }
  void add(const OrganizationalTlv& tlv) { append_organizational(octets_, tlv); }
  base::Octets finish() && {
    append_end(octets_);
    return std::move(octets_);
  }

 private:
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
