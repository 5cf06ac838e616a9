// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace base {

/// A place in a Chain; it belongs to the owner, and must have left its chain before it ends.
template <class Owner>
struct Link {
  Owner* owner = nullptr;  ///< nullptr: in no chain
  Link* before = nullptr;
  Link* after = nullptr;
};

/// A list of owners whose links are in the owners: entering and leaving allocate nothing and search
/// nothing.
template <class Owner>
class Chain {
 public:
  bool empty() const { return first_ == nullptr; }
  Link<Owner>* first() const { return first_; }

  void push_back(Owner& owner, Link<Owner>& link) {
    link = {&owner, last_, nullptr};
    (last_ == nullptr ? first_ : last_->after) = &link;
    last_ = &link;
  }

  void remove(Link<Owner>& link) {
    (link.before == nullptr ? first_ : link.before->after) = link.after;
    (link.after == nullptr ? last_ : link.after->before) = link.before;
    link = {};
  }

 private:
  Link<Owner>* first_ = nullptr;
  Link<Owner>* last_ = nullptr;
};

}  // namespace base
