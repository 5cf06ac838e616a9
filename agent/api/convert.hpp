// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/api/names.hpp"
#include "agent/ports.hpp"

// Reports of the core as messages of the API. Every function fills a message that is empty.

namespace agent::api {

/// What every report needs beside itself: which port it is of, and how its instants read.
struct ReportContext {
  std::string_view port;
  const Ports& ports;
  base::Instant now;
};

void to_pb(std::chrono::system_clock::time_point time, google::protobuf::Timestamp& to);
void to_pb(const vdp::FilterInfo& filters, google::protobuf::RepeatedPtrField<pb::FilterEntry>& to);
void to_pb(const vdp::Failure& failure, const ReportContext& context, pb::Failure& to);
void to_pb(const vdp::VsiReport& report, vdp::PortConfig const& config,
           const ReportContext& context, pb::Vsi& to);
void to_pb(const lldp::EvbTlv& tlv, pb::EvbSide& to);
void to_pb(const lldp::Draft02EvbTlv& tlv, pb::Draft02Evb& to);
void to_pb(const PortInfo& info, const vdp::Port& core, pb::Port& to);
void to_pb(const lldp::Neighbor& neighbor, const ReportContext& context, pb::Neighbor& to);

/// The reason a request was refused before it was sent, as a failure.
void to_pb(vdp::LocalRefusal refusal, const ReportContext& context, pb::Failure& to);

}  // namespace agent::api
