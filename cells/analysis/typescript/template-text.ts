import { list, type SyntaxNode } from "./syntax-node.ts";

/** The text of a template with `$1`, `$2`, … where its values stand. */
export function templateText(quasi: SyntaxNode): string {
  const pieces = list(quasi, "quasis").map(
    (piece) => (piece.value as { raw: string; cooked?: string | null }).cooked ?? "",
  );
  return pieces.reduce((text, piece, i) => (i === 0 ? piece : `${text}$${i}${piece}`), "");
}
