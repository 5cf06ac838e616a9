// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/api/names.hpp"
#include "agent/ports.hpp"

namespace agent::api {

/// Why a request is not carried out; the sentence names the field and its value.
struct Rejection {
  pb::Code code;
  std::string sentence;
};
template <class T>
using Checked = tl::expected<T, Rejection>;

/// Where in a request a field stands ("vsis[3].filters[0]"). It is written out only when something
/// is wrong there: of thousands of VSIs nearly all are right.
struct FieldPath {
  std::string_view name;
  int index = -1;  ///< in a list
  const FieldPath* above = nullptr;
  std::string text() const;
};

/// A VSI request that has passed every check, and the port that it is for.
struct CheckedVsi {
  std::string port;
  vdp::VsiRequest request;
};

/// The VSIs of one request are checked by one object: it looks up each device only once.
class VsiChecker {
 public:
  explicit VsiChecker(const Ports& ports) : ports_(ports) {}

  /// `where` is the VSI's place in the request.
  Checked<CheckedVsi> check(const pb::VsiWanted& wanted, pb::AssociationType type,
                            const FieldPath& where);

 private:
  Checked<DevicePlace> place(const pb::VsiWanted& wanted, const FieldPath& where);

  const Ports& ports_;
  std::map<std::string, tl::expected<DevicePlace, std::string>, std::less<>> places_;
};

/// The id and its format; `where` as above.
Checked<vdp::VsiId> check_id(pb::VsiIdFormat format, const std::string& id, const FieldPath& where);

/// The same of a VSI type.
Checked<profiles::TypeName> check_type(const pb::TypeName& name, const FieldPath& where);

}  // namespace agent::api
