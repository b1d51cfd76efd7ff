import { isCount, isList, MUTATORS, property, rootOf } from "./counted.ts";
import { isFunction, patternNames, topLevelNames } from "./declared-names.ts";
import { freeUses } from "./free-names.ts";
import { isKnownName } from "./known-names.ts";
import { child, list, nameOf, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";
import { templateText } from "./template-text.ts";

/** What a cell can hold of others, answered by who knows: the reason why it is held, or null. */
export interface Given<Reason> {
  /** A name of another cell, or one property of it. */
  readonly name: (name: string, property: string | null) => Reason | null;
  /** Whether the name of another cell is certainly a list or a table. */
  readonly isList: (name: string) => boolean;
  /** The result of sql`…`, with `$1`, `$2`, … where values stand. */
  readonly sql: (statement: string) => Reason | null;
  /** The readings of drift(…), kpi(…) or check(…): every text and key in its argument; null where not all is written there. */
  readonly measured: (kind: string, words: readonly string[] | null) => Reason | null;
}

export interface ValueFlow<Reason> {
  /** Why something that the cell works with is held; null where nothing is, whatever it only counts. */
  readonly touched: Reason | null;
  /** Why what the cell shows may be held. */
  readonly shown: Reason | null;
  /** Why its last expression may be. */
  readonly value: Reason | null;
  /** Of the cell's names, those that may hold it. */
  readonly names: ReadonlyMap<string, Reason>;
  /** Those that are certainly lists. */
  readonly lists: ReadonlySet<string>;
  /** Names of other cells that it may have put something into. */
  readonly changed: readonly string[];
}

/**
 * Through which names of a cell something flows, by its text. A cell that works with what is held may put it anywhere, so
 * all its names hold it then, save those that cannot: a count, a constant made of such, and a function that reads
 * nothing held. What is shown is looked at expression by expression.
 */
export function valueFlow<Reason>(program: SyntaxNode, given: Given<Reason>): ValueFlow<Reason> {
  return new Flow(program, given).find();
}

/** The same of one expression. */
export function expressionFlow<Reason>(expression: SyntaxNode, given: Given<Reason>): Reason | null {
  return new Flow(expression, given).held(expression, new Map());
}

/** A part of the cell's top: what it declares and the node that says what that is. */
interface Unit {
  readonly names: readonly string[];
  readonly node: SyntaxNode;
  /** Of `const name = …` and functions: what the name stands for from then on. */
  readonly constant: SyntaxNode | null;
}

const FORMATTERS = new Set([
  ...["percent", "compact", "fixed", "money", "integer", "date", "dateTime", "duration", "Number", "String", "Boolean"],
  ...["md", "html"],
]);
const METHODS = new Set(["toFixed", "toLocaleString", "toString", "toPrecision"]);

class Flow<Reason> {
  readonly #program: SyntaxNode;
  readonly #given: Given<Reason>;
  readonly #own: ReadonlySet<string>;
  readonly #lists = new Set<string>();
  /** By where a name stands: the property that is asked of it. */
  readonly #properties = new Map<number, string>();

  constructor(program: SyntaxNode, given: Given<Reason>) {
    this.#program = program;
    this.#given = given;
    this.#own = program.type === "Program" ? topLevelNames(program) : new Set();
    each(program, (node) => {
      const asked = property(node);
      if (asked?.of.type === "Identifier") this.#properties.set(asked.of.start, asked.name);
      return true;
    });
  }

  find(): ValueFlow<Reason> {
    const units = list(this.#program, "body").flatMap(unitsOf);
    for (const { names, constant } of units)
      if (constant !== null && isList(constant, (name) => this.#isList(name)))
        for (const one of names) this.#lists.add(one);
    let touched: Reason | null = null;
    for (const { node } of units) touched ??= this.held(node, new Map());
    if (touched === null)
      return { touched, shown: null, value: null, names: new Map(), lists: this.#lists, changed: [] };

    // Everything may be held, until it is shown of a name that it cannot.
    const names = new Map<string, Reason>([...this.#own].map((name) => [name, touched]));
    const firm = new Set<string>();
    for (let size = -1; size !== firm.size; ) {
      size = firm.size;
      for (const { names: declared, constant } of units) {
        const [name] = declared;
        if (constant === null || declared.length !== 1 || name === undefined || firm.has(name)) continue;
        const without = new Map([...names].filter(([one]) => one !== name));
        if (!this.#isFirm(constant, firm) || this.held(constant, without) !== null) continue;
        firm.add(name);
        names.delete(name);
      }
    }
    const last = list(this.#program, "body").at(-1);
    const expression = last?.type === "ExpressionStatement" ? child(last, "expression") : null;
    const value = expression === null ? null : this.held(expression, names);
    return {
      touched,
      value,
      shown: this.#shown(expression, names, touched),
      names,
      lists: this.#lists,
      changed: this.#changed(),
    };
  }

  /** The first reason for which a part holds something, other than to count it. */
  held(node: SyntaxNode, own: ReadonlyMap<string, Reason>): Reason | null {
    const counts: SyntaxNode[] = [];
    let reason: Reason | null = null;
    each(node, (one) => {
      if (isCount(one, (name) => this.#isList(name))) {
        counts.push(one);
        return false;
      }
      if (one.type === "TaggedTemplateExpression" && nameOf(child(one, "tag")) === "sql")
        reason ??= this.#given.sql(templateText(child(one, "quasi")!));
      const called = one.type === "CallExpression" ? (nameOf(child(one, "callee")) ?? "") : "";
      if (MEASURES.has(called)) reason ??= this.#given.measured(called, wordsOf(list(one, "arguments")[0]));
      return true;
    });
    if (reason !== null) return reason;
    for (const { name, node: at } of freeUses(node)) {
      if (isKnownName(name) || counts.some(({ start, end }) => at.start >= start && at.end <= end)) continue;
      const found = this.#own.has(name)
        ? (own.get(name) ?? null)
        : this.#given.name(name, this.#properties.get(at.start) ?? null);
      if (found !== null) return found;
    }
    return null;
  }

  #isList(name: string): boolean {
    return this.#own.has(name) ? this.#lists.has(name) : this.#given.isList(name);
  }

  /** Whether what a constant stands for can never change: nothing can be put into it later. */
  #isFirm(node: SyntaxNode, firm: ReadonlySet<string>): boolean {
    const all = (nodes: readonly (SyntaxNode | null)[]): boolean =>
      nodes.every((one) => one !== null && this.#isFirm(one, firm));
    if (isFunction(node) || /^(Numeric|String|Boolean|Null|BigInt)Literal$/.test(node.type)) return true;
    if (isCount(node, (name) => this.#isList(name))) return true;
    switch (node.type) {
      case "Identifier":
        return firm.has(String(node.name));
      case "TemplateLiteral":
        return all(list(node, "expressions"));
      case "TaggedTemplateExpression":
        return FORMATTERS.has(nameOf(child(node, "tag")) ?? "") && all(list(child(node, "quasi")!, "expressions"));
      case "UnaryExpression":
        return all([child(node, "argument")]);
      case "BinaryExpression":
      case "LogicalExpression":
        return all([child(node, "left"), child(node, "right")]);
      case "ConditionalExpression":
        return all([child(node, "test"), child(node, "consequent"), child(node, "alternate")]);
      case "CallExpression": {
        const callee = child(node, "callee")!;
        const called = property(callee);
        const isPlain =
          called === null
            ? FORMATTERS.has(nameOf(callee) ?? "")
            : nameOf(called.of) === "Math" || (METHODS.has(called.name) && all([called.of]));
        return isPlain && all(list(node, "arguments"));
      }
      default:
        return false;
    }
  }

  /** What `display` is given, where every call of it stands at the top, and the last expression. */
  #shown(expression: SyntaxNode | null, names: ReadonlyMap<string, Reason>, touched: Reason): Reason | null {
    const calls = new Map<number, readonly SyntaxNode[]>();
    for (const statement of list(this.#program, "body")) {
      const call = statement.type === "ExpressionStatement" ? child(statement, "expression") : null;
      const callee = call?.type === "CallExpression" ? child(call, "callee") : null;
      if (call != null && callee !== null && nameOf(callee) === "display")
        calls.set(callee.start, list(call, "arguments"));
    }
    const uses = freeUses(this.#program).filter(({ name }) => name === "display");
    if (uses.some(({ node }) => !calls.has(node.start))) return touched;
    const shown = [...[...calls.values()].flat(), ...(expression === null ? [] : [expression])];
    for (const one of shown) {
      const reason = this.held(one, names);
      if (reason !== null) return reason;
    }
    return null;
  }

  #changed(): string[] {
    const outer = new Set(
      freeUses(this.#program).flatMap(({ name }) => (this.#own.has(name) || isKnownName(name) ? [] : [name])),
    );
    const found = new Set<string>();
    const add = (node: SyntaxNode | null | undefined): void => {
      const root = node == null ? null : rootOf(node);
      if (root !== null && outer.has(root)) found.add(root);
    };
    each(this.#program, (node) => {
      if (node.type === "AssignmentExpression") add(child(node, "left"));
      if (node.type === "UpdateExpression") add(child(node, "argument"));
      const called = /CallExpression$/.test(node.type) ? property(child(node, "callee")!) : null;
      if (called !== null && MUTATORS.has(called.name))
        add(nameOf(called.of) === "Object" ? list(node, "arguments")[0] : called.of);
      return true;
    });
    return [...found];
  }
}

const MEASURES = new Set(["drift", "kpi", "check"]);

function unitsOf(outer: SyntaxNode): Unit[] {
  const statement = outer.type === "ExportNamedDeclaration" ? (child(outer, "declaration") ?? outer) : outer;
  const id = child(statement, "id");
  if (statement.type === "FunctionDeclaration")
    return [{ names: [...patternNames(id)], node: statement, constant: statement }];
  if (statement.type !== "VariableDeclaration")
    return [{ names: [...patternNames(id)], node: statement, constant: null }];
  return list(statement, "declarations").map((node) => ({
    node,
    names: [...patternNames(child(node, "id"))],
    constant: statement.kind === "const" && child(node, "id")?.type === "Identifier" ? child(node, "init") : null,
  }));
}

/** Every key and text of a written object, at any depth; null where something else decides what it says. */
function wordsOf(node: SyntaxNode | undefined): readonly string[] | null {
  if (node === undefined) return null;
  switch (node.type) {
    case "ObjectExpression": {
      const words = list(node, "properties").map((one) => {
        const key = child(one, "key");
        const value = one.type === "ObjectProperty" && one.computed !== true ? child(one, "value") : null;
        const inner = value === null ? null : wordsOf(value);
        return inner === null || key === null ? null : [nameOf(key) ?? String(key.value), ...inner];
      });
      return words.some((one) => one === null) ? null : words.flatMap((one) => one ?? []);
    }
    case "ArrayExpression": {
      const words = list(node, "elements").map(wordsOf);
      return words.some((one) => one === null) ? null : words.flatMap((one) => one ?? []);
    }
    case "StringLiteral":
      return [String(node.value)];
    case "NumericLiteral":
    case "BooleanLiteral":
    case "NullLiteral":
      return [];
    default:
      return null;
  }
}

/** Every node, and those below where the visit says so. */
function each(node: SyntaxNode, visit: (node: SyntaxNode) => boolean): void {
  if (!visit(node)) return;
  for (const inner of runtimeChildren(node)) each(inner, visit);
}
