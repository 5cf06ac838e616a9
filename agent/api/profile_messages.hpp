// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/api/names.hpp"
#include "agent/ports.hpp"
#include "profiles/store.hpp"

// Port profiles and VSI types as messages of the API. Every function fills a message that is empty.

namespace agent::api {

void to_pb(const profiles::NetworkParameters& parameters, pb::NetworkParameters& to);
void to_pb(const profiles::TypeName& name, pb::TypeName& to);
void to_pb(const profiles::PortProfile& profile, pb::PortProfile& to);
void to_pb(const profiles::VsiTypeEntry& type, pb::VsiTypeDefinition& to);
void to_pb(const profiles::MirrorState& state, std::chrono::system_clock::time_point now,
           pb::Mirror& to);
void to_pb(const TypeChange& change, pb::TypeChange& to);
void to_pb(const TypeApplied& applied, pb::TypeResult& to);

}  // namespace agent::api
