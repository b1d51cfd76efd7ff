/** Of reports, after the styles of all pages that stand alone: for screens of any size, both schemes and paper. */
export const REPORT_STYLE = `
:root{--muted:#5f6975}
@media (prefers-color-scheme:dark){:root{--muted:#a0aab6}}
.prose,.r-note,.r-facts dd,.r-foot{overflow-wrap:anywhere}
main,.r-head,.r-foot{max-width:820px;margin:0 auto;padding:0 16px}
.r-head{padding-top:32px}.r-head h1{margin:0 0 12px;overflow-wrap:break-word}
main{padding-bottom:32px}.r-foot{padding-bottom:48px;color:var(--muted);font-size:12px;border-top:1px solid var(--line);padding-top:12px}
.r-facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,188px),1fr));gap:8px 24px;margin:0;padding:12px 0;border-block:1px solid var(--line);font-size:13px}
.r-facts dt{color:var(--muted);font-size:12px}.r-facts dd{margin:0}
.r-note{margin:12px 0 0}
.r-asked{margin:12px 0 0;font-size:13px}
.r-headline{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,168px),1fr));gap:12px 24px;list-style:none;margin:16px 0 0;padding:0;font-size:12px;color:var(--muted)}
.r-headline b{display:block;font-size:20px;line-height:28px;color:var(--text);font-variant-numeric:tabular-nums}
.r-bar{max-width:820px;margin:0 auto;padding:12px 16px 0;font-size:12px;color:var(--muted);display:flex;flex-wrap:wrap;gap:4px 16px}
.r-bar a,.r-files a{color:inherit}
.r-stale{flex-basis:100%;margin:0;padding:8px 12px;border-left:4px solid var(--warn);color:var(--text);font-size:13px}
main h1{font-size:22px}
.r-variants{flex-basis:100%;display:flex;flex-wrap:wrap;gap:4px 12px;margin:4px 0 0;padding:0;list-style:none;font-size:13px}
.r-variants [aria-current]{font-weight:600;text-decoration:none;color:inherit}
.r-files{color:var(--muted);font-size:12px;margin:4px 0 0}.r-files a{margin-left:8px}
.r-out{color:var(--muted);font-size:12px;margin:8px 0 0;padding-left:8px;border-left:2px solid var(--line-strong);overflow-wrap:anywhere}
.tipped{position:relative;display:block;max-width:100%;width:fit-content;touch-action:pan-y}
.tipped:focus-visible{outline:2px solid var(--chart-accent);outline-offset:2px}
.tipped img{display:block}
.r-narrow{display:none}
@media screen and (max-width:640px){.r-wide{display:none}.r-narrow{display:block}.r-own{overflow-x:auto}.is-broad:before{content:"↔ scrolls sideways";position:sticky;left:0;color:var(--muted);font-size:12px}.r-own .tipped{max-width:none;touch-action:auto}.r-own .chart{max-width:none}}
.tip,.tip-dot,.tip-rule{position:absolute;pointer-events:none;z-index:2}
.tip[hidden],.tip-dot[hidden],.tip-rule[hidden]{display:none}
.tip-rule{top:0!important;height:100%;width:1px;background:var(--line-strong);z-index:1}
.tip{background:var(--surface);border:1px solid var(--line-strong);border-radius:4px;padding:4px 8px;font-size:12px;line-height:16px;max-width:260px;width:max-content;white-space:pre-line;color:var(--text)}
.tip span{color:var(--muted)}.tip b{font-weight:500}
.tip-dot{width:8px;height:8px;margin:-4px 0 0 -4px;border-radius:50%;background:var(--chart-accent);outline:2px solid var(--surface)}
.r-table .table{max-height:372px}.r-table thead th{position:sticky;top:0;background:var(--surface);box-shadow:inset 0 -1px var(--line-strong)}
.m-table thead th{white-space:normal;vertical-align:bottom}.m-table thead .right{min-width:56px}
.r-table caption{text-align:left;font-size:13px;font-weight:600;padding:4px 0}
.table:focus-visible,.scroll:focus-visible,pre:focus-visible{outline:2px solid var(--chart-accent)}
.prose img,.r-cell>img{max-width:100%}
a{color:var(--chart-accent)}
@media print{.r-bar,.r-files,.tip,.tip-dot,.tip-rule,.r-variants{display:none}.r-head{padding-top:0}main,.r-head,.r-foot{max-width:none;padding-inline:0}.r-table .table{overflow:visible;max-height:none}.r-table tbody tr:nth-child(n+16){display:none}th,td{white-space:normal}figure,.r-table,tr{break-inside:avoid}h1,h2,h3{break-after:avoid}:root{color-scheme:light}}
`;
