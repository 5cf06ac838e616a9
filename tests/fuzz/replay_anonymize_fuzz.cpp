// SPDX-License-Identifier: Apache-2.0
// The first octet chooses: a frame of a link type, a comment, or a journal. A pseudonymous frame is
// as long, of the same protocol, and has the same faults; a pseudonymous journal can be read again.
#include <algorithm>
#include <cassert>

#include "agent/replay/anonymous_journal.hpp"
#include "agent/replay/anonymous_text.hpp"

namespace {

using namespace agent::replay;

void frame(Anonymizer& anonymizer, LinkType type, base::Bytes octets) {
  DecodedFrame before;
  decode_frame(type, {1, 0, octets, octets.size()}, before);
  const auto made = anonymizer.frame(type, before);
  assert(made.size() == octets.size());
  DecodedFrame after;
  decode_frame(type, {1, 0, made, made.size()}, after);
  assert(after.protocol == before.protocol);
  assert(std::ranges::equal(after.faults, before.faults, [](const auto& a, const auto& b) {
    return a.fault == b.fault && a.octet == b.octet && a.part == b.part;
  }));
}

void comment(Anonymizer& anonymizer, std::string_view text) {
  const auto made = anonymous_text(text, anonymizer.pseudonyms());
  assert(made == anonymous_text(text, anonymizer.pseudonyms()));
  assert(std::ranges::count(made, ' ') == std::ranges::count(text, ' '));
}

void journal(Anonymizer& anonymizer, std::string_view text) {
  const auto before = agent::capture::parse_journal(text);
  if (!before) return;
  const auto made = agent::capture::print(anonymous_journal(*before, 1, anonymizer));
  const auto after = agent::capture::parse_journal(made);
  assert(after && after->ports.size() == before->ports.size());
  assert(agent::capture::print(*after) == made);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static constexpr std::uint8_t kKey[] = {1, 2, 3, 4, 5, 6, 7, 8};
  Anonymizer anonymizer{Pseudonyms(kKey)};
  const base::Bytes octets(data + 1, size - 1);
  const std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
  switch (const int kind = data[0] % 5; kind) {
    case 3: comment(anonymizer, text); break;
    case 4: journal(anonymizer, text); break;
    default: frame(anonymizer, static_cast<LinkType>(kind), octets);
  }
  return 0;
}
