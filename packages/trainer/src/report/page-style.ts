/** The colours have names, so that the charts follow light, dark and paper without a script. */
const LIGHT = `
  --page: #ffffff; --ink: #1a1d21; --soft: #565d66; --rule: #d9dde2; --tint: #f4f6f8;
  --link: #0b57a4; --heat: #1b5e9e; --on-heat: #ffffff;
  --series-1: #1565c0; --series-2: #c2410c; --series-3: #2e7d32; --series-4: #6d4c41; --mark: #8a2be2;`;
const DARK = `
  --page: #14171b; --ink: #e8eaed; --soft: #a8b0ba; --rule: #353b43; --tint: #1d2127;
  --link: #8ec5ff; --heat: #6cb2ff; --on-heat: #0b1218;
  --series-1: #6cb2ff; --series-2: #ff9e66; --series-3: #7fd18b; --series-4: #c9a48f; --mark: #cf9bff;`;

/** The style sheet of a report. */
export const PAGE_STYLE: string = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 3rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.lead { color: var(--soft); margin-top: 0; }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: 1.25rem 0 0; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; margin: 1.5rem 0; }
.figures > div { flex: 1 1 9rem; padding: .75rem 1rem; background: var(--tint); border-radius: .5rem; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; line-height: 1.3; }
.figures dd small { display: block; font-size: .8125rem; color: var(--soft); line-height: 1.4; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9375rem; margin: .75rem 0; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .375rem; }
th, td { padding: .3rem .75rem .3rem 0; text-align: left; border-bottom: 1px solid var(--rule); vertical-align: top; }
thead th { border-bottom-color: var(--soft); font-size: .875rem; }
tbody th { font-weight: 400; }
.number { text-align: right; white-space: nowrap; }
figure { margin: 1rem 0 1.5rem; }
figure svg { display: block; width: 100%; height: auto; min-width: 34rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 0 2rem; }
.pair svg { min-width: 24rem; }
figcaption { color: var(--soft); font-size: .875rem; max-width: 46rem; }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--link); padding: .25rem 0; }
pre { background: var(--tint); padding: .75rem 1rem; border-radius: .5rem; overflow-x: auto; font-size: .8125rem; line-height: 1.45; }
code { font-size: .875em; overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1.25rem; margin: .75rem 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
ul.caveats { padding-left: 1.25rem; max-width: 46rem; }
ul.caveats li { margin: .375rem 0; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; margin: 1rem 0; }
.sheet figure { margin: 0; }
.sheet img { display: block; width: 100%; height: auto; border-radius: .375rem; }
@media (max-width: 40rem) {
  body { padding: 1.25rem .875rem 3rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: .5rem; }
}
@media print {
  :root { color-scheme: light; ${LIGHT} }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, summary { display: none; }
  details::details-content { content-visibility: visible; height: auto; }
  h2 { break-after: avoid; margin-top: 1.5rem; }
  figure, tr, .figures > div { break-inside: avoid; }
  .scroll { overflow: visible; }
  figure svg, .pair svg { min-width: 0; max-width: 17cm; }
  pre { white-space: pre-wrap; }
  .pair { grid-template-columns: 1fr 1fr; }
  table { font-size: 8pt; }
  th, td { padding-right: .4rem; }
  .number { white-space: normal; }
}
`;
