// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lldp/mac_address.hpp"
#include "vdp/vsi.hpp"

namespace agent::libvirt {

/// One interface of a running VM.
struct VmInterface {
  std::optional<lldp::MacAddress> mac;
  std::optional<vdp::VsiId> instance;  ///< of an 802.1Qbg virtualport
  std::string source;                  ///< dev of a direct interface
  std::string mode;                    ///< "vepa", ...
  std::string port_type;               ///< of the virtualport; empty: it has none
};
/// What a run-time XML file says of its VM.
struct VmDescription {
  std::string name;
  bool leaving = false;  ///< paused by a migration away from this host
  std::vector<VmInterface> interfaces;
};
/// Reads <domstatus>; nullopt when it is none.
std::optional<VmDescription> parse_vm(const std::string& xml);

/// Which VM a VSI belongs to, from libvirt's run-time XML files, which are only read. Nothing is
/// read while a question is answered.
class VmNames {
 public:
  explicit VmNames(std::string directory) : directory_(std::move(directory)) {}

  /// Looks at the directory and reads up to `most` files that changed; true: there are more.
  bool refresh(std::size_t most);

  /// By instance UUID, else by MAC address; empty when no VM is known.
  std::string_view name_of(const vdp::VsiId& id, const std::optional<lldp::MacAddress>& mac) const;
  /// Reads the VM's own file anew if it has changed.
  bool is_leaving(const vdp::VsiId& id, const lldp::MacAddress& mac) const;
  /// By file name.
  std::vector<const VmDescription*> all() const;

 private:
  struct File {
    std::int64_t modified = 0;
    VmDescription vm;
  };
  const std::string* file_of(const vdp::VsiId& id,
                             const std::optional<lldp::MacAddress>& mac) const;
  void enter(const std::string& path);
  void leave(const std::string& path);

  std::string directory_;
  std::map<std::string, File> files_;
  std::unordered_map<vdp::VsiId, std::string> by_instance_;
  std::map<lldp::MacAddress, std::string> by_mac_;
};

}  // namespace agent::libvirt
