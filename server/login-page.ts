/** Where a login may lead: a path of this server, never another site (`//evil`, `/\evil`, `https:…`). */
export function localPath(wish: string | undefined): string {
  if (wish === undefined || !wish.startsWith("/")) return "/";
  // Browsers drop tabs and newlines and take a backslash for a slash; resolving as they do shows where it would lead.
  const base = "http://driftbook.invalid";
  try {
    const resolved = new URL(wish, base);
    if (resolved.origin !== base) return "/";
    resolved.searchParams.delete("token");
    const found = resolved.pathname + resolved.search;
    return found.startsWith("//") || found.startsWith("/\\") ? "/" : found;
  } catch {
    return "/"; // Not a URL at all: the start page is always right.
  }
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The page for a browser without a session. It loads its one style sheet and nothing else. */
export function loginPage(next: string, problem: string | null): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in · Driftbook</title>
<link rel="stylesheet" href="/login.css"></head>
<body><main>
<h1>Driftbook</h1>
<p>Open the link that <code>driftbook serve</code> printed, or paste its token here.</p>
${problem === null ? "" : `<p role="alert">${escapeHtml(problem)}</p>`}
<form method="post" action="/login">
<input type="hidden" name="next" value="${escapeHtml(localPath(next))}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required autofocus>
<button>Sign in</button>
</form>
</main></body></html>
`;
}

export const LOGIN_CSS = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 12vh auto; padding: 0 1rem; }
h1 { font-size: 1.75rem; }
label { display: block; font-size: 0.8125rem; }
input, button { font: inherit; padding: 0.375rem 0.5rem; }
input[type="password"] { width: 100%; box-sizing: border-box; margin-bottom: 0.75rem; }
[role="alert"] { border-left: 3px solid #b3261e; padding-left: 0.75rem; }
`;
