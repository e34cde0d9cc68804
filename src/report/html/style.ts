/** The style sheet of every page: light, dark and paper. */
import { RAMP_STYLE } from "../scatter.ts";
import { FIGURE_STYLE } from "../svg.ts";

/** The colours of figures, the rest of the page's, and what warns. */
const COLOURS = `
:root{color-scheme:light dark;--page:#fff;--text:#1f2328;--soft:#59636e;--line:#d1d9e0;--raised:#f6f8fa;--accent:#0969da;
--good:#1a7f37;--bad:#b35900;--badly:#fff4e5}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#3d444d;--raised:#151b23;
--accent:#58a6ff;--good:#3fb950;--bad:#f0883e;--badly:#2b1d0e}}`;

const BASE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,footer{max-width:62rem;margin:0 auto;padding:0 clamp(1rem,4vw,2rem)}
main{padding-top:clamp(1.25rem,4vw,2.75rem)}
footer{margin-top:3rem;padding-top:1rem;padding-bottom:2.5rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
h1{margin:0;font-size:clamp(1.35rem,3.6vw,1.9rem);line-height:1.25;font-weight:650;letter-spacing:-.012em;overflow-wrap:anywhere}
h2{margin:2.75rem 0 .6rem;font-size:1.2rem;line-height:1.3;font-weight:650}
h3{margin:1.6rem 0 .4rem;font-size:1rem;font-weight:650;overflow-wrap:anywhere}
p{margin:.5rem 0;max-width:46rem;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:.15em}
ul{margin:.4rem 0;padding-left:1.2rem;max-width:46rem}
li{margin:.2rem 0;overflow-wrap:anywhere}
.soft,figcaption,caption{color:var(--soft)}
.over{margin:0 0 .4rem;color:var(--soft);font-size:.875rem}
.lede{margin-top:.5rem;color:var(--soft);font-size:1.05rem}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}`;

const NUMBER = `
.answer{display:flex;flex-wrap:wrap;gap:.5rem 2.5rem;align-items:end;margin:1.6rem 0 .5rem}
.answer p{margin:0}
.big{font-size:clamp(2.6rem,9vw,4.2rem);line-height:1;font-weight:650;letter-spacing:-.03em;font-variant-numeric:tabular-nums}
.big small{font-size:.36em;font-weight:500;letter-spacing:0;color:var(--soft)}
.beside{color:var(--soft);line-height:1.4}
.beside b{color:var(--text);font-weight:600;font-variant-numeric:tabular-nums}
.flag{display:inline-block;margin:.6rem 0 0;padding:.2rem .65rem;border-radius:1rem;border:1px solid currentColor;font-size:.875rem;font-weight:600}
.flag.good{color:var(--good)}.flag.bad{color:var(--bad)}
dl{display:grid;grid-template-columns:minmax(7rem,11rem) minmax(0,1fr);gap:.55rem 1.25rem;margin:1rem 0;max-width:54rem}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
@media (max-width:34rem){dl{grid-template-columns:minmax(0,1fr);gap:.1rem}dd{margin-bottom:.6rem}}`;

const FIGURES = `
figure{margin:1.1rem 0}
figcaption{margin-top:.35rem;font-size:.875rem;max-width:46rem}
.wide{overflow-x:auto}
.wide svg{min-width:36rem}
svg.remine{display:block;max-width:100%;height:auto}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr));gap:1.5rem}
.pairs>article{min-width:0;scroll-margin-top:1rem}
.pairs h3{margin-top:0}
.pairs p{font-size:.875rem;margin:.2rem 0}
#heat{position:relative;cursor:crosshair}
#heat output,#heat i{display:none;position:absolute;pointer-events:none}
#heat.on output,#heat.on i{display:block}
#heat i{border:2px solid var(--text);border-radius:2px}
#heat output{width:16rem;max-width:100%;padding:.5rem .7rem;border:1px solid var(--line);border-radius:6px;background:var(--page);
box-shadow:0 4px 16px #0003;font-size:.8125rem;line-height:1.4;white-space:pre-line;overflow-wrap:anywhere;z-index:1}
#heat output b{display:block}`;

const TABLES = `
.scroll{overflow-x:auto;margin:.8rem 0}
.tall{max-height:34rem;overflow:auto;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
.tall table{width:100%}
.scroll table{min-width:min(26rem,100%)}
caption{text-align:left;padding:0 0 .5rem;caption-side:top}
.tall caption{padding:.6rem .7rem}
th,td{padding:.32rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600}
thead th{white-space:nowrap;vertical-align:bottom}
tbody th{font-weight:500;overflow-wrap:break-word;max-width:22rem}
td.t{min-width:14rem;overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap}
tbody tr:hover{background:var(--raised)}
.tall thead th{position:sticky;top:0;background:var(--page);box-shadow:inset 0 -1px var(--line)}
th button{all:unset;cursor:pointer}
th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
th button::after{content:"";display:inline-block;width:.8em;color:var(--soft);text-align:center}
th[aria-sort=ascending] button::after{content:"↑"}
th[aria-sort=descending] button::after{content:"↓"}
[data-filters]{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.8rem 0}
[data-filters][hidden]{display:none}
[data-filters] input{font:inherit;padding:.3rem .6rem;border:1px solid var(--soft);border-radius:6px;background:var(--page);color:inherit;width:min(20rem,100%)}
.ok{color:var(--good);font-weight:600;white-space:nowrap}.no{color:var(--bad);font-weight:600;white-space:nowrap}.un{color:var(--soft);white-space:nowrap}`;

const CHECKS = `
.warn{margin:.8rem 0;padding:.7rem 1rem;border-left:4px solid var(--bad);border-radius:0 6px 6px 0;background:var(--badly);max-width:54rem}
.warn p{margin:.2rem 0}
details{margin:.8rem 0;max-width:54rem}
summary{cursor:pointer;font-weight:600}
details li b{font-weight:600}
pre{margin:.5rem 0;padding:.8rem 1rem;border:1px solid var(--line);border-radius:6px;background:var(--raised);overflow-x:auto;font-size:.8125rem;line-height:1.5}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}`;

/** On A4: nothing scrolls, nothing is folded, no row or picture is cut in two. */
const PRINT = `
@page{size:A4;margin:14mm}
@media print{
:root{color-scheme:light;--page:#fff;--text:#000;--soft:#444;--line:#bbb;--raised:#f6f8fa;--accent:#000;--good:#1a7f37;--bad:#9a4a00;--badly:#fff4e5}
body{font-size:10.5pt}
main,footer{max-width:none;padding-left:0;padding-right:0}
main{padding-top:0}
h2,h3{break-after:avoid}
figure,article,.warn,tr,pre{break-inside:avoid}
thead{display:table-header-group}
.scroll,.tall,.wide,pre{overflow:visible;max-height:none}
.tall{border:0}
.tall thead th{position:static;box-shadow:none}
.wide svg{min-width:0}
table{width:100%;font-size:8.5pt}
th,td{padding:.2rem .35rem;white-space:normal;overflow-wrap:anywhere}
tbody th,td.t{min-width:0;overflow-wrap:anywhere}
td.go,thead td{display:none}
.n{white-space:nowrap}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
[data-filters],#heat output,#heat i{display:none!important}
tr[hidden]{display:table-row}
.pairs{grid-template-columns:1fr 1fr}
details::details-content{content-visibility:visible;display:block;block-size:auto}
summary{list-style:none}
a{text-decoration:none}
}`;

/** Of paper also figures take the light colours, whatever the reader's screen has. */
export const STYLE = [COLOURS, FIGURE_STYLE, RAMP_STYLE, BASE, NUMBER, FIGURES, TABLES, CHECKS, PRINT].join("\n");
