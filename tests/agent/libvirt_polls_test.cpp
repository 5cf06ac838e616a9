// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "agent/libvirt/polls.hpp"
#include "libvirt_fakes.hpp"

namespace agent::libvirt {
namespace {

using namespace std::chrono_literals;
using namespace testing;

const PollGroup kGroup{500, 2};

/// Many threads of one libvirt daemon, each of which asks for its VSI and polls as libvirt does.
class PollsTest : public ::testing::Test {
 protected:
  struct Thread {
    std::uint32_t number = 0;
    std::optional<base::Instant> polls_at;
    std::optional<std::uint16_t> response;
    int answers = 0;
    bool lost = false;  ///< an answer did not list its VSI
    base::Instant since;
    base::Instant until;
  };

  void ask(std::uint32_t number, base::Duration first_poll) {
    polls.asked(now, kGroup, "eth0",
                PortState{id_number(number), {}, PortRequest::kAssociate, std::nullopt});
    threads[number] = Thread{number, now + first_poll, {}, 0, false, now, {}};
  }
  void decide(std::uint32_t number, std::uint16_t response = 0) {
    polls.decided(now, kGroup, id_number(number), response);
  }
  void answered(std::uint32_t to, const base::Octets& message) {
    auto& thread = threads.at(to);
    const auto answer = read_poll_answer(message);
    largest = std::max(largest, answer.entries);
    written += message.size();
    const auto own = answer.responses.find(id_number(to));
    ++thread.answers;
    thread.until = now;
    if (own == answer.responses.end()) {
      thread.lost = true;
    } else if (own->second) {
      thread.response = own->second;
    } else {
      thread.polls_at = now + Polls::kInterval;
    }
  }
  std::optional<base::Instant> next() const {
    auto next = polls.deadline();
    for (const auto& [number, thread] : threads) {
      if (thread.polls_at && (!next || *thread.polls_at < *next)) next = thread.polls_at;
    }
    return next;
  }
  void advance(base::Duration by) {
    const auto until = now + by;
    while (next() && *next() <= until) {
      now = std::max(now, *next());
      for (auto& [number, thread] : threads) {
        if (!thread.polls_at || *thread.polls_at > now) continue;
        thread.polls_at.reset();
        polls.poll(now, number, nlmsghdr{40, RTM_GETLINK, 5, 1, kGroup.client}, GetLink{2, ""});
      }
      polls.time_passed(now);
    }
    now = until;
  }

  /// Turns of the loop at one time, each of which writes little.
  std::size_t turns_until_nothing_is_due() {
    std::size_t turns = 0;
    while (polls.deadline() && *polls.deadline() <= now && ++turns < 10 * kMany) {
      written = 0;
      polls.time_passed(now);
      EXPECT_LE(written, kMost);
    }
    return turns;
  }

  static constexpr std::uint32_t kMany = 1000;
  /// A turn ends with the answer that takes it above 16 KiB; one of kMany states has some 50 KB.
  static constexpr std::size_t kMost = 80'000;

  base::Instant now{1h};
  std::size_t written = 0;  ///< octets of answers
  std::map<std::uint32_t, Thread> threads;
  std::size_t largest = 0;
  Polls polls{100ms,
              [this](std::uint32_t to, const base::Octets& message) { answered(to, message); }};
};

TEST_F(PollsTest, DecideManyStartsOneAfterTheOtherWithOnePollEach) {
  for (std::uint32_t number = 1; number <= 1000; ++number) {
    ask(number, 1ms);
    advance(2ms);
    decide(number);
    advance(1ms);
    EXPECT_EQ(threads[number].response, 0);
    EXPECT_EQ(threads[number].answers, 1);
  }
  EXPECT_EQ(largest, 1U) << "what was read is not told again";
  EXPECT_EQ(polls.size(), 0U);
}

TEST_F(PollsTest, ServeThreadsThatPollInAnotherOrderThanTheyAsked) {
  ask(1, 3ms);
  ask(2, 1ms);
  advance(10ms);
  decide(1);  // thread 2's poll was taken for thread 1's
  advance(1ms);
  decide(2);
  advance(300ms);
  for (const std::uint32_t number : {1U, 2U}) {
    EXPECT_EQ(threads[number].response, 0) << number;
    EXPECT_LE(threads[number].answers, 2) << number;
  }
}

TEST_F(PollsTest, LoseNobodyWhateverTheOrder) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    std::minstd_rand random(seed);
    std::vector<std::pair<base::Instant, std::uint32_t>> decisions;
    threads.clear();
    std::uint32_t number = seed * 1000;
    for (int step = 0; step < 300; ++step) {
      if (random() % 3 == 0) {
        ask(++number, std::chrono::microseconds(random() % 5000));
        const auto takes =
            std::chrono::milliseconds(random() % 10 == 0 ? random() % 8000 : random() % 90);
        decisions.emplace_back(now + takes, number);
      }
      advance(std::chrono::microseconds(random() % 3000));
      std::erase_if(decisions, [&](const auto& decision) {
        if (decision.first > now) return false;
        decide(decision.second, static_cast<std::uint16_t>(decision.second % 7));
        return true;
      });
    }
    std::ranges::sort(decisions);
    for (const auto& [at, each] : decisions) {
      advance(std::max(at - now, base::Duration::zero()));
      decide(each, static_cast<std::uint16_t>(each % 7));
    }
    advance(400ms);
    for (const auto& [each, thread] : threads) {
      EXPECT_EQ(thread.response, static_cast<std::uint16_t>(each % 7)) << each;
      EXPECT_FALSE(thread.lost) << each;
    }
    advance(30s);
    EXPECT_EQ(polls.size(), 0U);
    EXPECT_EQ(polls.held(), 0U);
  }
}

TEST_F(PollsTest, AreNotHeldUpByRequestsThatNobodyPollsFor) {
  for (std::uint32_t number = 1; number <= 20; ++number) {
    ask(number, 1h);
    threads[number].polls_at.reset();
  }
  advance(2s);
  ask(100, 1ms);
  advance(2ms);
  decide(100);
  advance(1ms);
  EXPECT_EQ(threads[100].response, 0);
  EXPECT_EQ(threads[100].answers, 1);
}

TEST_F(PollsTest, DropTheOldestOfMoreThanAnAnswerHolds) {
  for (std::uint32_t number = 1; number <= 2000; ++number) {
    ask(number, 1h);
    threads[number].polls_at.reset();
  }
  threads[2000].polls_at = now + 1ms;
  advance(2ms);
  decide(2000);
  advance(100ms);
  EXPECT_EQ(threads[2000].response, 0);
  EXPECT_EQ(largest, kMaxPortStates);
}

TEST_F(PollsTest, EndAFewAtATimeSoThatRequestsAreAcknowledgedInBetween) {
  for (std::uint32_t number = 1; number <= kMany; ++number) ask(number, 0ms);
  advance(0ms);
  ASSERT_EQ(polls.held(), kMany);
  now += 100ms;
  EXPECT_GE(turns_until_nothing_is_due(), kMany);
  EXPECT_EQ(polls.held(), 0U) << "and none is forgotten";
}

TEST_F(PollsTest, TellDecisionsAFewAtATime) {
  for (std::uint32_t number = 1; number <= kMany; ++number) ask(number, 0ms);
  advance(0ms);
  for (std::uint32_t number = 1; number < kMany; ++number) decide(number);
  now += Polls::kGather;
  EXPECT_GE(turns_until_nothing_is_due(), kMany - 1);
  EXPECT_EQ(polls.held(), 1U) << "who waits for what is undecided";
  written = 0;
  decide(kMany);
  EXPECT_LE(written, kMost);
  turns_until_nothing_is_due();
  for (const auto& [number, thread] : threads) EXPECT_EQ(thread.response, 0) << number;
  EXPECT_EQ(polls.held(), 0U);
}

TEST_F(PollsTest, GoOnWithADecisionsAnswersWhenNothingIsUndecidedAnyMore) {
  for (std::uint32_t number = 1; number <= kMany; ++number) ask(number, 0ms);
  advance(0ms);
  for (std::uint32_t number = 1; number <= kMany; ++number) decide(number);
  EXPECT_LE(written, kMost);
  now += Polls::kGather;
  turns_until_nothing_is_due();
  for (const auto& [number, thread] : threads) EXPECT_EQ(thread.response, 0) << number;
  EXPECT_EQ(polls.held(), 0U);
}

TEST_F(PollsTest, AnswerThreadsThatNobodyKnowsAFewAtATime) {
  ask(1, 0ms);
  advance(0ms);
  for (std::uint32_t number = 2; number <= kMany; ++number) {
    threads[number];
    polls.poll(now, number, nlmsghdr{40, RTM_GETLINK, 5, 1, kGroup.client}, GetLink{2, ""});
  }
  ASSERT_EQ(polls.held(), kMany);
  decide(1);
  EXPECT_LE(written, kMost);
  EXPECT_GT(polls.held(), 0U);
  EXPECT_GT(turns_until_nothing_is_due(), 1U);
  EXPECT_EQ(polls.held(), 0U);
  for (const auto& [number, thread] : threads) EXPECT_EQ(thread.answers, 1) << number;
}

TEST_F(PollsTest, TellAStrangerThatNothingIsKnown) {
  threads[7] = Thread{};
  polls.poll(now, 7, nlmsghdr{40, RTM_GETLINK, 5, 1, 999}, GetLink{2, "eth0"});
  EXPECT_TRUE(threads[7].lost);
}

TEST_F(PollsTest, AnswerAtOnceWhenNothingIsToBeHeld) {
  polls.set_hold(0ms);
  ask(1, 1ms);
  advance(2ms);
  EXPECT_EQ(threads[1].answers, 1);
}

}  // namespace
}  // namespace agent::libvirt
