#include "measure/report/sections.h"

namespace turnpike::measure::report {

namespace {

// The colours of series and parts are those of Okabe and Ito (2008), which people with any colour vision can tell
// apart, made lighter on a dark ground.
constexpr const char* kStyleSheet =
    R"(:root {
  color-scheme: light dark;
  --ground: #fff; --raised: #f5f7f9; --text: #1b2228; --muted: #57626c; --rule: #d5dbe0; --accent: #0b5a9c;
  --c1: #0072b2; --c2: #d55e00; --c3: #008f68; --c4: #b5638f; --c5: #a87400; --c6: #46525c;
  --trap: #d55e00; --copy: #e69f00; --wake: #cc79a7; --work: #3a8fc4; --rest: #a9b4bd; --sixth: #008f68;
  --good: #00694c; --good-ground: #dcf1e9; --fair: #7a5200; --fair-ground: #fbeecb;
  --bad: #a33c00; --bad-ground: #fde3d3; --none: #4d5861; --none-ground: #e6eaed;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181c; --raised: #1d2328; --text: #e4e8eb; --muted: #9ba7b1; --rule: #38424a; --accent: #7fbdf0;
    --c1: #5db1ea; --c2: #ff9a5c; --c3: #3fcf9f; --c4: #e79cc6; --c5: #f0c050; --c6: #ccd5dc;
    --trap: #f08a4b; --copy: #efbe4a; --wake: #dd97bd; --work: #4f9fd6; --rest: #67747f; --sixth: #3fcf9f;
    --good: #7fe0bd; --good-ground: #12382c; --fair: #f5cf73; --fair-ground: #3d3010;
    --bad: #ffb38a; --bad-ground: #47220f; --none: #b4bfc8; --none-ground: #2b333a;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--ground); color: var(--text); line-height: 1.55;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif }
main, header, footer { max-width: 828px; margin: 0 auto; padding: 0 24px }
header { padding-top: 36px }
h1 { font-size: 30px; line-height: 1.2; margin: 4px 0 10px; letter-spacing: -0.01em }
h2 { font-size: 22px; line-height: 1.3; margin: 56px 0 12px; padding-top: 14px; border-top: 1px solid var(--rule) }
h3 { font-size: 17px; line-height: 1.4; margin: 30px 0 8px }
p, ul.plain { margin: 8px 0; max-width: 72ch }
a { color: var(--accent) }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
small { color: var(--muted); font-size: 12px; white-space: nowrap }
code, pre { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: 13px }
pre { background: var(--raised); border: 1px solid var(--rule); border-radius: 6px; padding: 12px 14px; overflow-x: auto }
.above { color: var(--muted); font-size: 13px; letter-spacing: 0.06em; text-transform: uppercase; margin: 0 }
.muted { color: var(--muted) }
.facts { display: flex; flex-wrap: wrap; gap: 10px; margin: 20px 0 6px; padding: 0; list-style: none }
.facts li { flex: 1 1 150px; background: var(--raised); border: 1px solid var(--rule); border-radius: 8px;
  padding: 10px 14px; font-size: 13px; color: var(--muted) }
.facts b { display: block; font-size: 20px; color: var(--text); font-weight: 600; line-height: 1.35 }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 18px 0 0; font-size: 14px }
.findings { list-style: none; padding: 0; margin: 10px 0 }
.findings li { display: grid; grid-template-columns: 118px 1fr; gap: 4px 14px; padding: 10px 0; border-top: 1px solid var(--rule) }
.findings li:first-child { border-top: 0 }
.findings .how { color: var(--muted); font-size: 13px; margin: 2px 0 0 }
.findings p { margin: 0 }
.badge { display: inline-block; justify-self: start; align-self: start; border-radius: 999px; padding: 1px 11px; font-size: 13px;
  font-weight: 600; white-space: nowrap }
.good { color: var(--good); background: var(--good-ground) }
.fair { color: var(--fair); background: var(--fair-ground) }
.bad { color: var(--bad); background: var(--bad-ground) }
.none { color: var(--none); background: var(--none-ground) }
figure { margin: 26px 0 30px; padding: 0 }
figcaption { font-weight: 600; font-size: 15px; margin-bottom: 8px }
.note { font-size: 13px; color: var(--muted); margin: 6px 0; max-width: 84ch }
svg { display: block; max-width: 100%; height: auto }
svg.narrow { display: none }
.swatch { flex: none }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; padding: 0; margin: 0 0 8px; font-size: 13px }
.legend li { display: flex; align-items: center; gap: 7px }
details { margin: 10px 0 }
summary { cursor: pointer; color: var(--accent); font-size: 14px }
.scroll { overflow-x: auto; margin: 8px 0 18px }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; line-height: 1.4 }
caption { text-align: left; color: var(--muted); padding: 4px 0 }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top }
thead th { color: var(--muted); font-weight: 600; vertical-align: bottom }
tbody th { font-weight: 400 }
.numbers td, .numbers thead th + th { text-align: right }
.numbers td small { display: block }
svg text { font-family: inherit; font-size: 12px; fill: var(--text) }
svg .tick { fill: var(--muted) }
svg .label { fill: var(--muted) }
svg .row-value { fill: var(--muted) }
svg .head { font-weight: 600 }
svg .row, svg .row-value, svg .head { paint-order: stroke; stroke: var(--ground); stroke-width: 3px }
svg .grid { stroke: var(--rule); stroke-width: 1 }
svg .axis { stroke: var(--muted); stroke-width: 1 }
svg .one { stroke: var(--text); stroke-width: 1.2 }
svg .shade { fill: var(--none-ground) }
svg .effect { stroke: var(--c1); stroke-width: 1.8; fill: var(--c1) }
svg .hollow { stroke: var(--muted); fill: var(--ground) }
svg .error { stroke: var(--text); stroke-width: 1.4 }
svg .series { fill: none; stroke-width: 2; stroke-linejoin: round }
svg .mark { stroke-width: 1.2; stroke: var(--ground) }
svg .whisker { stroke-width: 1.3 }
svg .band { stroke: none; opacity: 0.2 }
svg .part { stroke: var(--ground); stroke-width: 0.8 }
svg .inside { fill: #10151a; font-size: 11px }
svg .s1 { stroke: var(--c1) } svg .s2 { stroke: var(--c2); stroke-dasharray: 7 3 } svg .s3 { stroke: var(--c3); stroke-dasharray: 2 3 }
svg .s4 { stroke: var(--c4); stroke-dasharray: 9 3 2 3 } svg .s5 { stroke: var(--c5); stroke-dasharray: 4 2 } svg .s6 { stroke: var(--c6); stroke-dasharray: 12 4 }
svg .mark, svg .whisker, svg .band { stroke-dasharray: none }
svg .s1.mark, svg .s1.band { fill: var(--c1) } svg .s2.mark, svg .s2.band { fill: var(--c2) }
svg .s3.mark, svg .s3.band { fill: var(--c3) } svg .s4.mark, svg .s4.band { fill: var(--c4) }
svg .s5.mark, svg .s5.band { fill: var(--c5) } svg .s6.mark, svg .s6.band { fill: var(--c6) }
svg .series.mark { stroke: var(--ground) }
svg .series.band { stroke: none }
svg .p1 { fill: var(--trap) } svg .p2 { fill: var(--copy) } svg .p3 { fill: var(--wake) }
svg .p4 { fill: var(--work) } svg .p5 { fill: var(--rest) } svg .p6 { fill: var(--sixth) }
svg .zone { opacity: 0.6 }
svg .framed { stroke: var(--muted); stroke-width: 0.7; opacity: 1 }
svg .z1 { fill: var(--good-ground) } svg .z2 { fill: var(--fair-ground) } svg .z3 { fill: var(--bad-ground) }
footer { margin-top: 60px; padding-bottom: 40px; color: var(--muted); font-size: 13px }
@media (max-width: 720px) {
  main, header, footer { padding-left: 16px; padding-right: 16px }
  header { padding-top: 22px }
  h1 { font-size: 25px }
  svg.wide { display: none }
  svg.narrow { display: block }
  .findings li { grid-template-columns: 1fr }
}
@media print {
  :root { color-scheme: light }
  body { font-size: 11pt }
  nav, summary { display: none }
  details::details-content { content-visibility: visible; display: block; height: auto }
  figure, tr, .findings li { break-inside: avoid }
  h2, h3 { break-after: avoid }
  .scroll { overflow: visible }
}
)";

}  // namespace

const char* styleSheet() { return kStyleSheet; }

}  // namespace turnpike::measure::report
