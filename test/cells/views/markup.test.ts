import { expect, test } from "vitest";
import { type Chart, h, toHtml } from "../../../cells/views/markup.ts";

const chart: Chart = {
  name: "c",
  title: "T",
  label: "L",
  size: "wide",
  keys: [],
  options: () => ({}),
  data: [],
  handle: null,
};

test("texts and attributes are escaped, what is drawn is taken as it is", () => {
  const markup = h("p", { title: `"a" & 'b' <i>` }, "<script>alert(1)</script>", [" & ", h("b", {}, "x")], chart);
  expect(toHtml(markup, ({ title }) => `<svg>${title}</svg>`)).toBe(
    '<p title="&quot;a&quot; &amp; &#39;b&#39; &lt;i&gt;">&lt;script&gt;alert(1)&lt;/script&gt; &amp; <b>x</b><svg>T</svg></p>',
  );
});

test("attributes that are false, null or undefined are left out, and true stands for the bare name", () => {
  const markup = h("details", { open: true, hidden: false, title: null, id: undefined, tabindex: 0 });
  expect(toHtml(markup, () => "")).toBe('<details open="" tabindex="0"></details>');
});
