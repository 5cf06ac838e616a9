// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/report.hpp"

namespace agent::replay::report {

void Report::take(const DecodedFrame& frame, std::string_view comment) {
  frames_ = frame.captured.number;
  conversation_.take(frame);
  selection_.take(frame);
  lanes_.take(frame);
  wishes_.take(frame.captured, comment);
}

void Report::finish(std::string damage) {
  damage_ = std::move(damage);
  conversation_.finish();
}

void Report::write(std::FILE* file, std::size_t limit,
                   const std::function<void(const Look&)>& read_again) {
  const Finding finding{file_, frames_, conversation_, verdict_};
  Story story{
      finding,           {}, {}, std::move(selection_), std::move(lanes_), wishes_.take_all(),
      std::move(damage_)};
  arrange(story, limit);
  story.lanes.arrange(conversation_, !story.wishes.empty());
  Page page(file);
  add_head(page, story);
  add_verdict(page, story);
  add_deviations(page, story);
  add_ends(page, story);
  Ladder ladder(page, story);
  ladder.begin();
  read_again(
      [&](const DecodedFrame& frame, std::string_view comment) { ladder.take(frame, comment); });
  ladder.end();
  add_timers(page, story);
  add_vsis(page, story);
  add_statements(page, story);
  add_foot(page, story);
  page.flush();
}

}  // namespace agent::replay::report
