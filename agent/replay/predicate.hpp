// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "agent/replay/capture_file.hpp"
#include "agent/replay/rule.hpp"

namespace agent::replay {

/// A question that a capture answers with yes or no:
/// - "check fails with NAME": a rule ("ecp-resend-early"), a statement ("P04"), "must" or "should"
/// - "decode fails": some frame is broken
/// - "decode fails with NAME": it breaks this statement
class Predicate {
 public:
  /// The error is a sentence that says what would be right.
  static tl::expected<Predicate, std::string> parse(std::string_view text);

  /// Numbers of frames are counted anew.
  bool holds(LinkType type, std::span<const CapturedFrame* const> frames) const;

 private:
  bool check_fails(LinkType type, std::span<const CapturedFrame* const> frames) const;
  bool decode_fails(LinkType type, std::span<const CapturedFrame* const> frames) const;

  bool decode_ = false;
  std::string statement_;               ///< of "decode fails with"; empty: any
  std::vector<const RuleText*> rules_;  ///< of "check fails with": one of them is broken
};

}  // namespace agent::replay
