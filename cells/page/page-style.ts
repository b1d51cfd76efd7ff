/** Styles of a page that stands alone: readable on a phone, in print and in the dark. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--text:#1d2126;--muted:#667080;--line:#dfe3e8;--surface:#fff;--fail:#b3261e}
@media (prefers-color-scheme:dark){:root{--text:#e4e7eb;--muted:#98a2b0;--line:#333a43;--surface:#15181c;--fail:#ff8a80}}
body{margin:0;background:var(--surface);color:var(--text);font:14px/1.55 system-ui,sans-serif}
main{max-width:820px;margin:0 auto;padding:24px 16px 64px}
section{margin:16px 0}
h1{font-size:28px;line-height:1.2}h2{font-size:20px;margin-top:32px}
.facts{color:var(--muted);font-size:12px}
.error{color:var(--fail)}
pre{overflow:auto;font:12px/1.5 ui-monospace,monospace;margin:4px 0}
details{color:var(--muted);font-size:12px}
.table{overflow:auto}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid var(--line);padding:4px 12px 4px 0;text-align:left;white-space:nowrap}
.number{text-align:right}
figure{margin:0}.title{font-size:14px;font-weight:600;margin:0}.legend span{margin-right:12px;font-size:12px}.legend i{display:inline-block;width:10px;height:10px;margin-right:4px}
.chart{max-width:100%;height:auto;background:#fff;border-radius:4px}
iframe{border:1px solid var(--line);width:100%;min-height:160px}
@media print{details:not([open]){display:none}section{break-inside:avoid}}
`;
