/** The text of a notebook that has just been made. `JSON.stringify` of a title is also a YAML string. */
export function newNotebookText(title: string): string {
  return `---\ndriftbook: 1\ntitle: ${JSON.stringify(title)}\n---\n`;
}

/** `reports/card-fraud.nb.md` → `Card fraud`. */
export function titleOfPath(path: string): string {
  const words = path
    .split("/")
    .at(-1)!
    .replace(/\.nb\.md$/, "")
    .replaceAll(/[-_]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
