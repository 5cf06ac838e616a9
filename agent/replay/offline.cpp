// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/offline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/capture/output_text.hpp"
#include "agent/capture/value_text.hpp"

namespace agent::replay {
namespace {

/// Timers at one instant beyond which a core is taken not to come to rest.
constexpr int kMostAtOnce = 1000;

}  // namespace

OfflinePort::OfflinePort(const vdp::PortConfig& config, Answer answer)
    : core_(config), answer_(std::move(answer)) {}

void OfflinePort::advance(base::Instant at) {
  int at_once = 0;
  while (!restless_ && core_.deadline() && *core_.deadline() <= at) {
    const auto next = std::max(now_, *core_.deadline());
    at_once = next > now_ ? 0 : at_once + 1;
    restless_ = at_once > kMostAtOnce;
    feed(next, vdp::TimePassed{});
  }
  now_ = std::max(now_, at);
}

void OfflinePort::feed(base::Instant at, const vdp::Input& input) {
  const capture::Stimulus stimulus{at, input, nullptr, false};
  feed(at, std::span(&stimulus, 1));
}

void OfflinePort::feed(base::Instant at, std::span<const capture::Stimulus> stimuli) {
  now_ = std::max(now_, at);
  std::vector<vdp::Input> inputs;
  for (const auto& stimulus : stimuli) inputs.push_back(stimulus.input);
  while (!inputs.empty()) {
    vdp::Outputs outputs;
    core_.handle(now_, inputs, outputs);
    inputs.clear();
    for (const auto& output : outputs) {
      text_ += fmt::format("{} {}\n", capture::seconds_text(now_.time_since_epoch()),
                           capture::output_text(output, core_));
      if (const auto* const order = std::get_if<vdp::SendFrame>(&output)) {
        sent_.push_back(order->frame);
      }
      if (!answer_) continue;
      for (auto& answer : answer_(output)) inputs.push_back(std::move(answer));
    }
  }
}

std::string OfflinePort::text() const {
  auto text = text_;
  if (restless_) text += "state the port does not come to rest\n";
  return text + capture::state_text(core_);
}

void keep_deadlines(capture::Journal& journal) {
  for (auto& port : journal.ports) {
    port.timers = capture::Timers::kDeadlines;
    std::erase_if(port.stimuli, [](const capture::Stimulus& stimulus) {
      return std::holds_alternative<vdp::TimePassed>(stimulus.input);
    });
  }
}

OfflinePort run_port(const capture::PortJournal& port) {
  OfflinePort offline(port.config);
  const std::span<const capture::Stimulus> all(port.stimuli);
  for (std::size_t begin = 0; begin < all.size();) {
    auto end = begin + 1;
    while (end < all.size() && all[end].together) ++end;
    if (port.timers == capture::Timers::kDeadlines) offline.advance(all[begin].at);
    offline.feed(all[begin].at, all.subspan(begin, end - begin));
    begin = end;
  }
  if (port.timers == capture::Timers::kDeadlines) offline.advance(base::Instant(port.length));
  return offline;
}

std::string replay(const capture::Journal& journal) {
  std::string text;
  for (const auto& port : journal.ports) {
    text += fmt::format("port {}{}\n", capture::escaped(port.port),
                        port.from_start ? "" : " begins=midway");
    text += run_port(port).text();
  }
  return text;
}

}  // namespace agent::replay
