import { child, isNode, isTypeOnly, list, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";
import { blank, type TextEdit } from "./text-edits.ts";

/** Edits that put spaces where types stand, so that every other character keeps its place. */
export function blankTypes(source: string, program: SyntaxNode): TextEdit[] {
  const blanker = new Blanker(source);
  blanker.visit(program);
  return blanker.edits;
}

const ANNOTATION_KEYS = [
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "superTypeParameters",
  "superTypeArguments",
] as const;
const MODIFIERS = /\b(?:public|private|protected|readonly|abstract|override|declare)\b/g;
const MEMBERS: ReadonlySet<string> = new Set([
  "ClassProperty",
  "ClassPrivateProperty",
  "ClassAccessorProperty",
  "ClassMethod",
  "ClassPrivateMethod",
]);

class Blanker {
  readonly edits: TextEdit[] = [];
  private readonly source: string;
  /** Ends of statements that have no semicolon of their own: a type blanked there must not join the next line. */
  private readonly openEnds = new Set<number>();

  constructor(source: string) {
    this.source = source;
  }

  visit(node: SyntaxNode): void {
    // A semicolon stands in for the statement, so that the lines around it do not grow together.
    if (isTypeOnly(node))
      return this.blankRange(node.start, node.end, node.type.startsWith("TSDeclareMethod") ? "" : ";");
    if (/Statement$|^VariableDeclaration$|^ClassProperty$/.test(node.type) && this.source[node.end - 1] !== ";")
      this.openEnds.add(node.end);
    this.blankOwn(node);
    for (const inner of runtimeChildren(node)) if (!isBlankedChild(node, inner)) this.visit(inner);
  }

  private blankOwn(node: SyntaxNode): void {
    switch (node.type) {
      case "TSAsExpression":
      case "TSSatisfiesExpression": {
        const type = child(node, "typeAnnotation")!;
        const word = node.type === "TSAsExpression" ? "as" : "satisfies";
        const from = this.source.lastIndexOf(word, type.start - 1);
        return this.blankRange(from, node.end, this.openEnds.has(node.end) ? ";" : "");
      }
      case "TSTypeAssertion": {
        const type = child(node, "typeAnnotation")!;
        return this.blankRange(node.start, this.source.indexOf(">", type.end) + 1);
      }
      case "TSNonNullExpression":
        return this.blankRange(node.end - 1, node.end);
      case "TSInstantiationExpression":
        return this.blankRange((child(node, "typeParameters") ?? child(node, "typeArguments"))!.start, node.end);
    }
    for (const key of ANNOTATION_KEYS) {
      const type = child(node, key);
      if (type !== null) this.blankAnnotation(node, key, type);
    }
    if (typeof node.end === "number" && (node.optional === true || node.definite === true)) this.blankMark(node);
    if (node.type === "ClassDeclaration" || node.type === "ClassExpression") this.blankHeritage(node);
    if (MEMBERS.has(node.type)) this.blankModifiers(node, child(node, "key")!.start);
    if (/^Function|^ArrowFunction|Method$/.test(node.type)) this.blankThis(list(node, "params"));
    if (node.type === "ImportDeclaration" || node.type === "ExportNamedDeclaration") return;
  }

  private blankAnnotation(node: SyntaxNode, key: string, type: SyntaxNode): void {
    const text = this.source.slice(type.start, type.end);
    if (key === "returnType" && node.type === "ArrowFunctionExpression" && /[\r\n]/.test(text)) {
      // Between `)` and `=>` no line may end: the parenthesis moves behind the type.
      const paren = this.source.lastIndexOf(")", type.start - 1);
      this.blankRange(paren, paren + 1);
      const spaces = blank(this.source, type.start, type.end).text;
      this.edits.push({ start: type.start, end: type.end, text: `${spaces.slice(0, -1)})` });
      return;
    }
    const closesStatement = this.openEnds.has(type.end) && node.type !== "ClassProperty";
    this.blankRange(type.start, type.end, closesStatement ? ";" : "");
  }

  /** The `?` or `!` behind a name. Optional calls and members are JavaScript and keep theirs. */
  private blankMark(node: SyntaxNode): void {
    const name = node.type === "Identifier" ? node.start + String(node.name).length : namedEnd(node);
    if (name === null) return;
    const rest = /^[\s\])]*([?!])/.exec(this.source.slice(name));
    if (rest !== null) this.blankRange(name + rest[0].length - 1, name + rest[0].length);
  }

  private blankHeritage(node: SyntaxNode): void {
    if (node.abstract === true) this.blankModifiers(node, this.source.indexOf("class", node.start));
    const last = list(node, "implements").at(-1);
    const first = list(node, "implements")[0];
    if (first === undefined || last === undefined) return;
    this.blankRange(this.source.lastIndexOf("implements", first.start - 1), last.end);
  }

  private blankModifiers(node: SyntaxNode, until: number): void {
    for (const word of this.source.slice(node.start, until).matchAll(MODIFIERS))
      this.blankRange(node.start + word.index, node.start + word.index + word[0].length);
  }

  /** `function f(this: T, a)`: the parameter that is none. */
  private blankThis(params: readonly SyntaxNode[]): void {
    const first = params[0];
    if (first?.type !== "Identifier" || first.name !== "this") return;
    const comma = /^\s*,/.exec(this.source.slice(first.end));
    this.blankRange(first.start, first.end + (comma?.[0].length ?? 0));
  }

  private blankRange(start: number, end: number, first = ""): void {
    this.edits.push(blank(this.source, start, end, first));
  }
}

/** Children whose text the parent's own edit covers. */
function isBlankedChild(node: SyntaxNode, inner: SyntaxNode): boolean {
  return inner.type === "Identifier" && inner.name === "this" && Array.isArray(node.params);
}

/** Where the name of a member or declarator ends, when a mark may stand behind it. */
function namedEnd(node: SyntaxNode): number | null {
  if (node.type === "VariableDeclarator") {
    const id = node.id;
    return isNode(id) ? id.start + String(id.name).length : null;
  }
  return MEMBERS.has(node.type) ? (child(node, "key")?.end ?? null) : null;
}
