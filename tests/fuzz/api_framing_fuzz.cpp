// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <string>

#include "agent/api/evbd.pb.h"
#include "agent/api/framing.hpp"

/// The first octet says in what pieces the rest arrives. However it is cut, the same messages come
/// out, none is longer than the limit, and each can be given to protobuf.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 512;
  if (size == 0) return 0;
  const std::size_t piece = data[0] + std::size_t{1};
  const base::Bytes stream(data + 1, size - 1);
  const auto messages_of = [&](std::size_t step) {
    agent::api::FrameReader reader(kLimit);
    std::string found;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      reader.append(stream.subspan(at, std::min(step, stream.size() - at)));
      while (true) {
        const auto next = reader.next();
        if (!next) return found + "!";
        if (!*next) break;
        assert((*next)->size() <= kLimit);
        found += std::string((*next)->begin(), (*next)->end()) + "|";
        evbd::v1::ClientMessage message;
        if (message.ParseFromArray((*next)->data(), static_cast<int>((*next)->size()))) {
          std::string again;
          agent::api::append_message(again, message);
          (void)message.DebugString();
        }
      }
      assert(reader.pending() < kLimit + agent::api::kLengthSize);
    }
    return found;
  };
  if (messages_of(piece) != messages_of(stream.size() + 1)) __builtin_trap();
  return 0;
}
