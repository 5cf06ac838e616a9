// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>

#include "lldp/base/machine.hpp"

namespace support {

/// Collects, over all tests of a program, which arrows of a diagram were taken, and fails the
/// program when one never was. `note` each machine at the end of a test; register once per machine
/// with
///   const auto* const registered = testing::AddGlobalTestEnvironment(new ArrowCoverage<M>("M",
///   M::kDiagram));
/// A run of only some tests (--gtest_filter) does not judge.
template <class Machine>
class ArrowCoverage : public testing::Environment {
 public:
  ArrowCoverage(std::string name, std::span<const base::Arrow<Machine>> diagram)
      : name_(std::move(name)), arrows_(diagram.size()) {}

  static void note(const Machine& machine) { taken() |= machine.arrow_log().taken(); }

  void TearDown() override {
    if (testing::GTEST_FLAG(filter) != "*") return;
    for (std::size_t i = 0; i < arrows_; ++i) {
      EXPECT_TRUE(taken() >> i & 1U) << name_ << ": no test takes arrow " << i << " of the diagram";
    }
  }

 private:
  static std::uint64_t& taken() {
    static std::uint64_t bits = 0;
    return bits;
  }

  std::string name_;
  std::size_t arrows_;
};

}  // namespace support
