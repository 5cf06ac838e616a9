// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/frame_box.hpp"
#include "agent/replay/report/story.hpp"

namespace agent::replay::report {
namespace {

// No '<' and no '&' in here: the page is a well-formed XML document, too.
constexpr std::string_view kColours = R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ground: #f6f7f9; --ink: #1b1f24; --soft: #57606a; --rule: #d5dae0;
  --must: #b42318; --must-wash: #fdebe9; --should: #9a5b00; --should-wash: #fdf1dc;
  --note: #1f5fae; --note-wash: #e6f0fb; --held: #1d7a46; --held-wash: #e3f4ea;
  --lldp: #6b4fb3; --ecp: #22577a; --idle: #d9dee4; --lit: #ffe08a; --lit-ink: #1b1f24;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15191e; --ground: #1c2127; --ink: #e4e8ec; --soft: #9aa5b1; --rule: #353c45;
    --must: #ff8f85; --must-wash: #42201d; --should: #f0b45b; --should-wash: #3b2c13;
    --note: #7db8ff; --note-wash: #182c45; --held: #6fd39b; --held-wash: #153324;
    --lldp: #b9a4f2; --ecp: #7fc0e3; --idle: #3a424c; --lit: #7a5f14; --lit-ink: #ffffff;
  }
}
)css";

constexpr std::string_view kText = R"css(
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; }
body { margin: 0 auto; max-width: 82rem; padding: 1.5rem 1.5rem 4rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1, h2, h3, h4, p { margin: 0; }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; overflow-wrap: anywhere; }
h4 { font-size: .9rem; margin: 0 0 .25rem; }
small { color: var(--soft); font-weight: normal; }
a { color: var(--note); }
code, .octets, .place, .no, .at { font-family: ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace;
  font-size: .9em; }
code { overflow-wrap: anywhere; }
.kind, .facts, .meaning, .when, .where { color: var(--soft); }
.kind { text-transform: uppercase; letter-spacing: .08em; font-size: .75rem; }
.left { color: var(--soft); font-style: italic; margin: .5rem 0; }
.must { --tone: var(--must); --wash: var(--must-wash); }
.should { --tone: var(--should); --wash: var(--should-wash); }
.note { --tone: var(--note); --wash: var(--note-wash); }
.held { --tone: var(--held); --wash: var(--held-wash); }
p.held { color: var(--held); }
.verdict { margin: .75rem 0; padding: .5rem .9rem; border-left: 5px solid var(--tone); background: var(--wash);
  color: var(--tone); font-size: 1.1rem; font-weight: 600; }
.verdict.nothing { --tone: var(--soft); --wash: var(--ground); }
.damage { margin: .75rem 0; padding: .5rem .9rem; border: 2px dashed var(--must); overflow-wrap: anywhere; }
.tiles { list-style: none; display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 .75rem; padding: 0; }
.tile { padding: .4rem .9rem; border: 1px solid var(--rule); border-radius: 6px; background: var(--ground); }
.tile b { font-size: 1.3rem; color: var(--tone); }
.tile.none b { color: var(--soft); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
table { border-collapse: collapse; }
.wide { overflow-x: auto; }
.wide table { width: 100%; }
.wide th, .wide td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0;
  border-bottom: 1px solid var(--rule); }
.address code, .wide td > a { white-space: nowrap; }
.wide thead th { color: var(--soft); font-weight: 600; font-size: .85rem; }
td.number { font-variant-numeric: tabular-nums; }
td.number.must { color: var(--must); font-weight: 700; }
.statements tr:target { background: var(--lit); color: var(--lit-ink); }
)css";

constexpr std::string_view kDeviations = R"css(
.deviation { border: 1px solid var(--rule); border-left: 5px solid var(--tone); border-radius: 4px;
  padding: .6rem 1rem .7rem; margin: .75rem 0; background: var(--ground); break-inside: avoid; }
.deviation:target { outline: 3px solid var(--tone); }
.deviation h3 { margin: 0; }
.tag { display: inline-block; min-width: 3.6em; text-align: center; font-size: .75rem; text-transform: uppercase;
  letter-spacing: .05em; padding: .05em .5em; border-radius: 3px; border: 1px solid var(--tone);
  background: var(--wash); color: var(--tone); }
.deviation dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .4rem 0 0; }
.deviation dt { color: var(--soft); }
.deviation dd { margin: 0; overflow-wrap: anywhere; }
)css";

constexpr std::string_view kLadder = R"css(
.ladder { border: 1px solid var(--rule); border-radius: 6px; margin-top: .75rem; }
.columns, .row > summary, .row:not(details) { display: grid; grid-template-columns: 4.5rem 7rem minmax(0, 1fr); }
.heads { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--rule);
  border-radius: 6px 6px 0 0; padding: .4rem 0; font-size: .85rem; }
.heads .no, .heads .at { color: var(--soft); font-family: inherit; }
.no, .at { padding: 0 .6rem; text-align: right; font-variant-numeric: tabular-nums; color: var(--soft); }
.row .no, .row .at { padding-top: .3rem; }
.heads .lanes { display: flex; justify-content: space-between; gap: .5rem; padding: 0 1%; }
.head { text-align: center; overflow-wrap: anywhere; }
.head:first-child { text-align: left; }
.head:last-child { text-align: right; }
.row .lanes { position: relative; display: block; padding: .25rem 9% 1.15rem; text-align: center; min-height: 2.4rem; }
.row > summary { cursor: pointer; list-style: none; }
.row > summary::-webkit-details-marker { display: none; }
.row > summary:hover, .row[open] > summary { background: var(--ground); }
.row > summary:focus-visible { outline: 2px solid var(--note); outline-offset: -2px; }
.row.must > summary, .row.should > summary { background: var(--wash); }
.row:has(:target) > summary { box-shadow: inset 4px 0 0 var(--note); }
.arrow, .between { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.arrow svg { overflow: visible; }
.life { stroke: var(--rule); stroke-width: 2; }
.life.broken { stroke-dasharray: 2 5; }
.shaft { stroke: var(--line); stroke-width: 2; }
.tip { fill: var(--line); }
.arrow { --line: var(--ecp); }
.arrow.lldp { --line: var(--lldp); }
.arrow.foreign { --line: var(--soft); }
.arrow.client { --line: var(--held); }
.arrow.ack .shaft { stroke-width: 1.2; stroke-dasharray: 6 4; }
.arrow.must { --line: var(--must); }
.arrow.must .shaft { stroke-width: 3; }
.arrow.should { --line: var(--should); }
.arrow.note { --line: var(--note); }
.say, .mark, .comment, .lanes > a, .lanes > span { position: relative; overflow-wrap: anywhere; }
.say { background: color-mix(in srgb, var(--paper) 82%, transparent); padding: 0 .3em; }
.row.must .say, .row.should .say, .row[open] .say, .row > summary:hover .say { background: none; }
.mark, .comment, .remark, .again { display: block; font-size: .85em; }
.mark { color: var(--held); font-weight: 600; }
.mark::before { content: "\25CF  "; }
.again { color: var(--should); }
.comment { color: var(--soft); font-style: italic; }
.remark { color: var(--tone); }
@media screen and (min-width: 45rem) {
  .row .lanes.east { padding-left: 35%; }
  .row .lanes.west { padding-right: 35%; }
}
.pause .lanes, .elided .lanes { padding: .35rem 9%; min-height: 0; }
.pause .say, .elided .say { color: var(--soft); font-size: .85em; }
.elided .say { font-style: italic; }
.box { padding: .6rem 1rem 1rem; background: var(--ground); border-top: 1px dashed var(--rule);
  border-bottom: 1px dashed var(--rule); scroll-margin-top: 8rem; }
.part { display: grid; grid-template-columns: minmax(0, 23rem) minmax(0, 1fr); gap: 0 1.5rem; padding: .5rem 0;
  border-top: 1px solid var(--rule); }
.part h4 { grid-column: 1 / -1; }
.octets { margin: 0; line-height: 1.7; word-spacing: -.05em; }
.o { padding: .1em 0; border-radius: 2px; }
.fields { align-self: start; justify-self: start; font-size: .9rem; }
.fields th { text-align: left; font-weight: 600; padding: .05rem .75rem .05rem 0; vertical-align: top; }
.fields td { padding: .05rem .75rem .05rem 0; overflow-wrap: anywhere; vertical-align: top; }
@media print, (min-width: 45rem) {
  .fields .place { width: 5.5rem; }
  .fields th { width: 12rem; }
}
.place { color: var(--soft); text-align: right; white-space: nowrap; }
.faults { margin: .25rem 0; color: var(--must); font-weight: 600; }
)css";

constexpr std::string_view kBars = R"css(
.bars { list-style: none; margin: .25rem 0; padding: 0; }
.bars li { display: grid; grid-template-columns: 14rem minmax(0, 1fr) minmax(0, 21rem); gap: .75rem; align-items: center;
  break-inside: avoid; padding: .1rem 0; }
.bar { width: 100%; height: 1.3rem; background: var(--ground); display: block; }
.window { fill: var(--held-wash); }
.due { stroke: var(--held); stroke-width: 1.5; stroke-dasharray: 3 2; }
.measured { fill: var(--tone, var(--ecp)); }
.measured.overdue { fill-opacity: .45; }
.tick { stroke: var(--tone, var(--ecp)); stroke-width: 2; }
.value b { color: var(--tone); }
.value small { display: block; overflow-wrap: anywhere; }
.histogram { width: 100%; height: 4rem; display: block; background: var(--ground); border-bottom: 1px solid var(--rule); }
.swim { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); gap: 2px .5rem; align-items: center; margin: .4rem 0; }
.of { color: var(--soft); font-size: .85rem; text-align: right; }
.swimlane { width: 100%; height: 1.5rem; display: block; background: var(--ground); }
.swimlane text { font-size: 12px; fill: var(--ink); }
.swimlane .idle rect { fill: var(--idle); }
.swimlane .asks rect { fill: var(--should-wash); stroke: var(--should); }
.swimlane .holds rect { fill: var(--note-wash); stroke: var(--note); }
.swimlane .associated rect { fill: var(--held-wash); stroke: var(--held); }
.swimlane .ends rect { fill: var(--must-wash); stroke: var(--must); }
.swimlane .unknown rect { fill: none; }
.key { padding: 0 .5em; border: 1px solid var(--rule); border-radius: 3px; color: var(--ink); white-space: nowrap; }
.key.idle { background: var(--idle); }
.key.asks { background: var(--should-wash); border-color: var(--should); }
.key.holds { background: var(--note-wash); border-color: var(--note); }
.key.associated { background: var(--held-wash); border-color: var(--held); }
.key.ends { background: var(--must-wash); border-color: var(--must); }
.vsi { break-inside: avoid-page; }
.vsi summary { cursor: pointer; color: var(--soft); }
)css";

constexpr std::string_view kMedia = R"css(
@media screen and (max-width: 45rem) {
  body { padding: 1rem .75rem 3rem; font-size: 14px; }
  .columns, .row > summary, .row:not(details) { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .lanes { grid-column: 1 / -1; }
  .row .no { text-align: left; }
  .row:not(.frame):not(.wish) .no, .row:not(.frame):not(.wish) .at { display: none; }
  .heads .no, .heads .at { display: none; }
  .head { font-size: .75rem; }
  .part { grid-template-columns: minmax(0, 1fr); }
  .bars li { grid-template-columns: minmax(0, 1fr); gap: 0; padding: .4rem 0; }
  .deviation dl { grid-template-columns: minmax(0, 1fr); }
  .deviation dd { margin-bottom: .3rem; }
}
@media print {
  @page { margin: 14mm 12mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav, .noprint { display: none; }
  a { color: inherit; text-decoration: none; }
  h2, h3, h4 { break-after: avoid; }
  #frames, #statements { break-before: page; }
  .ladder { display: table; width: 100%; border: 0; }
  .heads { position: static; display: table-header-group; break-inside: avoid; }
  .rows { display: table-row-group; }
  .row { break-inside: avoid; }
  .row.must, .row.should { break-inside: auto; }
  .row > summary, .part { break-inside: avoid; }
  .box, .fields { font-size: 8pt; }
  .part { grid-template-columns: 15rem minmax(0, 1fr); padding: .25rem 0; }
  details.row:not(.must):not(.should) > .box { display: none; }
  details.must::details-content, details.should::details-content {
    content-visibility: visible; display: block; block-size: auto; }
  tr, .tile, .verdict { break-inside: avoid; }
}
)css";

}  // namespace

std::string style_sheet() {
  std::string sheet;
  for (const auto part : {kColours, kText, kDeviations, kLadder, kBars, kMedia}) sheet += part;
  for (std::size_t i = 0; i < kLitFields; ++i) {
    sheet += fmt::format(
        ".part:has(.f{0}:hover) .f{0}{{background:var(--lit);color:var(--lit-ink)}}\n", i);
  }
  return sheet;
}

}  // namespace agent::replay::report
