// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace base {

/// A vector that keeps up to N elements in place, for lists that nearly always have one: copying
/// such a list costs no allocation. T is trivially copyable.
template <class T, std::size_t N>
class SmallVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;
  using size_type = std::size_t;
  using iterator = T*;
  using const_iterator = const T*;

  SmallVector() = default;
  ~SmallVector() = default;
  SmallVector(const SmallVector& other) : size_(other.size_) {
    std::copy_n(other.few_, N, few_);
    if (size_ > N) many_ = other.many_;
  }
  SmallVector& operator=(const SmallVector& other) {
    if (this == &other) return *this;
    if (size_ > N || other.size_ > N) many_ = other.many_;
    size_ = other.size_;
    std::copy_n(other.few_, N, few_);
    return *this;
  }
  SmallVector(SmallVector&& other) noexcept
      : size_(std::exchange(other.size_, 0)), many_(std::move(other.many_)) {
    std::copy_n(other.few_, N, few_);
  }
  SmallVector& operator=(SmallVector&& other) noexcept {
    if (size_ > N || other.size_ > N) many_ = std::move(other.many_);
    size_ = std::exchange(other.size_, 0);
    std::copy_n(other.few_, N, few_);
    return *this;
  }
  SmallVector(std::initializer_list<T> elements) { assign(elements.begin(), elements.end()); }

  template <class Iterator>
  void assign(Iterator first, Iterator last) {
    resize(static_cast<std::size_t>(std::distance(first, last)));
    std::copy(first, last, begin());
  }

  void resize(std::size_t size) {
    if (size > N) {
      if (size_ <= N) many_.assign(few_, few_ + size_);
      many_.resize(size);
    } else {
      if (size_ > N) {
        std::copy_n(many_.begin(), size, few_);
        many_ = {};
      }
      if (size > size_) std::fill(few_ + size_, few_ + size, T{});
    }
    size_ = size;
  }
  void push_back(const T& element) {
    const T copy = element;
    resize(size_ + 1);
    back() = copy;
  }
  void clear() { resize(0); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return size_ > N ? many_.data() : few_; }
  const T* data() const { return size_ > N ? many_.data() : few_; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](std::size_t index) { return data()[index]; }
  const T& operator[](std::size_t index) const { return data()[index]; }
  T& front() { return *begin(); }
  const T& front() const { return *begin(); }
  T& back() { return end()[-1]; }
  const T& back() const { return end()[-1]; }

  friend bool operator==(const SmallVector& a, const SmallVector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::size_t size_ = 0;
  T few_[N] = {};
  std::vector<T> many_;
};

}  // namespace base
