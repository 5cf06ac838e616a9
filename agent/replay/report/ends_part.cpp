// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <vector>

#include "agent/replay/report/story.hpp"

namespace agent::replay::report {
namespace {

constexpr std::size_t kMostEnds = 50;
constexpr std::size_t kMostChanges = 50;

void add_exchanges(Page& page, const ExchangeSummary& all) {
  if (all.requests == 0) return page.add("<td>none</td>");
  page.add("<td>{}", all.requests);
  if (all.resends > 0) page.add(", sent again {}", all.resends);
  if (all.given_up > 0) page.add(", given up {}", all.given_up);
  if (all.acknowledged > 0) {
    page.add("; round trip {}",
             time_text(static_cast<Nanoseconds>(all.sum / all.acknowledged) * 1000));
    if (all.acknowledged > 1) {
      page.add(" on average, {} at most", time_text(static_cast<Nanoseconds>(all.slowest) * 1000));
    }
  }
  page.add("</td>");
}

void add_end(Page& page, const Story& story, std::size_t index) {
  const auto& end = story.talk().ends()[index];
  page.add("<tr><th scope=\"row\">{}</th><td class=\"address\"><code>{}</code>",
           to_string(end.role), to_string(end.address));
  if (end.service_vid != 0) page.add(" S-VID {}", end.service_vid);
  page.add("</td><td>{}</td><td>{} to {}</td>", end.frames, story.frame(end.first.frame),
           story.frame(end.last.frame));
  add_exchanges(page, story.talk().exchanges_of(index));
  page.add("<td>");
  if (end.lldp && end.lldp->speaks_evb()) {
    if (end.lldp->evb) page.add("{}", print(*end.lldp->evb));
    if (end.lldp->evb && end.lldp->draft_evb) page.add("; ");
    if (end.lldp->draft_evb) page.add("draft 0.2: {}", print(*end.lldp->draft_evb));
  } else {
    page.add("{}", end.evb_gone ? "gone" : "no EVB TLV");
  }
  if (!end.peer) page.add("; its peer is not in the capture");
  page.add("</td></tr>\n");
}

void add_change(Page& page, const Story& story, const EvbChange& change) {
  page.add("<tr><td>{}</td><td>{}</td>", story.frame(change.moment.frame),
           story.time(change.moment.at));
  const auto& values = change.in_force;
  if (!values) {
    page.add("<td colspan=\"6\">not both ends are known</td></tr>\n");
    return;
  }
  const auto text = [](base::Duration time) { return time_text(time.count() * 1000); };
  const bool draft = values->dialect == lldp::Dialect::kDraft02;
  page.add("<td>{}{}</td><td>{}</td><td>{}</td><td>{}</td><td>{} / {}</td><td>{}{}</td></tr>\n",
           values->on ? "on" : "off", draft ? ", draft 0.2" : "", values->max_retries,
           text(values->ack_time()), text(values->response_wait_time()),
           text(values->keep_alive_time()), text(values->keep_alive_timeout()),
           values->relay_status == lldp::RelayStatus::kOn ? "on" : "off",
           values->group_ids ? ", GroupIDs" : "");
}

void add_changes(Page& page, const Story& story) {
  const auto& changes = story.talk().evb_changes();
  if (changes.empty()) return;
  page.add(
      "<h3>Values in force</h3><div class=\"wide\"><table><thead><tr><th>from</th><th>at</th>"
      "<th>EVB</th><th>R</th><th>ackTimer</th><th>respWaitDelay</th><th>reinit- / "
      "toutKeepAlive</th><th>reflective relay</th></tr></thead><tbody>\n");
  InForce last;
  std::size_t shown = 0;
  std::size_t differ = 0;
  for (const auto& change : changes) {
    if (change.in_force == last) continue;
    last = change.in_force;
    if (++differ > kMostChanges) continue;
    ++shown;
    add_change(page, story, change);
  }
  if (differ == 0) page.add("<tr><td colspan=\"8\">never both ends of a link</td></tr>");
  page.add("</tbody></table></div>\n");
  if (differ > shown) page.add("<p class=\"left\">{} more changes.</p>\n", differ - shown);
}

}  // namespace

void add_ends(Page& page, const Story& story) {
  page.add("<section id=\"ends\"><h2>Ends</h2>\n");
  const auto& ends = story.talk().ends();
  if (ends.empty()) {
    page.add("<p>None: no EVB TLV and no ECP in this capture.</p>\n");
  } else {
    page.add(
        "<div class=\"wide\"><table><thead><tr><th>role</th><th>address</th><th>frames</th><th>"
        "seen</th><th>ECP requests</th><th>EVB TLV, as last heard</th></tr></thead><tbody>\n");
    std::vector<std::size_t> order(ends.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_partition(order.begin(), order.end(),
                          [&](auto one) { return ends[one].role == Role::kStation; });
    const auto shown = std::min(ends.size(), kMostEnds);
    for (std::size_t i = 0; i < shown; ++i) add_end(page, story, order[i]);
    page.add("</tbody></table></div>\n");
    if (ends.size() > shown) page.add("<p class=\"left\">{} more ends.</p>\n", ends.size() - shown);
  }
  add_changes(page, story);
  page.add("</section>\n");
}

}  // namespace agent::replay::report
