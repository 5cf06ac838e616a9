// SPDX-License-Identifier: Apache-2.0
#include "agent/api/explain.hpp"

#include <fmt/format.h>

namespace agent::api {
namespace {

std::string state_sentence(const pb::Vsi& vsi) {
  if (vsi.wanted() == pb::ASSOCIATION_TYPE_UNSPECIFIED) {
    return fmt::format("VSI {} on port {} is {}.", vsi.id(), vsi.port(), word(vsi.state()));
  }
  return fmt::format("VSI {} on port {} is {}; wanted: {}.", vsi.id(), vsi.port(),
                     word(vsi.state()), word(vsi.wanted()));
}

/// What the standard's timers count down to; the names are the core's.
std::string timer_sentence(const pb::Timer& timer) {
  const auto left = duration_text(timer.remaining_us());
  if (timer.name() == "reinitKeepAlive") {
    return fmt::format("reinitKeepAlive runs: the next keep-alive is sent in {}.", left);
  }
  if (timer.name() == "respWaitDelay") {
    return fmt::format("respWaitDelay runs: the bridge has {} left to answer.", left);
  }
  if (timer.name() == "toutKeepAlive") {
    return fmt::format(
        "toutKeepAlive runs: the association ends in {} unless the station repeats it.", left);
  }
  if (timer.name() == "resourceWaitDelay") {
    return fmt::format("resourceWaitDelay runs: the VSI manager has {} left to answer.", left);
  }
  return fmt::format("{} ends in {}.", timer.name().empty() ? "A timer" : timer.name(), left);
}

std::string type_sentence(const pb::TypeChange& change) {
  if (change.gone()) {
    return "Its VSI type is gone from the database since; it keeps what it was granted until "
           "'evbctl "
           "type apply --deassociate' or its station ends it.";
  }
  return fmt::format(
      "Its VSI type has changed since: {} in force, {} in the database; 'evbctl type apply' gives "
      "it "
      "what the type says now.",
      lines_text(change.in_force()), lines_text(change.now()));
}

std::string next_sentence(const pb::Vsi& vsi) {
  if (vsi.has_next_try()) {
    return fmt::format("The next try comes in {}.", duration_text(vsi.next_try_in_us()));
  }
  if (vsi.has_last_failure() && vsi.last_failure().hard()) {
    return "The bridge called it a hard error, so it is not tried again; ask again once the cause "
           "is "
           "mended.";
  }
  return "";
}

void add(std::vector<std::string>& sentences, std::string sentence) {
  if (!sentence.empty()) sentences.push_back(std::move(sentence));
}

}  // namespace

std::string lines_text(const google::protobuf::RepeatedPtrField<std::string>& lines) {
  if (lines.empty()) return "nothing of it";
  return fmt::format("{}", fmt::join(lines, ", "));
}

std::string duration_text(std::int64_t microseconds) {
  const std::string_view sign = microseconds < 0 ? "-" : "";
  const auto us = static_cast<double>(microseconds < 0 ? -microseconds : microseconds);
  if (us < 1e3) return fmt::format("{}{:.0f} us", sign, us);
  if (us < 1e6) return fmt::format("{}{:.3g} ms", sign, us / 1e3 >= 999.5 ? 999.0 : us / 1e3);
  if (us < 1e9) return fmt::format("{}{:.3g} s", sign, us / 1e6 >= 999.5 ? 999.0 : us / 1e6);
  return fmt::format("{}{:.0f} s", sign, us / 1e6);
}

std::string failure_sentence(const pb::Failure& failure) {
  const auto asked = word(failure.command());
  switch (failure.cause()) {
    case pb::REFUSED_BY_BRIDGE:
      return fmt::format("The bridge refused the {}: {} (reason {}{}{}).", asked,
                         explain_reason(failure.reason()).name, failure.reason(),
                         failure.hard() ? ", hard error" : "",
                         failure.keep() ? ", the association before it stays" : "");
    case pb::REFUSED_LOCALLY:
      return fmt::format("evbd did not send the request: {}.", failure.local_refusal());
    case pb::NO_RESPONSE:
      return fmt::format("The bridge did not answer the {} within respWaitDelay.", asked);
    case pb::NO_KEEP_ALIVE:
      return "The station did not repeat the association within toutKeepAlive.";
    case pb::NO_RESOURCES: return "The VSI manager did not answer within resourceWaitDelay.";
    case pb::DEASSOCIATED_BY_CLIENT: return "A client of evbd deassociated it.";
    case pb::DEASSOCIATED_BY_BRIDGE:
      if (failure.reason() == 0) return "The bridge deassociated it.";
      return fmt::format("The bridge deassociated it: {} (reason {}).",
                         explain_reason(failure.reason()).name, failure.reason());
    case pb::EVB_LOST: return "The EVB neighbour or the link was lost.";
    default: return "";
  }
}

std::string advice(const pb::Failure& failure) {
  switch (failure.cause()) {
    case pb::REFUSED_BY_BRIDGE:
    case pb::DEASSOCIATED_BY_BRIDGE:
      if (failure.reason() != 0) return std::string(explain_reason(failure.reason()).advice);
      return "Ask the network administrator why the bridge ended the association.";
    case pb::REFUSED_LOCALLY:
      return "Nothing was sent; correct the request, or the configuration that forbids it.";
    case pb::NO_RESPONSE:
      if (failure.ecp_unacknowledged()) {
        return "Not even ECP was acknowledged: check that the bridge port speaks ECP on this "
               "destination address ('evbctl port show').";
      }
      return "ECP was acknowledged, so the bridge is there: check its VDP and its VSI manager.";
    case pb::NO_KEEP_ALIVE: return "The station went silent: check the station and the link.";
    case pb::NO_RESOURCES: return "Check that the VSI manager of this bridge answers.";
    case pb::EVB_LOST:
      return "Check the link and the bridge's EVB TLV ('evbctl neighbor show'); the VSI comes back "
             "by itself.";
    default: return "";
  }
}

std::vector<std::string> explain(const pb::Vsi& vsi) {
  std::vector<std::string> sentences{state_sentence(vsi)};
  if (vsi.has_last_failure()) add(sentences, failure_sentence(vsi.last_failure()));
  if (vsi.waiting_for_evb()) {
    sentences.emplace_back("Nothing can be sent: no EVB bridge is heard on this port.");
  }
  if (vsi.has_timer()) sentences.push_back(timer_sentence(vsi.timer()));
  add(sentences, next_sentence(vsi));
  if (vsi.has_type_change()) add(sentences, type_sentence(vsi.type_change()));
  if (vsi.has_last_failure()) {
    add(sentences, advice(vsi.last_failure()));
  } else if (vsi.waiting_for_evb()) {
    sentences.emplace_back(
        "Compare both ends with 'evbctl port show' and 'evbctl neighbor show'; the request is sent "
        "as soon as the bridge's EVB TLV is there.");
  }
  return sentences;
}

}  // namespace agent::api
