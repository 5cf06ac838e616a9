// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/finding.hpp"
#include "profiles/store.hpp"
#include "vdp/port.hpp"

namespace agent::api {

/// Who asked for a VSI, when it was no client of the API.
struct OtherAsker {
  std::string program;
  std::uint32_t pid = 0;
  std::chrono::system_clock::time_point at;
};

/// What libvirt was told "no" about.
struct LibvirtRefusal {
  std::string port;  ///< or the device, when it is no port
  vdp::VsiId id;
  base::Instant at;
  std::string sentence;
};

/// The database of port profiles and VSI types, as evbd has read it.
struct ProfileDatabase {
  std::string path;
  std::int64_t revision = 0;
  std::size_t vsi_types = 0;
  std::string trouble;                          ///< why it cannot be read; empty: it can
  std::optional<profiles::MirrorState> mirror;  ///< of which other one
};

/// What reports say beside what the ports know. Each may be empty: then nothing is said.
struct HostFacts {
  /// The name of the VM that a VSI belongs to, or "".
  std::function<std::string(const vdp::VsiReport& report)> vm;
  std::function<std::optional<OtherAsker>(std::string_view port, const vdp::VsiId& id)> asker;
  /// The number that libvirt shows for a failure, when libvirt asked for the VSI.
  std::function<std::optional<std::uint16_t>(std::string_view port, const vdp::VsiReport& report)>
      libvirt_error;
  /// The last ones that no success followed; the newest first.
  std::function<std::vector<LibvirtRefusal>()> libvirt_refusals;
  std::function<std::vector<Finding>()> doctor;
  std::function<ProfileDatabase()> profiles;
};

}  // namespace agent::api
