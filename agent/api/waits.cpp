// SPDX-License-Identifier: Apache-2.0
#include "agent/api/waits.hpp"

#include <google/protobuf/arena.h>

#include <algorithm>

#include "agent/api/convert.hpp"
#include "agent/api/explain.hpp"

namespace agent::api {
namespace {

/// Results in one Response; the client reads them while the next ones are written. Writing them
/// earlier, while the rest is under way, was tried: it makes frames wait, and the answer comes
/// later.
constexpr std::size_t kResultsAtOnce = 128;

/// So that the messages of a large answer take a few allocations.
google::protobuf::ArenaOptions arena_options() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = 4096;
  options.max_block_size = 65536;
  return options;
}

void name(const VsiKey& key, pb::VsiResult& result) {
  result.set_port(key.port);
  result.set_id(vdp::to_string(key.id));
  result.set_id_format(to_pb(key.id.format));
}

bool is_state_of(vdp::VsiState state, vdp::AssociationType type) {
  switch (type) {
    case vdp::AssociationType::kPreAssociate: return state == vdp::VsiState::kPreassociated;
    case vdp::AssociationType::kPreAssociateWithReservation:
      return state == vdp::VsiState::kPreassociatedWithReservation;
    case vdp::AssociationType::kAssociate: return state == vdp::VsiState::kAssociated;
    case vdp::AssociationType::kDeAssociate: return state == vdp::VsiState::kDeassociated;
  }
  return false;
}

}  // namespace

Waits::Batch& Waits::open(const std::shared_ptr<ClientLink>& client, std::uint32_t request,
                          vdp::AssociationType type, std::vector<VsiKey> vsis) {
  auto owned = std::make_unique<Batch>();
  Batch& batch = *owned;
  batches_[&batch] = std::move(owned);
  batch.client = client;
  batch.owner = client.get();
  batch.request = request;
  batch.type = type;
  batch.vsis = std::move(vsis);
  batch.answers.resize(batch.vsis.size());
  batch.open = batch.vsis.size();
  for (std::size_t i = 0; i < batch.vsis.size(); ++i) {
    Waiting* const known = index_.find(batch.vsis[i]);
    Waiting& waiting = known == nullptr ? index_.make(batch.vsis[i]) : *known;
    waiting.places.push_back(Place{&batch, i});
  }
  ++client->in_flight;
  return batch;
}

void Waits::limit(Batch& batch, base::Instant deadline) {
  batch.deadline = deadline;
  deadlines_.emplace(deadline, &batch);
}

void Waits::accept_rest(Batch& batch) {
  for (std::size_t i = 0, last = batch.vsis.size(); i < last; ++i) {
    if (batch.answers[i] != Batch::Answer::kNone) continue;
    const bool was_last = batch.open == 1;
    report_state(batch.vsis[i], batch.results[i]);
    batch.results[i].clear_failure();  // of an earlier request
    settle(batch, i, pb::OK, "");
    if (was_last) return;  // the batch is gone
  }
}

/// Settling may complete a batch and drop its other entries, but never one of the same VSI that
/// another batch waits for: so the places are copied first.
template <class Settle>
void Waits::settle_all(const VsiKey& key, Settle&& settle) {
  const Waiting* const waiting = index_.find(key);
  if (waiting == nullptr) return;
  const auto places = waiting->places;
  for (const auto& place : places) {
    if (places.size() == 1 || batches_.contains(place.batch)) settle(*place.batch, place.index);
  }
}

void Waits::changed(std::string_view port, const vdp::VsiChanged& change) {
  if (index_.size() == 0 || change.cause == vdp::VsiCause::kRequested) return;
  const VsiKey key{std::string(port), change.id};
  settle_all(key, [&](Batch& batch, std::size_t index) {
    if (batch.type == vdp::AssociationType::kDeAssociate) {
      // A failure of what was wanted before is no answer; the VSI's end is, whoever ended it.
      if (!change.gone) return;
      batch.answers[index] = Batch::Answer::kConfirmed;
      closed(batch, index);
      return;
    }
    if (change.cause == vdp::VsiCause::kConfirmed) {
      if (!is_state_of(change.state, batch.type)) return;  // of an earlier request
      batch.answers[index] = Batch::Answer::kConfirmed;
      closed(batch, index);
      return;
    }
    auto& result = batch.results[index];
    report_state(key, result);
    result.set_state(to_pb(change.state));
    const ReportContext context{port, ports_, ports_.now()};
    if (change.failure) {
      result.clear_failure();
      to_pb(*change.failure, context, *result.mutable_failure());
    } else if (!result.has_failure()) {
      result.mutable_failure()->set_cause(to_pb(change.cause));
    }
    settle(batch, index, pb::REFUSED, failure_sentence(result.failure()));
  });
}

void Waits::refused(std::string_view port, const vdp::RequestRefused& refusal) {
  if (index_.size() == 0) return;
  const VsiKey key{std::string(port), refusal.id};
  settle_all(key, [&](Batch& batch, std::size_t index) {
    auto& result = batch.results[index];
    report_state(key, result);
    result.clear_failure();
    to_pb(refusal.refusal, {port, ports_, ports_.now()}, *result.mutable_failure());
    const bool unknown = refusal.refusal == vdp::LocalRefusal::kUnknownVsi;
    settle(batch, index, unknown ? pb::NOT_FOUND : pb::REFUSED, failure_sentence(result.failure()));
  });
}

/// The VSI's state, filters and next try as they are now.
void Waits::report_state(const VsiKey& key, pb::VsiResult& result) const {
  const auto* const core = ports_.core(key.port);
  if (core == nullptr) return;
  const auto report = core->vsi(key.id);
  if (!report) return;
  const ReportContext context{key.port, ports_, ports_.now()};
  result.set_state(to_pb(report->state));
  result.clear_filters();
  to_pb(report->filters, *result.mutable_filters());
  if (report->last_failure) to_pb(*report->last_failure, context, *result.mutable_failure());
  if (report->next_try) {
    to_pb(ports_.wall_clock(*report->next_try), *result.mutable_next_try());
    result.set_next_try_in_us((*report->next_try - context.now).count());
  }
}

void Waits::settle(Batch& batch, std::size_t index, pb::Code code, std::string sentence) {
  write(batch, index, code, std::move(sentence));
  closed(batch, index);
}

void Waits::write(Batch& batch, std::size_t index, pb::Code code, std::string sentence) const {
  auto& result = batch.results[index];
  name(batch.vsis[index], result);
  result.mutable_status()->set_code(code);
  result.mutable_status()->set_sentence(std::move(sentence));
  batch.answers[index] = Batch::Answer::kWritten;
}

void Waits::write_confirmed(const Batch& batch, std::size_t index, pb::VsiResult& result) const {
  if (batch.type != vdp::AssociationType::kDeAssociate) report_state(batch.vsis[index], result);
  result.clear_failure();
  name(batch.vsis[index], result);
  result.mutable_status();
}

void Waits::closed(Batch& batch, std::size_t index) {
  unlist(batch, index);
  if (--batch.open == 0) answer(batch);
}

void Waits::unlist(const Batch& batch, std::size_t index) {
  Waiting* const waiting = index_.find(batch.vsis[index]);
  if (waiting == nullptr) return;
  auto& places = waiting->places;
  const auto is_this = [&](const Place& place) {
    return place.batch == &batch && place.index == index;
  };
  const auto rest = std::remove_if(places.begin(), places.end(), is_this);
  places.resize(static_cast<std::size_t>(rest - places.begin()));
  if (places.empty()) index_.erase(*waiting);
}

void Waits::answer(Batch& batch) {
  const auto client = batch.client.lock();
  if (client) --client->in_flight;
  for (std::size_t at = 0; client && at < batch.vsis.size();) {
    google::protobuf::Arena arena(arena_options());
    auto& message = *google::protobuf::Arena::CreateMessage<pb::ServerMessage>(&arena);
    auto& response = *message.mutable_response();
    response.set_id(batch.request);
    response.mutable_status();
    auto& results = *response.mutable_vsi_results()->mutable_results();
    for (const auto end = std::min(at + kResultsAtOnce, batch.vsis.size()); at < end; ++at) {
      if (batch.answers[at] == Batch::Answer::kConfirmed) {
        write_confirmed(batch, at, *results.Add());
      } else {
        *results.Add() = batch.results[at];
      }
    }
    response.set_more(at < batch.vsis.size());
    client->send(message);
  }
  drop(batch);
}

void Waits::drop(Batch& batch) {
  if (batch.deadline) deadlines_.erase({*batch.deadline, &batch});
  batches_.erase(&batch);
}

void Waits::forget(const ClientLink* client) {
  std::vector<Batch*> dead;
  for (const auto& [key, batch] : batches_) {
    if (batch->owner == client) dead.push_back(batch.get());
  }
  for (auto* const batch : dead) {
    for (std::size_t i = 0; i < batch->vsis.size(); ++i) unlist(*batch, i);
    drop(*batch);
  }
}

std::optional<base::Instant> Waits::deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void Waits::time_passed(base::Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Batch& batch = *deadlines_.begin()->second;
    for (std::size_t i = 0, last = batch.vsis.size(); i < last; ++i) {
      if (batch.answers[i] != Batch::Answer::kNone) continue;
      const bool was_last = batch.open == 1;
      report_state(batch.vsis[i], batch.results[i]);
      settle(batch, i, pb::NO_ANSWER,
             "No answer within the time given; the request stays wanted and is tried again.");
      if (was_last) break;
    }
  }
}

}  // namespace agent::api
