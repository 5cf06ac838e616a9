// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/json.hpp"

#include <google/protobuf/util/json_util.h>

namespace agent::ctl {

std::string json_object(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  // It fails only for Any and for timestamps past the year 9999, neither of which we send.
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) text = "{}";
  return text;
}

std::string json_array(const std::vector<const google::protobuf::Message*>& messages) {
  std::string text = "[";
  for (const auto* const message : messages) {
    text += text.size() == 1 ? "\n" : ",\n";
    text += json_object(*message);
  }
  return text + (messages.empty() ? "]\n" : "\n]\n");
}

}  // namespace agent::ctl
