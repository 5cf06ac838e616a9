// SPDX-License-Identifier: Apache-2.0
// Any octets as a capture file: read to its end, each frame decoded and printed in all forms.
#include <cassert>
#include <cstdio>

#include "agent/replay/dissection.hpp"
#include "agent/replay/frame_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::replay;
  if (size == 0) return 0;
  std::FILE* const memory = fmemopen(const_cast<std::uint8_t*>(data), size, "rb");
  auto file = CaptureFile::open(memory, "input");
  if (!file) return 0;
  CapturedFrame captured;
  DecodedFrame frame;
  std::string text;
  while (true) {
    const auto more = file->next(captured);
    if (!more || !*more) return 0;
    decode_frame(file->link_type(), captured, frame);
    text.clear();
    append_frame_line(text, frame, 0);
    append_dissection(text, frame, 0);
    append_json(text, frame, 0);
    assert(!text.empty());
    for (const auto& section : dissect(frame)) {
      assert(section.octet + section.length <= captured.octets.size());
    }
  }
}
