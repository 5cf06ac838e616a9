// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pcap_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <memory>

namespace support {

std::vector<base::Octets> read_capture(const std::string& name) {
  const auto path = std::string(EVB_CAPTURES "/") + name;
  char error[PCAP_ERRBUF_SIZE] = "";
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> file(pcap_open_offline(path.c_str(), error),
                                                        pcap_close);
  std::vector<base::Octets> frames;
  if (!file) {
    ADD_FAILURE() << path << ": " << error;
    return frames;
  }
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* octets = nullptr;
  while (pcap_next_ex(file.get(), &header, &octets) == 1) {
    frames.emplace_back(octets, octets + header->caplen);
  }
  return frames;
}

base::Octets from_hex(std::string_view text) {
  base::Octets octets;
  int pending = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (pending < 0) {
      pending = digit;
    } else {
      octets.push_back(static_cast<std::uint8_t>(pending << 4 | digit));
      pending = -1;
    }
  }
  return octets;
}

std::string to_hex(base::Bytes octets) {
  std::string text;
  for (const auto octet : octets) text += fmt::format("{:02x}", octet);
  return text;
}

}  // namespace support
