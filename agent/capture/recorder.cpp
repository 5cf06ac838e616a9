// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/recorder.hpp"

#include <algorithm>
#include <utility>

#include "lldp/base/overload.hpp"

namespace agent::capture {
namespace {

/// Orders to the bridge port and questions say nothing that the VSI's changes do not.
bool worth_keeping(const vdp::Output& output) {
  return !std::holds_alternative<vdp::ResolveVsiType>(output) &&
         !std::holds_alternative<vdp::AdmitVsi>(output) &&
         !std::holds_alternative<vdp::ReleaseVsi>(output);
}

/// Octets of memory beside the object itself.
std::size_t extra(const vdp::Output& output) {
  const auto* const sent = std::get_if<vdp::SendFrame>(&output);
  return sizeof output + (sent != nullptr ? sent->frame.size() : 0);
}

std::size_t frames_of(const Record& record) {
  const auto sent = std::ranges::count_if(record.outputs, [](const auto& output) {
    return std::holds_alternative<vdp::SendFrame>(output);
  });
  return static_cast<std::size_t>(sent) + (record.stimulus.frame ? 1 : 0);
}

void keep(const vdp::Outputs& outputs, Record& record) {
  for (const auto& output : outputs) {
    if (!worth_keeping(output)) continue;
    record.outputs.push_back(output);
    record.octets += extra(output);
  }
}

}  // namespace

void Recorder::start(std::vector<std::string> ports, std::size_t max_octets) {
  ring_.clear();
  status_ = {};
  status_.on = true;
  status_.ports = std::move(ports);
  status_.max_octets = max_octets;
  if (on_switch) on_switch();
}

void Recorder::stop() {
  status_.on = false;
  if (on_switch) on_switch();
}

std::shared_ptr<Tape> Recorder::tape(std::string_view port, const vdp::PortConfig& config,
                                     bool from_start, base::Instant now) const {
  const bool wanted = status_.ports.empty() || std::ranges::count(status_.ports, port) > 0;
  if (!status_.on || !wanted) return nullptr;
  return std::make_shared<Tape>(Tape{std::string(port), config, from_start, now, 0});
}

void Recorder::record(const std::shared_ptr<Tape>& tape, base::Instant now,
                      std::span<const vdp::Input> inputs, const vdp::Outputs& outputs) {
  bool together = false;
  for (const auto& input : inputs) {
    auto record = std::make_shared<Record>();
    record->tape = tape;
    record->stimulus = {now, input, nullptr, std::exchange(together, true)};
    record->octets = sizeof(Record);
    record->service_vid = tape->service_vid;
    if (auto* const received = std::get_if<vdp::FrameReceived>(&record->stimulus.input)) {
      record->stimulus.frame =
          std::make_shared<const base::Octets>(received->frame.begin(), received->frame.end());
      received->frame = *record->stimulus.frame;
      record->octets += received->frame.size();
    }
    // What a call gave to say stands with its first stimulus.
    if (!record->stimulus.together) keep(outputs, *record);
    status_.octets += record->octets;
    status_.frames += frames_of(*record);
    ring_.push_back(std::move(record));
  }
  make_room();
}

void Recorder::make_room() {
  // Of stimuli that came together none stays without the first.
  while ((status_.octets > status_.max_octets && ring_.size() > 1) ||
         (!ring_.empty() && ring_.front()->stimulus.together)) {
    const auto oldest = ring_.front();
    ring_.pop_front();
    status_.octets -= oldest->octets;
    status_.frames -= frames_of(*oldest);
    ++status_.dropped;
    // The tape is shared by the records that stay, which begin later and with less known now.
    auto& tape = *oldest->tape;
    tape.from_start = false;
    tape.began = oldest->stimulus.at;
    if (const auto* const changed = std::get_if<vdp::PortReconfigured>(&oldest->stimulus.input)) {
      tape.config = *changed->config;
    }
  }
}

RecorderStatus Recorder::status() const {
  auto status = status_;
  status.stimuli = ring_.size();
  return status;
}

}  // namespace agent::capture
