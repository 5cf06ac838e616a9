// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/api/explain.hpp"
#include "agent/api/service.hpp"
#include "lldp/printable.hpp"

// Why a VSI is as it is, or is no more.

namespace agent::api {
namespace {

/// Of VSIs that are gone; their ids may have no more than their beginnings in common.
constexpr std::size_t kMostGone = 10;

pb::VsiExplanation& begin(pb::ServerMessage& message, const pb::Request& request) {
  auto& response = *message.mutable_response();
  response.set_id(request.id());
  response.mutable_status();
  return *response.mutable_explanation();
}

}  // namespace

void Service::why(ClientLink& client, const pb::Request& request) {
  const auto& name = request.vsi_why().vsi();
  const auto key = find(name, FieldPath{"vsi"});
  const bool whole = check_id(name.id_format(), name.id(), FieldPath{"vsi"}).has_value();
  const bool absent = whole ? !key && key.error().code == pb::NOT_FOUND : !name.id().empty();
  if (absent) return why_gone(client, request);
  if (!key) return reject(client, request.id(), key.error().code, key.error().sentence);
  pb::ServerMessage message;
  auto& explanation = begin(message, request);
  reports_.vsi(*key, *explanation.mutable_vsi());
  for (auto& sentence : explain(explanation.vsi())) explanation.add_sentences(std::move(sentence));
  const auto report = ports_.core(key->port)->vsi(key->id);
  const auto& libvirt_error = reports_.host().libvirt_error;
  if (const auto number =
          report && libvirt_error ? libvirt_error(key->port, *report) : std::nullopt) {
    explanation.add_sentences(fmt::format(
        "libvirt shows this as error {0}; 'evbctl explain {0}' says what it means.", *number));
  } else {
    const auto id = bare_id(vdp::to_string(key->id));
    for (auto& sentence : libvirt_sentences(key->port, id, 1)) {
      explanation.add_sentences(std::move(sentence));
    }
  }
  client.send(message);
}

std::vector<std::string> Service::libvirt_sentences(std::string_view port,
                                                    const std::string& id_prefix,
                                                    std::size_t most) const {
  std::vector<std::string> sentences;
  const auto& refusals = reports_.host().libvirt_refusals;
  for (const auto& refusal : refusals ? refusals() : std::vector<LibvirtRefusal>()) {
    if (sentences.size() == most) break;
    const bool there = port.empty() || refusal.port == port;
    if (!there || !bare_id(vdp::to_string(refusal.id)).starts_with(id_prefix)) continue;
    sentences.push_back(fmt::format("{} ago {}", duration_text((ports_.now() - refusal.at).count()),
                                    refusal.sentence));
  }
  return sentences;
}

/// A start that was refused, or any other VSI whose last word was a failure.
void Service::why_gone(ClientLink& client, const pb::Request& request) {
  const auto& name = request.vsi_why().vsi();
  const auto prefix = bare_id(name.id());
  pb::ServerMessage message;
  auto& explanation = begin(message, request);
  const auto failures = past_.find(name.port(), prefix);
  for (std::size_t i = 0; i < std::min(failures.size(), kMostGone); ++i) {
    const auto& [port, id, cause] = *failures[i];
    pb::Failure failure;
    to_pb(cause, {port, ports_, ports_.now()}, failure);
    const auto ago = duration_text((ports_.now() - cause.since).count());
    const auto todo = advice(failure);
    explanation.add_sentences(fmt::format("VSI {} is no longer on port {}; {} ago: {}{}{}",
                                          vdp::to_string(id), port, ago, failure_sentence(failure),
                                          todo.empty() ? "" : " ", todo));
  }
  for (auto& sentence : libvirt_sentences(name.port(), prefix, kMostGone)) {
    explanation.add_sentences(std::move(sentence));
  }
  if (explanation.sentences_size() > 0) return client.send(message);
  reject(client, request.id(), pb::NOT_FOUND,
         fmt::format("There is no VSI '{}', and no failure of one is remembered.",
                     lldp::to_printable(name.id())));
}

}  // namespace agent::api
