// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/api/names.hpp"

// Reports in sentences. Functions of the messages alone, so that any client can use them.

namespace agent::api {

/// "10.5 s", "164 ms", "640 us": three digits that count.
std::string duration_text(std::int64_t microseconds);

/// "untagged = 2, mtu = 9000", "nothing of it"
std::string lines_text(const google::protobuf::RepeatedPtrField<std::string>& lines);

/// Who said no to what, and why: "The bridge refused the associate: insufficient resources
/// (reason 2)."
std::string failure_sentence(const pb::Failure& failure);

/// What to do about it; "" when there is nothing to say.
std::string advice(const pb::Failure& failure);

/// What the state is, who said no, which timer runs, when the next try comes, what to do.
std::vector<std::string> explain(const pb::Vsi& vsi);

}  // namespace agent::api
