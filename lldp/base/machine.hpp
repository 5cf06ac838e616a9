// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

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

namespace machine_detail {

/// The first arrow of the diagram that leads on from `kFrom`, or the number of arrows. Arrows that
/// leave other states are gone at compile time, and predicates are called directly.
template <const auto& kDiagram, auto kFrom, class Machine, std::size_t... kIndex>
std::size_t first_arrow(const Machine& machine, std::index_sequence<kIndex...> /*all*/) {
  std::size_t found = sizeof...(kIndex);
  const auto leads =
      [&]<std::size_t kArrow>(std::integral_constant<std::size_t, kArrow> /*arrow*/) {
        if constexpr (!kDiagram[kArrow].from || *kDiagram[kArrow].from == kFrom) {
          if ((machine.*kDiagram[kArrow].when)()) {
            found = kArrow;
            return true;
          }
        }
        return false;
      };
  (void)(leads(std::integral_constant<std::size_t, kIndex>()) || ...);
  return found;
}

template <const auto& kDiagram, class Machine, std::size_t... kState>
constexpr auto searches(std::index_sequence<kState...> /*states*/) {
  constexpr auto kArrows = std::make_index_sequence<std::size(kDiagram)>();
  using State = typename Machine::State;
  return std::array<std::size_t (*)(const Machine&), sizeof...(kState)>{[](const Machine& machine) {
    return first_arrow<kDiagram, static_cast<State>(kState)>(machine, decltype(kArrows)());
  }...};
}

/// One more than the highest state that an arrow of the diagram leads to.
template <const auto& kDiagram>
constexpr std::size_t states() {
  std::size_t count = 0;
  for (const auto& arrow : kDiagram) {
    count = std::max(count, static_cast<std::size_t>(arrow.to) + 1);
    if (arrow.from) count = std::max(count, static_cast<std::size_t>(*arrow.from) + 1);
  }
  return count;
}

}  // namespace machine_detail

/// Follows arrows, in the order of the table, until none leads on. Entering a state runs its box:
/// `Machine` has `state()`, `enter(State)` and `arrow_log()`. The diagram is a constexpr table, so
/// that what a figure looks like in the code costs nothing when it runs.
template <const auto& kDiagram, class Machine>
void run(Machine& machine) {
  static constexpr auto kSearches = machine_detail::searches<kDiagram, Machine>(
      std::make_index_sequence<machine_detail::states<kDiagram>()>());
  for (int steps = 0; steps < 100; ++steps) {
    const auto index = kSearches[static_cast<std::size_t>(machine.state())](machine);
    if (index == std::size(kDiagram)) return;
    const auto& taken = kDiagram[index];
    if (!taken.from && taken.to == machine.state()) return;
    machine.arrow_log().took(index);
    machine.enter(taken.to);
  }
  assert(false && "the diagram does not come to rest");
}

}  // namespace base
