// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/ladder.hpp"

#include <utility>

#include "agent/replay/frame_line.hpp"
#include "agent/replay/report/frame_box.hpp"

namespace agent::replay::report {
namespace {

constexpr std::size_t kMostMarks = 4;              // of a frame
constexpr std::size_t kMostFaults = 3;             // likewise
constexpr std::size_t kMostNotes = 6;              // likewise
constexpr std::size_t kMostSenders = 65'536;       // whose sequence numbers are remembered
constexpr Nanoseconds kLongPause = 1'000'000'000;  // is drawn as one
constexpr std::size_t kMostWishes = 20;            // in a row

/// How the arrow is drawn.
std::string_view kind_of(const DecodedFrame& frame) {
  const auto of = [](lldp::EcpOperation operation) {
    return operation == lldp::EcpOperation::kAck ? "ack" : "request";
  };
  switch (frame.protocol) {
    case Protocol::kLldp: return "lldp";
    case Protocol::kEcp: return frame.ecpdu ? of(frame.ecpdu->operation) : "request";
    case Protocol::kDraftEcp:
      return frame.draft_ecpdu ? of(frame.draft_ecpdu->operation) : "request";
    default: return "foreign";
  }
}

/// Both ends of a UUID are enough beside an arrow.
std::string short_id(const vdp::VsiId& id) {
  auto text = to_string(id);
  if (id.format != vdp::VsiIdFormat::kUuid || text.size() < 16) return text;
  return text.substr(0, 8) + "\u2026" + text.substr(text.size() - 4);
}

}  // namespace

Ladder::Ladder(Page& page, const Story& story) : page_(page), story_(story) {
  mark_evb();
  mark_vsis();
}

void Ladder::mark(std::uint64_t frame, std::string text, std::string detail) {
  if (!story_.selection.draws(frame)) return;
  auto& marks = marks_[frame];
  if (marks.size() < kMostMarks) {
    marks.push_back({std::move(text), std::move(detail)});
  } else {
    ++more_marks_[frame];
  }
}

void Ladder::mark_vsis() {
  for (const auto& life : story_.talk().vsis()) {
    auto state = vdp::VsiState::kDeassociated;
    for (const auto& moment : life.timeline) {
      const bool failed = moment.cause == vdp::VsiCause::kRefusedByBridge ||
                          moment.cause == vdp::VsiCause::kNoResponse;
      const bool changed = std::exchange(state, moment.state) != moment.state;
      if (!changed && !failed) continue;
      mark(moment.moment.frame,
           fmt::format("{} {}: {}", short_id(life.id), to_string(moment.state),
                       to_string(moment.cause)),
           fmt::format("station {}, bridge {}", to_string(moment.station),
                       to_string(moment.bridge)));
    }
  }
}

void Ladder::mark_evb() {
  InForce last;
  for (const auto& change : story_.talk().evb_changes()) {
    if (change.in_force == last) continue;
    last = change.in_force;
    if (!last) {
      mark(change.moment.frame, "EVB: only one end is known", "");
      continue;
    }
    mark(change.moment.frame,
         fmt::format("EVB {}, reflective relay {}", last->on ? "on" : "off",
                     last->relay_status == lldp::RelayStatus::kOn ? "on" : "off"),
         fmt::format("R {}, ackTimer {}, reinitKeepAlive {}", last->max_retries,
                     time_text(last->ack_time().count() * 1000),
                     time_text(last->keep_alive_time().count() * 1000)));
  }
}

void Ladder::begin() {
  page_.add("<section id=\"frames\"><h2>Frames</h2>\n");
  if (story_.selection.drawn() < story_.selection.frames()) {
    page_.add(
        "<p class=\"left\">{} of {} frames are drawn: deviations and what stands around them, what "
        "changed something, and the first repeats. Between them stands how many are not; "
        "evbreplay decode lists all.</p>\n",
        story_.selection.drawn(), story_.selection.frames());
  }
  page_.add(
      "<p class=\"meaning noprint\">A click on a frame shows its octets and fields, which light up "
      "together.</p>\n<div class=\"ladder\"><div class=\"heads\"><div class=\"columns\">");
  const auto& lanes = story_.lanes.lanes();
  page_.add(
      "<span class=\"no\">frame</span><span class=\"at\">seconds</span><div class=\"lanes "
      "lanes-{}\">",
      lanes.size());
  for (const auto& lane : lanes) {
    page_.add("<span class=\"head\"><b>{}</b> {}</span>", lane.title, lane.name);
  }
  page_.add("</div></div></div>\n<div class=\"rows\">\n");
}

void Ladder::lifelines(std::string_view kind) {
  for (std::size_t i = 0; i < story_.lanes.lanes().size(); ++i) {
    page_.add("<line class=\"life{0}\" x1=\"{1:.2f}%\" x2=\"{1:.2f}%\" y1=\"0\" y2=\"100%\"/>",
              kind, story_.lanes.position(i));
  }
}

void Ladder::arrow(const Way& way, std::string_view kind, std::string_view title) {
  const auto from = story_.lanes.position(way.from);
  const auto to = story_.lanes.position(way.to);
  page_.add("<svg class=\"arrow {}\" role=\"img\"><title>{}</title>", kind, title);
  lifelines("");
  page_.add(
      "<g transform=\"translate(0,-9)\"><line class=\"shaft\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" "
      "y1=\"100%\" y2=\"100%\"/><svg x=\"{:.2f}%\" y=\"100%\"><path class=\"tip\" d=\"{}\"/>"
      "</svg></g></svg>",
      from, to, to,
      way.from == way.to ? "M-4 -4h8v8h-8z"
      : from < to        ? "M0 0l-9 -4.5v9z"
                         : "M0 0l9 -4.5v9z");
}

/// Towards which side of the lifelines the arrow is, and so its text.
std::string_view Ladder::side(const Way& way) const {
  constexpr double kThird = 100.0 / 3;
  const auto middle = (story_.lanes.position(way.from) + story_.lanes.position(way.to)) / 2;
  return middle < kThird ? " west" : middle > 100 - kThird ? " east" : "";
}

void Ladder::pass_time(Nanoseconds at) {
  const auto before = std::exchange(before_, at);
  if (!before || at - *before < kLongPause) return;
  page_.add(
      "<div class=\"row pause\"><span class=\"no\"></span><span class=\"at\"></span><div "
      "class=\"lanes\"><svg class=\"between\" aria-hidden=\"true\">");
  lifelines(" broken");
  page_.add("</svg><span class=\"say\">{}</span></div></div>\n", time_text(at - *before));
}

void Ladder::wishes_until(Nanoseconds at) {
  const auto way = story_.lanes.way_of_clients();
  if (!way) return;
  std::size_t in_a_row = 0;
  std::size_t left = 0;
  for (; next_wish_ < story_.wishes.size() && story_.wishes[next_wish_].at <= at; ++next_wish_) {
    const auto& wish = story_.wishes[next_wish_];
    if (++in_a_row > kMostWishes) {
      ++left;
      continue;
    }
    pass_time(wish.at);
    page_.add(
        "<div class=\"row wish\"><span class=\"no\"></span><span class=\"at\">{:.6f}</span><div "
        "class=\"lanes{}\">",
        static_cast<double>(wish.at - story_.talk().first().at) / 1e9, side(*way));
    arrow(*way, "client", wish.text);
    page_.add("<span class=\"say\">{}</span></div></div>\n", wish.text);
  }
  if (left > 0) page_.add("<p class=\"left\">{} more wishes of clients.</p>\n", left);
}

void Ladder::elide(const DecodedFrame& frame) {
  const Moment moment{frame.captured.number, frame.captured.nanoseconds};
  if (elided_.frames++ == 0) elided_.first = moment;
  elided_.last = moment;
  if (frame.protocol == Protocol::kLldp) ++elided_.lldp;
  if (frame.protocol == Protocol::kEcp || frame.protocol == Protocol::kDraftEcp) ++elided_.ecp;
}

void Ladder::add_elided() {
  const auto elided = std::exchange(elided_, {});
  if (elided.frames == 0) return;
  const auto other = elided.frames - elided.lldp - elided.ecp;
  page_.add(
      "<div class=\"row elided\"><span class=\"no\"></span><span class=\"at\"></span><div "
      "class=\"lanes\"><svg class=\"between\" aria-hidden=\"true\">");
  lifelines(" broken");
  page_.add("</svg><span class=\"say\">{} frames not drawn, {} to {}:", elided.frames,
            elided.first.frame, elided.last.frame);
  if (elided.lldp > 0) page_.add(" {} LLDP", elided.lldp);
  if (elided.ecp > 0) page_.add(" {} ECP", elided.ecp);
  if (other > 0) page_.add(" {} of other protocols", other);
  page_.add("; {}</span></div></div>\n", time_text(elided.last.at - elided.first.at));
  before_ = elided.last.at;
}

void Ladder::take(const DecodedFrame& frame, std::string_view comment) {
  const bool again = is_again(frame);
  if (!story_.selection.draws(frame.captured.number)) return elide(frame);
  add_elided();
  wishes_until(frame.captured.nanoseconds);
  pass_time(frame.captured.nanoseconds);
  row(frame, comment, again);
}

/// Whether a request has the sequence number of its sender's last.
bool Ladder::is_again(const DecodedFrame& frame) {
  std::optional<std::uint16_t> sequence;
  const auto request = lldp::EcpOperation::kRequest;
  if (frame.ecpdu && frame.ecpdu->operation == request) sequence = frame.ecpdu->sequence;
  if (frame.draft_ecpdu && frame.draft_ecpdu->operation == request) {
    sequence = frame.draft_ecpdu->sequence;
  }
  if (!sequence) return false;
  const auto found = sequences_.find(frame.link.source);
  if (found != sequences_.end()) return std::exchange(found->second, *sequence) == *sequence;
  if (sequences_.size() < kMostSenders) sequences_.emplace(frame.link.source, *sequence);
  return false;
}

void Ladder::row(const DecodedFrame& frame, std::string_view comment, bool again) {
  const auto number = frame.captured.number;
  auto severity = story_.severity_of(number);
  if (severity.empty() && !frame.faults.empty()) severity = "should";
  const auto way = story_.lanes.way(frame);
  summary_.clear();
  append_summary(summary_, frame);
  page_.add(
      "<details class=\"row frame {}\"><summary><span class=\"no\">{}</span><span class=\"at\">"
      "{:.6f}</span><span class=\"lanes{}\">",
      severity, number,
      static_cast<double>(frame.captured.nanoseconds - story_.talk().first().at) / 1e9, side(way));
  arrow(way, fmt::format("{} {}", kind_of(frame), severity), summary_);
  page_.add("<span class=\"say\">");
  if (!frame.link.tags().empty()) page_.add("[{}] ", tags_text(frame.link));
  page_.add("{}</span>", summary_);
  if (again) page_.add("<span class=\"again\">sent again</span>");
  for (std::size_t i = 0; i < std::min(frame.faults.size(), kMostFaults); ++i) {
    page_.add("<span class=\"remark must\">{}</span>", fault_text(frame.faults[i]));
  }
  notes(number, comment);
  page_.add("</span></summary>\n");
  add_frame_box(page_, frame);
  page_.add("</details>\n");
}

void Ladder::notes(std::uint64_t frame, std::string_view comment) {
  const auto found = story_.deviations_of.find(frame);
  const auto count = found == story_.deviations_of.end() ? 0 : found->second.size();
  for (std::size_t i = 0; i < std::min(count, kMostNotes); ++i) {
    const auto index = found->second[i];
    const auto& one = story_.deviations[index];
    page_.add("<a class=\"remark {}\" href=\"#d{}\">{}: {}</a>", to_string(one.rule->severity),
              index + 1, to_string(one.rule->severity), one.rule->rule);
  }
  if (count > kMostNotes)
    page_.add("<span class=\"remark\">{} more deviations</span>", count - kMostNotes);
  if (const auto marks = marks_.find(frame); marks != marks_.end()) {
    for (const auto& mark : marks->second) {
      page_.add("<span class=\"mark\" title=\"{}\">{}</span>", mark.detail, mark.text);
    }
    if (const auto more = more_marks_.find(frame); more != more_marks_.end()) {
      page_.add("<span class=\"mark\">{} more changes</span>", more->second);
    }
  }
  // evbd's comments begin with what stands above already.
  if (comment.starts_with(summary_)) comment.remove_prefix(summary_.size());
  for (const std::string_view joint : {"; ", " => "}) {
    if (comment.starts_with(joint)) comment.remove_prefix(joint.size());
  }
  if (!comment.empty()) page_.add("<span class=\"comment\">{}</span>", comment);
}

void Ladder::end() {
  add_elided();
  wishes_until(INT64_MAX);
  if (story_.selection.frames() == 0) page_.add("<p>The capture holds no frame.</p>\n");
  page_.add("</div></div></section>\n");
}

}  // namespace agent::replay::report
