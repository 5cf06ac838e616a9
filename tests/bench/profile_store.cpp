// SPDX-License-Identifier: Apache-2.0
// bench_profile_store write COUNT FILE: so many port profiles as TOML.
// bench_profile_store look COUNT DATABASE: finds each of them; prints microseconds per lookup.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "profiles/document.hpp"
#include "profiles/store.hpp"

namespace {

std::string name_of(std::size_t number) { return fmt::format("profile-{:06}", number); }

profiles::PortProfile profile(std::size_t number) {
  profiles::PortProfile made{name_of(number), {}, std::nullopt};
  made.parameters.untagged = static_cast<std::uint16_t>(1 + number % 4094);
  made.parameters.default_vlan = made.parameters.untagged;
  made.parameters.mtu = std::uint16_t{1500};
  made.parameters.transmit = profiles::Rate{1'000'000 * (1 + number % 1000), 0};
  made.parameters.max_instances = 1 + number % 100;
  return made;
}

int write_toml(std::size_t count, const char* to) {
  profiles::Contents contents;
  for (std::size_t i = 0; i < count; ++i) contents.profiles.push_back(profile(i));
  std::ofstream file(to);
  file << profiles::write_document(contents);
  return file.flush() ? 0 : 1;
}

/// Names in an order that is not that of the database.
int look(std::size_t count, const char* path) {
  auto store = profiles::Store::open(path, profiles::Access::kRead);
  if (!store) return 1;
  constexpr std::size_t kStep = 7919;  // prime: visits all
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0, at = 0; i < count; ++i, at = (at + kStep) % count) {
    const auto found = store->find_profile(name_of(at));
    if (!found || !*found || (*found)->parameters.untagged != 1 + at % 4094) return 1;
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  fmt::print("{:.3f}\n", took.count() / static_cast<double>(count));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto count = std::strtoull(argv[2], nullptr, 10);
  return std::string(argv[1]) == "write" ? write_toml(count, argv[3]) : look(count, argv[3]);
}
