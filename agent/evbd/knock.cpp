// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/knock.hpp"

namespace agent {

void Knock::start() {
  left_ = kTimes;
  wait();
}

void Knock::wait() {
  timer_.expires_after(kPause);
  timer_.async_wait(
      [this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (cancelled || alive.expired()) return;
        knock();
        if (left_ > 0 || !knocked_.empty()) wait();
      });
}

void Knock::knock() {
  const bool last = left_ == 0 || --left_ == 0;
  for (const auto& info : ports_.list()) {
    const auto* const core = ports_.core(info.name);
    if (core == nullptr || core->config().evb.role != lldp::EvbRole::kStation) continue;
    const auto known = knocked_.find(info.name);
    const bool silent = core->link_up() && core->vsi_count() > 0 && !core->evb().operational().on;
    if (silent && !last) {
      const bool proposed = core->config().evb.group_ids;
      knocked_.emplace(info.name, proposed);
      propose(info.name, !proposed);
    } else if (known != knocked_.end()) {
      propose(info.name, known->second);
      knocked_.erase(known);
    }
  }
  if (last) knocked_.clear();  // of ports that are gone
}

void Knock::propose(const std::string& port, bool group_ids) {
  auto config = ports_.core(port)->config();
  config.evb.group_ids = group_ids;
  ports_.feed(port, vdp::PortReconfigured{std::move(config)});
}

}  // namespace agent
