// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <span>

namespace base {

/// One arrow of a state diagram. Without `from` it is an open arrow: it leads from every state,
/// and while its condition holds it keeps the machine where it points.
template <class Machine>
struct Arrow {
  std::optional<typename Machine::State> from;
  bool (Machine::*when)() const;
  typename Machine::State to;
};

/// Which arrows of its diagram one machine has taken, a bit each in the order of the table, so that
/// tests can prove that every arrow is taken. Kept per machine: the core has no globals.
class ArrowLog {
 public:
  void took(std::size_t index) { taken_ |= std::uint64_t{1} << index; }
  std::uint64_t taken() const { return taken_; }

 private:
  std::uint64_t taken_ = 0;
};

/// Follows arrows, in the order of the table, until none leads on. Entering a state runs its box:
/// `Machine` has `state()`, `enter(State)` and `arrow_log()`.
template <class Machine>
void run(Machine& machine, std::span<const Arrow<Machine>> diagram) {
  for (int steps = 0; steps < 100; ++steps) {
    std::size_t index = 0;
    for (; index < diagram.size(); ++index) {
      const auto& arrow = diagram[index];
      if ((!arrow.from || *arrow.from == machine.state()) && (machine.*arrow.when)()) break;
    }
    if (index == diagram.size()) return;
    const auto& taken = diagram[index];
    if (!taken.from && taken.to == machine.state()) return;
    machine.arrow_log().took(index);
    machine.enter(taken.to);
  }
  assert(false && "the diagram does not come to rest");
}

}  // namespace base
