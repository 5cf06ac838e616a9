// SPDX-License-Identifier: Apache-2.0
#include "agent/api/streams.hpp"

#include <algorithm>

#include "agent/api/framing.hpp"
#include "agent/api/profile_messages.hpp"
#include "lldp/base/overload.hpp"

namespace agent::api {
namespace {

/// Events that one call looks at, wanted or not, before others get their turn.
constexpr int kEventsAtOnce = 256;

}  // namespace

Stream::Progress VsiListStream::produce(std::string& out) {
  pb::ServerMessage message;
  auto& response = *message.mutable_response();
  response.set_id(request_);
  response.mutable_status();
  auto& vsis = *response.mutable_vsis();
  const auto end = std::min(next_ + kVsisAtOnce, keys_.size());
  for (; next_ < end; ++next_) {
    if (!reports_.vsi(keys_[next_], *vsis.add_vsis())) vsis.mutable_vsis()->RemoveLast();
  }
  response.set_more(next_ < keys_.size());
  append_message(out, message);
  return response.more() ? Progress::kMore : Progress::kDone;
}

Stream::Progress TypeResultStream::produce(std::string& out) {
  pb::ServerMessage message;
  auto& response = *message.mutable_response();
  response.set_id(request_);
  response.mutable_status();
  auto& results = *response.mutable_type_results();
  const auto end = std::min(next_ + kVsisAtOnce, results_.size());
  for (; next_ < end; ++next_) to_pb(results_[next_], *results.add_results());
  response.set_more(next_ < results_.size());
  append_message(out, message);
  return response.more() ? Progress::kMore : Progress::kDone;
}

WatchStream::WatchStream(const pb::Request& request, const Reports& reports, const EventLog& log,
                         std::uint64_t after)
    : request_(request.id()),
      reports_(reports),
      log_(log),
      selection_{request.watch().port(), bare_id(request.watch().id_prefix())},
      next_(after + 1),
      in_snapshot_(request.watch().snapshot()) {}

pb::Event& WatchStream::begin(pb::ServerMessage& message) const {
  auto& event = *message.mutable_event();
  event.set_request(request_);
  return event;
}

void WatchStream::write(pb::ServerMessage& message, std::string& out) const {
  append_message(out, message);
}

Stream::Progress WatchStream::produce(std::string& out) {
  if (in_snapshot_) {
    in_snapshot_ = snapshot_step(out);
    return Progress::kMore;
  }
  if (next_ < log_.first()) tell_lost(out);
  for (int i = 0; i < kEventsAtOnce; ++i) {
    if (next_ > log_.last()) return Progress::kIdle;
    const auto sequence = next_++;
    const auto& event = log_.at(sequence);
    if (!wanted(event)) continue;
    tell(sequence, event, out);
    break;
  }
  return Progress::kMore;
}

void WatchStream::take_snapshot() {
  snapshot_taken_ = true;
  if (selection_.id_prefix.empty()) {
    for (const auto& info : reports_.ports().list()) {
      if (selection_.port_matches(info.name)) snapshot_ports_.push_back(info.name);
    }
  }
  snapshot_vsis_ = reports_.select(selection_);
}

/// One event of the snapshot; false when it was the last.
bool WatchStream::snapshot_step(std::string& out) {
  if (!snapshot_taken_) take_snapshot();
  pb::ServerMessage message;
  auto& event = begin(message);
  to_pb(reports_.ports().wall_clock(reports_.ports().now()), *event.mutable_at());
  const auto at = snapshot_at_++;
  if (at < snapshot_ports_.size()) {
    event.set_port(snapshot_ports_[at]);
    if (reports_.port(event.port(), *event.mutable_port_changed())) write(message, out);
    return true;
  }
  const auto vsi = at - snapshot_ports_.size();
  if (vsi < snapshot_vsis_.size()) {
    const auto& key = snapshot_vsis_[vsi];
    event.set_port(key.port);
    auto& changed = *event.mutable_vsi();
    if (!reports_.vsi(key, *changed.mutable_vsi())) return true;
    changed.set_id(changed.vsi().id());
    changed.set_id_format(changed.vsi().id_format());
    changed.set_state(changed.vsi().state());
    write(message, out);
    return true;
  }
  event.mutable_snapshot_end();
  write(message, out);
  snapshot_ports_ = {};
  snapshot_vsis_ = {};
  return false;
}

void WatchStream::tell_lost(std::string& out) {
  pb::ServerMessage message;
  auto& event = begin(message);
  const auto first = log_.first();
  event.set_sequence(first - 1);
  to_pb(reports_.ports().wall_clock(reports_.ports().now()), *event.mutable_at());
  event.mutable_lost()->set_count(first - next_);
  next_ = first;
  write(message, out);
}

bool WatchStream::wanted(const LoggedEvent& event) const {
  if (!selection_.port_matches(event.port)) return false;
  if (selection_.id_prefix.empty()) return true;
  const auto* const change = std::get_if<vdp::VsiChanged>(&event.change);
  return change != nullptr && selection_.id_matches(change->id);
}

void WatchStream::tell(std::uint64_t sequence, const LoggedEvent& logged, std::string& out) const {
  const auto& ports = reports_.ports();
  pb::ServerMessage message;
  auto& event = begin(message);
  event.set_sequence(sequence);
  to_pb(ports.wall_clock(logged.at), *event.mutable_at());
  event.set_port(logged.port);
  std::visit(
      base::Overload{
          [&](const vdp::VsiChanged& change) {
            auto& changed = *event.mutable_vsi();
            changed.set_id(vdp::to_string(change.id));
            changed.set_id_format(to_pb(change.id.format));
            changed.set_state(to_pb(change.state));
            changed.set_cause(to_pb(change.cause));
            changed.set_gone(change.gone);
            if (change.failure) {
              to_pb(*change.failure, {logged.port, ports, logged.at}, *changed.mutable_failure());
            }
            if (change.gone || !reports_.vsi({logged.port, change.id}, *changed.mutable_vsi())) {
              changed.clear_vsi();
            }
          },
          [&](const vdp::EvbChanged&) { reports_.port(logged.port, *event.mutable_evb_changed()); },
          [&](const vdp::NeighborsChanged&) {
            reports_.neighbors(logged.port, *event.mutable_neighbors_changed());
          },
          [&](const vdp::SChannelsChanged&) {
            reports_.port(logged.port, *event.mutable_s_channels_changed());
          },
          [&](const PortChanged&) { reports_.port(logged.port, *event.mutable_port_changed()); },
          [&](const TypeStanding& standing) {
            auto& changed = *event.mutable_type_changed();
            to_pb({standing.manager, standing.type}, *changed.mutable_type());
            changed.set_gone(standing.gone);
            changed.set_vsis(static_cast<std::uint32_t>(standing.vsis));
          },
      },
      logged.change);
  write(message, out);
}

}  // namespace agent::api
