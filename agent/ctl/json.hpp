// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace agent::ctl {

/// One message as one line of JSON: the field names of evbd.proto, fields without a value included.
std::string json_object(const google::protobuf::Message& message);
/// Messages as a JSON array, one a line.
std::string json_array(const std::vector<const google::protobuf::Message*>& messages);

template <class Repeated>
std::string json_array_of(const Repeated& messages) {
  std::vector<const google::protobuf::Message*> pointers;
  pointers.reserve(static_cast<std::size_t>(messages.size()));
  for (const auto& message : messages) pointers.push_back(&message);
  return json_array(pointers);
}

}  // namespace agent::ctl
