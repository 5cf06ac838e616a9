// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/frame_box.hpp"

#include <algorithm>

#include "agent/replay/dissection.hpp"
#include "agent/replay/frame_line.hpp"

namespace agent::replay::report {
namespace {

constexpr std::size_t kMostFields = 150;   // of a frame
constexpr std::size_t kMostOctets = 1600;  // of a section

/// What one octet belongs to: a run of octets with the same fields is one element.
using FieldSet = std::vector<std::uint16_t>;

std::string classes_of(const FieldSet& fields) {
  std::string classes;
  for (const auto field : fields) classes += fmt::format(" f{}", field);
  return classes;
}

std::size_t last_octet(const base::Field& field) {
  return field.octet + (field.bit + std::max<std::size_t>(field.width, 1) - 1) / 8;
}

class FrameBox {
 public:
  FrameBox(Page& page, const DecodedFrame& frame)
      : page_(page), frame_(frame), octets_(frame.captured.octets) {}

  void add() {
    const auto& captured = frame_.captured;
    page_.add("<div class=\"box\" id=\"f{}\"><p class=\"when\">{} &#183; {} octets",
              captured.number, utc_text(captured.nanoseconds), captured.wire_length);
    if (captured.cut()) page_.add(", {} captured", captured.octets.size());
    if (frame_.link.destination && frame_.protocol != Protocol::kNone) {
      page_.add(" &#183; to {}", destination_text(*frame_.link.destination));
    }
    page_.add("</p>\n");
    faults();
    const auto sections = dissect(frame_);
    std::size_t end = 0;
    for (const auto& one : sections) {
      section(one);
      end = std::max(end, one.octet + one.length);
    }
    if (end < octets_.size()) section({"payload", end, octets_.size() - end, {}});
    if (left_out_ > 0) {
      page_.add("<p class=\"left\">{} more fields: evbreplay decode -v shows all.</p>\n",
                left_out_);
    }
    page_.add("</div>\n");
  }

 private:
  void faults() {
    if (frame_.unknown_tail) {
      page_.add("<p class=\"left\">The capture keeps only the beginning of this frame.</p>\n");
    }
    if (frame_.faults.empty()) return;
    page_.add("<ul class=\"faults\">");
    for (const auto& fault : frame_.faults) page_.add("<li>{}</li>", fault_text(fault));
    page_.add("</ul>\n");
  }

  void section(const Section& one) {
    const auto shown = std::min(one.fields.size(), kMostFields - std::min(fields_, kMostFields));
    fields_ += shown;
    left_out_ += one.fields.size() - shown;
    if (shown == 0 && !one.fields.empty()) return;
    page_.add("<div class=\"part\"><h4>{} <small>octets {}&#8211;{}</small></h4>", one.title,
              one.octet, one.octet + one.length - (one.length == 0 ? 0 : 1));
    octets(one, shown);
    if (shown > 0) page_.add("<table class=\"fields\"><tbody>");
    for (std::size_t i = 0; i < shown; ++i) field(one.fields[i], i);
    if (shown > 0) page_.add("</tbody></table>");
    page_.add("</div>\n");
  }

  /// Which of the section's fields have a part in each of its octets.
  static std::vector<FieldSet> sets_of(const Section& one, std::size_t shown, std::size_t length) {
    std::vector<FieldSet> sets(length);
    for (std::size_t i = 0; i < std::min(shown, kLitFields); ++i) {
      const auto& field = one.fields[i].field;
      for (auto at = std::max(field.octet, one.octet); at <= last_octet(field); ++at) {
        if (at - one.octet >= length) break;
        sets[at - one.octet].push_back(static_cast<std::uint16_t>(i));
      }
    }
    return sets;
  }

  void octets(const Section& one, std::size_t shown) {
    const auto length = std::min(one.length, kMostOctets);
    const auto sets = sets_of(one, shown, length);
    page_.add("<p class=\"octets\">");
    for (std::size_t i = 0; i < length;) {
      std::string run;
      const auto begin = i;
      for (; i < length && sets[i] == sets[begin]; ++i) {
        run += fmt::format("{}{:02x}", i == begin ? "" : " ", octets_[one.octet + i]);
      }
      page_.add("<span class=\"o{}\">{}</span> ", classes_of(sets[begin]), run);
    }
    if (length < one.length) page_.add("&#8230; {} more", one.length - length);
    page_.add("</p>");
  }

  void field(const DissectedField& one, std::size_t number) {
    page_.add("<tr class=\"f{}\"><td class=\"place\">{}</td><th scope=\"row\">{}</th><td>{}",
              number < kLitFields ? std::to_string(number) : "", place_text(one.field),
              one.field.name, one.text);
    if (!one.meaning.empty()) page_.add(" <span class=\"meaning\">{}</span>", one.meaning);
    page_.add("</td></tr>");
  }

  Page& page_;
  const DecodedFrame& frame_;
  base::Bytes octets_;
  std::size_t fields_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace

void add_frame_box(Page& page, const DecodedFrame& frame) { FrameBox(page, frame).add(); }

}  // namespace agent::replay::report
