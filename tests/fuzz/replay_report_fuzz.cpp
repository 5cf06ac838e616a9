// SPDX-License-Identifier: Apache-2.0
// Any octets as a capture file, made a page of: with its comments, and all of it drawn or little.
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <pugixml.hpp>

#include "agent/replay/report/frame_comments.hpp"
#include "agent/replay/report/report.hpp"

namespace {

using namespace agent::replay;

std::FILE* open_memory(const std::uint8_t* data, std::size_t size) {
  return fmemopen(const_cast<std::uint8_t*>(data), size, "rb");
}

/// Gives every frame to `look`; false when it is no capture.
bool read(const std::uint8_t* data, std::size_t size, const report::Report::Look& look) {
  auto file = CaptureFile::open(open_memory(data, size), "input");
  if (!file) return false;
  report::FrameComments comments(open_memory(data, size));
  CapturedFrame captured;
  DecodedFrame frame;
  while (true) {
    const auto more = file->next(captured);
    if (!more || !*more) return true;
    decode_frame(file->link_type(), captured, frame);
    look(frame, comments.next());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  report::Report made("input");
  const auto take = [&](const DecodedFrame& frame, std::string_view comment) {
    made.take(frame, comment);
  };
  if (!read(data, size, take)) return 0;
  made.finish("");
  char* text = nullptr;
  std::size_t length = 0;
  std::FILE* const memory = open_memstream(&text, &length);
  made.write(memory, 3 + data[size - 1] % 64U,
             [&](const report::Report::Look& look) { read(data, size, look); });
  std::fclose(memory);
  pugi::xml_document page;
  const auto parsed = page.load_buffer(text, length, pugi::parse_default | pugi::parse_doctype);
  assert(parsed);
  assert(page.select_nodes("//script|//img|//iframe|//@src|//@style").empty());
  std::free(text);
  return 0;
}
