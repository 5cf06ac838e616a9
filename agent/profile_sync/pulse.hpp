// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace agent::profile_sync {

/// A thread that calls `beat` again and again, until it returns false or the Pulse ends.
class Pulse {
 public:
  Pulse(std::chrono::milliseconds every, std::function<bool()> beat)
      : thread_([this, every, beat = std::move(beat)] {
          std::unique_lock lock(mutex_);
          while (!ended_.wait_for(lock, every, [this] { return end_; })) {
            lock.unlock();
            const bool goes_on = beat();
            lock.lock();
            if (!goes_on) return;
          }
        }) {}
  ~Pulse() {
    {
      const std::lock_guard lock(mutex_);
      end_ = true;
    }
    ended_.notify_all();
    thread_.join();
  }
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace agent::profile_sync
