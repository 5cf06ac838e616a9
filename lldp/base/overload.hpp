// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace base {

/// One visitor made of several lambdas, for std::visit.
template <class... Handlers>
struct Overload : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overload(Handlers...) -> Overload<Handlers...>;  // clang 14 needs the guide

}  // namespace base
