import type { Env, MarkdownIt } from "markdown-it";
import { isInlineImage, newMarkdownParser } from "./markdown-parser.ts";
import { slugOf } from "./outline.ts";

interface Environment extends Env {
  readonly texts: readonly (string | null)[];
  expressions: number;
  readonly slugs: Map<string, number>;
}

const parser = withRenderers(newMarkdownParser());

/**
 * Prose as HTML that is safe to put into a page: no elements but Markdown's own, no scripts, no attributes from the
 * author save checked addresses; images only from the workspace or inline. `texts` are the values of the `${…}` in
 * order; where one is missing or null its expression is shown as code.
 */
export function renderMarkdown(source: string, texts: readonly (string | null)[] = []): string {
  const environment: Environment = { texts, expressions: 0, slugs: new Map() };
  return parser.render(source, environment);
}

function withRenderers(markdown: MarkdownIt): MarkdownIt {
  const { escapeHtml } = markdown.utils;
  const { rules } = markdown.renderer;
  // `render` is called with an `Environment` in one place, above.
  const own = (environment: Env | undefined) => environment as Environment;
  rules.expression = (tokens, index, _options, env) => {
    const environment = own(env);
    const text = environment.texts[environment.expressions++] ?? null;
    if (text === null) return `<code class="expression pending">${escapeHtml(tokens[index]!.content)}</code>`;
    return `<span class="expression">${escapeHtml(text)}</span>`;
  };
  rules.link_open = (tokens, index, options, _environment, self) => {
    const token = tokens[index]!;
    if (isElsewhere(String(token.attrGet("href") ?? ""))) {
      token.attrSet("target", "_blank");
      token.attrSet("rel", "noopener noreferrer");
    }
    return self.renderToken(tokens, index, options);
  };
  rules.image = (tokens, index, options, environment, self) => {
    const token = tokens[index]!;
    const address = String(token.attrGet("src") ?? "");
    const description = self.renderInlineAsText(token.children ?? [], options, environment);
    // A picture from elsewhere would tell its host who reads what: it becomes a link to follow.
    if (isElsewhere(address) && !isInlineImage(address)) {
      const href = escapeHtml(address);
      return `<a href="${href}" target="_blank" rel="noopener noreferrer">${escapeHtml(description || address)}</a>`;
    }
    return `<img src="${escapeHtml(address)}" alt="${escapeHtml(description)}">`;
  };
  rules.heading_open = (tokens, index, _options, env) => {
    const slug = slugOf(tokens[index + 1]?.content ?? "", own(env).slugs);
    return `<${tokens[index]!.tag} id="${escapeHtml(slug)}">`;
  };
  return markdown;
}

/** With a scheme, or `//host`, which browsers also read in `/\host`. */
function isElsewhere(address: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(address.trim());
}
