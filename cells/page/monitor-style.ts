/** Colours of both schemes, for pages and for the images in them: an image takes none from its page. */
export const PAGE_COLORS = `
:root{--text:#1d2126;--muted:#5f6975;--faint:#68717c;--line:#e1e5ea;--line-strong:#c9d0d8;--surface:#fff;--ok:#1d7a46;--warn:#8f5a00;--fail:#b3261e;--chart-accent:#2460c8;--chart-reference:#8a939e}
@media (prefers-color-scheme:dark){:root{--text:#e4e7eb;--muted:#a0aab6;--faint:#8d97a3;--line:#2a3038;--line-strong:#3d4651;--surface:#15181c;--ok:#5fc48a;--warn:#e0a84a;--fail:#ff8a80;--chart-accent:#7fabff;--chart-reference:#7b8592}}
`;

/** What a page that stands alone needs to show monitoring cells; the pages of the client have `styles/monitor.css`. */
export const MONITOR_STYLE = `${PAGE_COLORS}
.monitor{font-size:13px;line-height:20px}
.monitor details{color:inherit;font-size:13px}
.monitor h4{font-size:13px;margin:16px 0 4px}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.right{text-align:right;font-variant-numeric:tabular-nums}
.mono{font-family:ui-monospace,monospace;font-size:12px}
.m-head p{margin:0}.m-finding strong{font-size:14px;margin-left:4px}
.m-facts{color:var(--muted);font-size:12px;margin:0}.m-facts>span{display:inline-block;margin-right:16px}
.m-verdict{display:inline-flex;align-items:baseline;gap:4px;white-space:nowrap}.m-shape{align-self:center}.monitor .chart{background:none}.monitor ul{list-style:none;padding:0;margin:0}.scroll{overflow:auto}
.verdict-ok{color:var(--ok)}.verdict-warn{color:var(--warn)}.verdict-fail,.verdict-error{color:var(--fail)}.verdict-no-data,.m-quiet{color:var(--muted)}
.monitor .m-notes,.monitor .m-since{color:var(--muted);margin:8px 0}.m-before{margin-left:8px;color:var(--muted);font-size:12px;white-space:nowrap}
.m-subjects,.m-checks{margin:12px 0;padding:0;list-style:none}
.m-item{border-bottom:1px solid var(--line)}
.m-subject{display:grid;grid-template-columns:64px minmax(80px,1fr) 184px 52px 52px 104px 44px;gap:0 12px;align-items:center;min-height:32px}
.m-subject.m-names{color:var(--muted);font-size:12px;border-bottom:1px solid var(--line-strong)}
.m-subject.m-names>:nth-child(n+4):not(:nth-child(8)){text-align:right}
.with-trend .m-subject{grid-template-columns:64px minmax(80px,1fr) 184px 52px 52px 104px 44px 96px}
.m-subject .m-label{display:none}.m-subject>.m-problem{grid-column:3/-1}
.m-name{min-width:0;overflow:hidden;text-overflow:ellipsis}.m-figure-change{font-size:12px;font-weight:400;color:var(--muted);margin-left:8px}
.m-effect{display:grid;grid-template-columns:1fr 48px 48px;gap:8px;align-items:center}
.m-metric,.m-said,.m-raw{color:var(--muted)}.m-raw{display:block;font-size:12px}
.m-open{padding:4px 0 16px}
.m-check-line{display:grid;grid-template-columns:72px 1fr 1fr 1fr 80px;gap:0 12px;padding:4px 0}
.m-table th{font-weight:500;color:var(--muted)}.m-table tbody th{color:inherit;font-weight:400}
.monitor .m-figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(152px,1fr));gap:16px 24px;list-style:none;padding:0;margin:16px 0}
.m-figure{display:flex;flex-direction:column;border-top:1px solid var(--line-strong);padding-top:4px;font-size:12px;line-height:16px;color:var(--muted)}
.m-figure-foot{display:flex;flex-wrap:wrap;gap:0 8px}
.m-figure.is-provisional{border-top-style:dashed}
.m-figure-value{font-size:20px;line-height:28px;font-weight:600;color:var(--text);font-variant-numeric:tabular-nums}
.m-provisional{padding:4px 16px;margin:12px 0;background:repeating-linear-gradient(135deg,var(--chart-reference) 0 1px,transparent 1px 4px) left/5px 100% no-repeat;print-color-adjust:exact}
.m-newest{margin-top:auto;padding-left:12px;background:repeating-linear-gradient(135deg,var(--chart-reference) 0 1px,transparent 1px 4px) left bottom/5px calc(100% - 8px) no-repeat;print-color-adjust:exact}.m-newest:before{content:"";display:block;height:8px}.m-newest-value{color:var(--text)}
.m-truth-bar{margin:12px 0 8px;display:flex;gap:1px;height:4px}.m-truth-bar i{min-width:2px}
.m-key{display:inline-block;width:8px;height:8px;margin-right:4px}
.m-truth-stated{background:var(--chart-accent)}.m-truth-silent{background:color-mix(in srgb,var(--chart-accent) 45%,var(--surface))}
.m-truth-pending{background:repeating-linear-gradient(135deg,var(--chart-reference) 0 1px,transparent 1px 4px)}.m-truth-unknown{background:var(--line-strong)}
.m-slice{display:inline-flex;align-items:center;gap:8px}.m-slice-value{min-width:48px}
.m-small-charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(232px,1fr));gap:16px}
.m-keys{margin-left:8px}.m-keys>span{margin-right:12px}.m-swatch{display:inline-block;width:12px;height:2px;margin:0 4px 3px 0;background:currentColor}.m-swatch-area{height:8px;margin-bottom:-1px;opacity:.5}.m-swatch-hatch{height:8px;background:repeating-linear-gradient(135deg,currentColor 0 1px,transparent 1px 4px)}
.m-pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:16px 28px}
.m-check-line .m-said{display:none}.m-check-line.m-names{color:var(--muted);font-size:12px}
.m-fold{margin-top:12px}.m-count{color:var(--muted);font-size:12px;margin-left:8px}
.m-left>div{display:flex;gap:12px}.m-left dd{margin:0;color:var(--muted)}
summary{cursor:pointer}
.m-truth-bar i,.m-key,.m-swatch{print-color-adjust:exact}
@media print{.monitor details{display:block}.monitor .m-fold:not([open]),.monitor .m-panel:not([open]){display:none}.scroll{overflow:visible}.m-table{font-size:11px}.m-table .m-slice{gap:4px}}
@media (max-width:700px){.m-subject,.with-trend .m-subject,.m-check-line{display:flex;flex-wrap:wrap}.m-names{display:none!important}.m-subject .m-label{display:inline;color:var(--muted)}}
`;
