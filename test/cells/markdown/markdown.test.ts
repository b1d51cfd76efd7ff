import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { isAllowedLink } from "../../../cells/markdown/markdown-parser.ts";
import { outlineOf } from "../../../cells/markdown/outline.ts";
import { renderMarkdown } from "../../../cells/markdown/render-markdown.ts";

// What attacks on Markdown renderers are made of: each must come out as text, or not at all.
const HOSTILE = [
  "<script>alert(1)</script>",
  "<ScRiPt src=//evil.test></sCrIpT>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  "<iframe src='javascript:alert(1)'></iframe>",
  "<a href='javascript:alert(1)'>x</a>",
  "<details open ontoggle=alert(1)>",
  "<math><mi xlink:href='data:x,<script>alert(1)</script>'>",
  "<style>@import 'http://evil.test'</style>",
  "<base href=//evil.test>",
  "<form action=//evil.test><button>x</button></form>",
  "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x]( javascript:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](<java\nscript:alert(1)>)",
  "[x](\u0001javascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](&#x6A;avascript&#x3A;alert(1))",
  "[x](javascript&Tab;:alert(1))",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](data:image/svg+xml;base64,PHN2Zz4=)",
  "[x](file:///etc/passwd)",
  "[x](command:delete)",
  "[x](blob:http://a/b)",
  "![x](javascript:alert(1))",
  "![x](data:image/svg+xml,<svg onload=alert(1)>)",
  '![x" onerror="alert(1)](x.png)',
  "![x](https://evil.test/pixel.png)",
  '[x](https://a.test "x\\" onmouseover=\\"alert(1)")',
  '[x](https://a.test/"onmouseover="alert(1))',
  "[x][r]\n\n[r]: javascript:alert(1)",
  "<javascript:alert(1)>",
  '<https://a.test/"onclick=alert(1)>',
  "[x](//evil.test)",
  "[x](/\\evil.test)",
  "# <img src=x onerror=alert(1)>",
  '# x" onclick="alert(1)',
  "```html\n<script>alert(1)</script>\n```",
  '```"><script>alert(1)</script>\nx\n```',
  "| <script> | `</td><script>` |\n|---|---|\n| <b onclick=x> | y |",
  "`<script>alert(1)</script>`",
  "<!-- --><script>alert(1)</script> -->",
  "<!--><script>alert(1)</script>-->",
  "<!-- a --!><script>alert(1)</script>",
  "${x}<script>",
  "[${x}](javascript:${x})",
  "<![CDATA[<script>alert(1)</script>]]>",
  "<?php echo 1 ?>",
  "<x onclick=alert(1)>",
  "\u0000<script>alert(1)</script>",
  "[x](https://a.test){onclick=alert(1)}",
  "[__proto__]\n\n[__proto__]: javascript:alert(1)",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
];

const ELEMENTS = new Set(
  "P H1 H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE PRE CODE EM STRONG S A IMG HR BR TABLE THEAD TBODY TR TH TD SPAN".split(" "),
);
const ATTRIBUTES: Record<string, RegExp> = {
  href: /^(?:(?:https?|mailto):|[^:]*$|[^:]*[/?#])/i,
  src: /^(?:data:image\/(?:png|gif|jpeg|webp);|[^:]*$)/i,
  class: /^(?:expression(?: pending)?|language-.*)$/,
  id: /^section-/,
  target: /^_blank$/,
  rel: /^noopener noreferrer$/,
  style: /^text-align:(?:left|right|center)$/,
  start: /^\d+$/,
  alt: /[\s\S]*/,
  title: /[\s\S]*/,
};

/** Everything in the HTML that prose may not make. */
function violations(html: string): string[] {
  const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`);
  return [...document.body.querySelectorAll("*")].flatMap((element) => {
    const wrong = ELEMENTS.has(element.tagName) ? [] : [`<${element.tagName}>`];
    for (const { name, value } of element.attributes) {
      if (!ATTRIBUTES[name]?.test(value)) wrong.push(`${element.tagName} ${name}=${value}`);
    }
    return wrong;
  });
}

describe("hostile prose", () => {
  test("the check itself finds what it must", () => {
    expect(violations("<script>1</script>")).toEqual(["<SCRIPT>"]);
    expect(violations('<p onclick="x">')).toHaveLength(1);
    expect(violations('<a href="javascript:alert(1)">')).toHaveLength(1);
    expect(violations('<img src="https://evil.test/x.png">')).toHaveLength(1);
  });

  test.each(HOSTILE)("%j comes out harmless", (source) => {
    const html = renderMarkdown(source, ["<script>alert(1)</script>"]);
    expect(violations(html)).toEqual([]);
    expect(html).not.toMatch(/<script/i);
  });

  test("mixtures of hostile pieces come out harmless", () => {
    const pieces = fc.constantFrom(
      ...HOSTILE,
      "\n",
      "\n\n",
      "> ",
      "- ",
      "**",
      "](",
      "[",
      "<",
      ">",
      '"',
      "`",
      "    ",
      "${",
      "}",
      "<!--",
      "-->",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        expect(violations(renderMarkdown(parts.join(""), ["<img src=x onerror=1>", null]))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("only addresses of few schemes are links", () => {
    expect(
      ["https://a.test", "HTTP://a", "mailto:a@b", "other.nb.md", "#section-x", "../a b", "?q=a:b", "/a:b"].every(
        isAllowedLink,
      ),
    ).toBe(true);
    expect(
      [
        "javascript:1",
        "\u0000javascript:1",
        "java\nscript:1",
        "data:text/html,x",
        "file:///x",
        "ftp:x",
        "1x:y",
        "command:x",
      ].some(isAllowedLink),
    ).toBe(false);
  });
});

describe("prose", () => {
  test("values stand where their expressions stood, in order, as text; missing ones as code", () => {
    const source = "**${a}** and `${no}` \\${no} ${`t${1}`}\n\n- ${c}\n\n```\n${no}\n```\n";
    const html = renderMarkdown(source, ["1 <b>", "2"]);
    expect(html).toBe(
      '<p><strong><span class="expression">1 &lt;b&gt;</span></strong> and <code>${no}</code> ${no} <span class="expression">2</span></p>\n' +
        '<ul>\n<li><code class="expression pending">c</code></li>\n</ul>\n<pre><code>${no}\n</code></pre>\n',
    );
  });

  test("comments are not shown", () => {
    expect(renderMarkdown("a <!-- b ${x} --> c\n\n<!-- more\n\n```ts\n1\n```\n-->\nd")).toBe("<p>a  c</p>\n<p>d</p>\n");
    expect(renderMarkdown("a\n<!-- never closed")).toContain("&lt;!-- never closed");
  });

  test("the outline's slugs are the headings' ids", () => {
    const source = "# Größe & *Alert*\n\ntext\n\n## Same\n\n## Same\n\nSet\n===\n\n### ${x} left\n";
    const outline = outlineOf(source);
    expect(outline).toEqual([
      { level: 1, text: "Größe & Alert", slug: "section-größe-alert", line: 1 },
      { level: 2, text: "Same", slug: "section-same", line: 5 },
      { level: 2, text: "Same", slug: "section-same-1", line: 7 },
      { level: 1, text: "Set", slug: "section-set", line: 9 },
      { level: 3, text: "${x} left", slug: "section-x-left", line: 12 },
    ]);
    const ids = [...renderMarkdown(source).matchAll(/id="([^"]*)"/g)].map((found) => found[1]);
    expect(ids).toEqual(outline.map(({ slug }) => slug));
  });
});
