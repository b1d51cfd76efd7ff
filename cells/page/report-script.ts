import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * The one script of a report: tips on charts from their tables of points, and tables as files where the page holds its
 * data. It stands in the page as text, and the page's policy allows this text alone, by its digest. `nearest` is
 * `nearestHit` of `cells/charts/hits.ts`; a test holds the two together.
 */
export const REPORT_SCRIPT = `"use strict";
const nearest = (table, x, y) => {
  let best = null;
  for (const mark of table.marks)
    for (let at = 0; at < mark.x.length; at++) {
      const dx = Math.abs(mark.x[at] - x), dy = Math.abs(mark.y[at] - y);
      const along = mark.by === "x" ? dx : mark.by === "y" ? dy : Math.hypot(dx, dy);
      if (along > 40) continue;
      const distance = along + (mark.by === "x" ? dy : mark.by === "y" ? dx : 0) * 0.01;
      if (best === null || distance < best.distance) best = { mark, at, distance };
    }
  return best;
};
if (typeof document !== "undefined") {
  const make = (name, parent, type = "div") => {
    const made = document.createElement(type);
    made.className = name;
    parent.append(made);
    return made;
  };
  const holding = (selector, key, name) => {
    const found = [...document.querySelectorAll(selector)].find((one) => one.dataset[key] === name);
    return found ? JSON.parse(found.textContent) : null;
  };
  for (const chart of document.querySelectorAll(".tipped")) {
    let table = null, key = -1;
    const image = chart.querySelector("img");
    const dot = make("tip-dot", chart), tip = make("tip", chart), said = make("visually-hidden", chart.parentElement);
    tip.setAttribute("aria-hidden", "true");
    said.setAttribute("aria-live", "polite");
    const clear = () => { dot.hidden = tip.hidden = true; key = -1; said.textContent = ""; };
    clear();
    const points = () => (table ??= holding("script.points", "chart", chart.dataset.chart));
    const show = ({ mark, at }) => {
      const left = (100 * mark.x[at]) / chart.dataset.width, top = (100 * mark.y[at]) / chart.dataset.height;
      const texts = mark.values[at] ?? [];
      tip.replaceChildren();
      mark.channels.forEach(({ label }, i) => {
        const line = make("", tip);
        if (label !== "") { make("", line, "span").textContent = label; line.append(" "); }
        make("", line, "b").textContent = texts[i] ?? "";
      });
      // A tip that reads several lines at once stands at none of them.
      dot.className = mark.mark === "tip" && mark.by === "x" ? "tip-rule" : "tip-dot";
      dot.style.left = tip.style.left = left + "%";
      dot.style.top = tip.style.top = top + "%";
      tip.style.transform = left > 55 ? "translate(calc(-100% - 12px),-50%)" : "translate(12px,-50%)";
      dot.hidden = tip.hidden = false;
    };
    chart.addEventListener("pointermove", (event) => {
      const box = image.getBoundingClientRect();
      const found = nearest(points(), ((event.clientX - box.left) / box.width) * chart.dataset.width, ((event.clientY - box.top) / box.height) * chart.dataset.height);
      if (found === null) clear(); else show(found);
    });
    chart.addEventListener("pointerleave", clear);
    chart.addEventListener("blur", clear);
    chart.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return clear();
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step === undefined) return;
      const all = points().marks.flatMap((mark) => mark.x.map((_, at) => ({ mark, at })));
      if (all.length === 0) return;
      event.preventDefault();
      key = Math.max(0, Math.min(all.length - 1, key + step));
      show(all[key]);
      const { mark, at } = all[key];
      said.textContent = mark.channels.map(({ label }, i) => label + " " + (mark.values[at][i] ?? "")).join(", ");
    });
  }
  // A page that is one file has its tables in it; elsewhere the links lead to files.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-table]");
    const data = link ? holding("script.table-data", "table", link.dataset.table) : null;
    if (data === null) return;
    event.preventDefault();
    const file = new Blob([data[link.dataset.as]], { type: link.dataset.as === "csv" ? "text/csv" : "application/json" });
    const place = document.createElement("a");
    place.href = URL.createObjectURL(file);
    place.download = link.dataset.table + "." + link.dataset.as;
    place.click();
    setTimeout(() => URL.revokeObjectURL(place.href), 10000);
  });
  // What scrolls must be reached by keys.
  const reachable = () => {
    for (const box of document.querySelectorAll(".scroll, .r-own, .prose pre, pre"))
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  };
  reachable();
  addEventListener("resize", reachable);
}
`;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const left = Math.min(3, bytes.length - at);
    for (let i = 0; i < 4; i++) text += i > left ? "=" : ALPHABET[(bits >> (18 - 6 * i)) & 63];
  }
  return text;
}

/**
 * What a report may do: show itself, and run the one script. As a header it also keeps the page out of frames, which a
 * page cannot say of itself.
 */
export const REPORT_POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${base64(sha256(utf8ToBytes(REPORT_SCRIPT)))}'`,
  "style-src 'unsafe-inline'",
  "img-src data:",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
