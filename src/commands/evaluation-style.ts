/**
 * Light and dark by what the reader's system says; on paper light. The colours tell scorers apart for the
 * colour-blind. Where a table goes on beyond an edge, the edge is shaded: covers scroll along and bare it.
 */
export const EVALUATION_STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --dim: #59636e; --rule: #d8dee4; --shade: #0004; --good: #1a7f37; --bad: #bc4c00;
  --model: #0550ae; --recency: #9a6700; --decayedCount: #1b7c83; --mbgNbd: #bf3989; --logisticRfm: #6e7781; --stayed: #8fb8de; --churned: #cf5c36; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #12161b; --ink: #e6edf3; --dim: #9aa5b1; --rule: #313943; --shade: #fff5; --good: #56d364; --bad: #f0883e;
  --model: #79b8ff; --recency: #e3b341; --decayedCount: #56d4dd; --mbgNbd: #f778ba; --logisticRfm: #a7b0ba; --stayed: #4d7ea8; --churned: #f0883e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, "Liberation Sans", sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
.label { font-size: 1.05rem; max-width: 46rem; }
p, ul { max-width: 52rem; }
.passed h2 { color: var(--good); } .failed h2 { color: var(--bad); }
.beside { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem 2rem; align-items: start; }
.three { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: .5rem 1.5rem; }
@media (min-width: 56rem) { .beside { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
figure { margin: 0; min-width: 0; break-inside: avoid; } figcaption { color: var(--dim); font-size: .9rem; }
svg { display: block; width: 100%; max-width: 34rem; height: auto; font-family: inherit; }
.scrolls { overflow-x: auto; margin: .5rem 0 1rem; break-inside: avoid;
  background: linear-gradient(to left, var(--paper) 30%, transparent) right / 2.5rem 100% no-repeat local,
    linear-gradient(to right, var(--paper) 30%, transparent) left / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--shade), transparent) right / .9rem 100% no-repeat scroll,
    linear-gradient(to right, var(--shade), transparent) left / .9rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; color: var(--dim); font-size: .9rem; padding-bottom: .25rem; }
th, td { padding: .2rem .7rem .2rem 0; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; font-weight: normal; }
thead th { color: var(--dim); } th:first-child { text-align: left; } tbody th { font-weight: 600; }
details summary { cursor: pointer; color: var(--dim); font-size: .9rem; }
@media print { html { font-size: 10px; } main { max-width: none; padding: 0; } .scrolls { overflow: visible; background: none; }
  .beside { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } h2, h3 { break-after: avoid; } }
`;
