// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/api/evbd.pb.h"
#include "vdp/port_events.hpp"

// The words and ids of the API in both directions: what a client writes and what a report shows.

namespace agent::api {

namespace pb = ::evbd::v1;

/// Reads an id of this format as people write it; nullopt when the text is anything else.
std::optional<vdp::VsiId> parse_vsi_id(vdp::VsiIdFormat format, std::string_view text);

/// The same id without the signs that only group its digits ('-' and ':'), in lower case: what
/// prefixes are compared with.
std::string bare_id(std::string_view text);

/// The reasons 0..5 of the status octet (41.2.3) in words, with what to do.
struct ReasonText {
  std::string_view name;     ///< as the standard calls it
  std::string_view meaning;  ///< a sentence
  std::string_view advice;   ///< a sentence
};
/// Reserved reasons (6..15) have a text, too.
ReasonText explain_reason(std::uint32_t reason);

pb::VsiIdFormat to_pb(vdp::VsiIdFormat format);
pb::AssociationType to_pb(vdp::AssociationType type);
pb::FilterFormat to_pb(vdp::FilterFormat format);
pb::VsiState to_pb(vdp::VsiState state);
pb::Cause to_pb(vdp::VsiCause cause);

/// As sentences use them: "associate", "preassociate with reservation".
std::string_view word(pb::AssociationType type);
/// "associated", "preassociated with reservation".
std::string_view word(pb::VsiState state);

}  // namespace agent::api
