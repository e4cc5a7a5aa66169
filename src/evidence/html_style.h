// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace lastgood {

// Colours only repeat what a word, a letter or a pattern says as well.
inline constexpr std::string_view kReportStyle = R"css(
:root{color-scheme:light dark;--bg:#fff;--ink:#1b1f24;--soft:#57606a;--line:#c9d1d9;--panel:#f5f7f9;
--ok:#116329;--fail:#b3261e;--note:#7a4b00;--skip:#57606a;--link:#0b57d0;--sent:#0b57d0}
@media (prefers-color-scheme:dark){:root{--bg:#0f1419;--ink:#e6edf3;--soft:#9aa7b4;--line:#39424d;--panel:#182028;
--ok:#5fd68a;--fail:#ff8a80;--note:#f0b86e;--skip:#9aa7b4;--link:#8ab4f8;--sent:#8ab4f8}}
@media print{:root{--bg:#fff;--ink:#000;--soft:#333;--line:#999;--panel:#fff;--ok:#116329;--fail:#b3261e;--note:#7a4b00;
--skip:#333;--link:#000;--sent:#000}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:2px solid var(--line);padding-bottom:.2rem}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}
a{color:var(--link)}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;margin:.8rem 0}
.verdict{border:2px solid;border-left-width:.6rem;border-radius:.3rem;padding:.5rem .8rem;margin:.8rem 0}
.verdict strong{font-size:1.1rem}
.ok{color:var(--ok)}.fail{color:var(--fail)}.note{color:var(--note)}.skip{color:var(--skip)}
.verdict p{color:var(--ink)}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.15rem 1rem;margin:.5rem 0}
dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:.95rem}
caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem .25rem 0;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;overflow-wrap:normal}
#stage-table th:first-child{width:2rem}#stage-table th:nth-child(2){width:6rem}.when{margin:0;color:var(--soft);font-size:.85rem}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td ul,.verdict ul{margin:.2rem 0;padding-left:1.1rem;color:var(--soft);font-size:.9rem}
.word{font-weight:700}
pre,.dump{font:.8rem/1.45 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;background:var(--panel);
border:1px solid var(--line);border-radius:.3rem;padding:.5rem;margin:.4rem 0;max-height:32rem;overflow:auto;
color:var(--ink);white-space:pre-wrap}
pre:focus,.dump:focus{outline:2px solid var(--link)}
.dump{font-size:.68rem;line-height:1.5;white-space:normal}
.dump p{margin:0;display:flex;flex-wrap:wrap}
.dump i{font-style:normal;white-space:pre;flex:0 0 30em;max-width:100%;color:var(--soft)}
.dump b{font-weight:400;white-space:pre;padding-left:1em}
.dump h4{font-size:inherit;font-weight:700;margin:.5em 0 0}
.dump h4.s{color:var(--sent)}
.dump h4.e{font-weight:400}
svg{display:block;max-width:100%}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}
svg .axis{stroke:var(--line);stroke-width:1}
svg .level{stroke:var(--ink);stroke-width:2}
svg .b-ok{fill:var(--ok)}svg .b-skip{fill:var(--bg);stroke:var(--skip);stroke-width:1.5}
svg .b-fail{fill:url(#p-fail);stroke:var(--fail);stroke-width:1.5}
svg .b-note{fill:url(#p-note);stroke:var(--note);stroke-width:1.5}
svg .edge{stroke:var(--ink);stroke-width:1}
.map{max-width:46rem}.map text{font-size:8px;font-weight:700;text-anchor:middle;fill:var(--ink);stroke:var(--bg);
stroke-width:2px;paint-order:stroke}
.f-untouched{fill:var(--panel)}.f-same{fill:url(#p-same)}.f-erased{fill:url(#p-erased)}.f-written{fill:url(#p-written)}
.f-erased-and-written{fill:url(#p-both)}.f-in-doubt{fill:url(#p-doubt)}
.map rect{stroke:var(--line);stroke-width:.4}
.key{display:inline-block;vertical-align:middle;border:1px solid var(--line)}
footer{margin-top:2.5rem;color:var(--soft);font-size:.9rem;border-top:1px solid var(--line)}
@media (max-width:32rem){body{padding:.6rem}th,td{padding-right:.3rem}.dump b{padding-left:0}.dump i{flex-basis:100%}
dl{grid-template-columns:1fr}dt{margin-top:.3rem}.dump{padding:.3rem}}
@media print{nav{display:none}pre,.dump{max-height:none;overflow:visible}body{max-width:none;padding:0}
h2{break-after:avoid}tr,.verdict,figure{break-inside:avoid}}
figure{margin:.5rem 0}figcaption{color:var(--soft);font-size:.9rem}
)css";

// What bars and sectors are filled with.
inline constexpr std::string_view kReportPatterns =
    R"svg(<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>
<pattern id="p-fail" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="var(--bg)"/><path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="var(--fail)" stroke-width="2"/></pattern>
<pattern id="p-note" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="var(--bg)"/><circle cx="2.5" cy="2.5" r="1.2" fill="var(--note)"/></pattern>
<pattern id="p-same" width="10" height="10" patternUnits="userSpaceOnUse"><rect width="10" height="10" fill="var(--bg)"/><path d="M2 4H8M2 7H8" stroke="var(--skip)" stroke-width="1"/></pattern>
<pattern id="p-erased" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="var(--bg)"/><path d="M0 5L5 0" stroke="var(--note)" stroke-width="1.2"/></pattern>
<pattern id="p-written" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="var(--bg)"/><circle cx="2" cy="2" r="1" fill="var(--ok)"/></pattern>
<pattern id="p-both" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="var(--ok)"/><path d="M0 5L5 0" stroke="var(--bg)" stroke-width="1"/></pattern>
<pattern id="p-doubt" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="var(--bg)"/><path d="M0 0L6 6M0 6L6 0" stroke="var(--fail)" stroke-width="1.3"/></pattern>
</defs></svg>
)svg";

}  // namespace lastgood
