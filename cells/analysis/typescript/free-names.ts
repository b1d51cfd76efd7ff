import { isFunction, lexicalNames, patternNames, topLevelNames, variableNames, varNames } from "./declared-names.ts";
import { child, isTypeOnly, list, nameOf, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";

/** One use of a name that nothing in the cell binds. */
export interface FreeUse {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly write: boolean;
}

interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | null;
}

/** Every use of a name that the program does not bind itself, in the order of the text. */
export function freeUses(program: SyntaxNode): FreeUse[] {
  const walk = new Walk();
  walk.visit(program, { names: program.type === "Program" ? topLevelNames(program) : new Set(), outer: null });
  return walk.uses.sort((a, b) => a.node.start - b.node.start);
}

type Visit = (walk: Walk, node: SyntaxNode, scope: Scope) => void;

class Walk {
  readonly uses: FreeUse[] = [];

  visit(node: SyntaxNode, scope: Scope): void {
    if (isTypeOnly(node)) return;
    const special = SPECIAL[node.type];
    if (special !== undefined) special(this, node, scope);
    else if (isFunction(node)) this.visitFunction(node, scope);
    else this.visitChildren(node, scope);
  }

  visitChildren(node: SyntaxNode, scope: Scope): void {
    for (const inner of runtimeChildren(node)) this.visit(inner, scope);
  }

  visitAll(nodes: readonly SyntaxNode[], scope: Scope): void {
    for (const node of nodes) this.visit(node, scope);
  }

  visitKey(node: SyntaxNode, scope: Scope): void {
    const key = child(node, "key");
    if (node.computed === true && key !== null) this.visit(key, scope);
  }

  use(node: SyntaxNode, scope: Scope, write: boolean): void {
    const name = String(node.name);
    for (let at: Scope | null = scope; at !== null; at = at.outer) if (at.names.has(name)) return;
    this.uses.push({ name, node, write });
  }

  /** What a pattern reads (defaults, computed keys); with `assigns` also what it writes. */
  visitPattern(pattern: SyntaxNode, scope: Scope, assigns: boolean): void {
    switch (pattern.type) {
      case "Identifier":
        if (assigns) this.use(pattern, scope, true);
        return;
      case "ObjectPattern":
        for (const property of list(pattern, "properties")) {
          this.visitKey(property, scope);
          const target = property.type === "RestElement" ? property : child(property, "value");
          if (target !== null) this.visitPattern(target, scope, assigns);
        }
        return;
      case "ArrayPattern":
        for (const element of list(pattern, "elements")) this.visitPattern(element, scope, assigns);
        return;
      case "AssignmentPattern":
        this.visitPattern(child(pattern, "left")!, scope, assigns);
        return this.visit(child(pattern, "right")!, scope);
      case "RestElement":
        return this.visitPattern(child(pattern, "argument")!, scope, assigns);
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
        return this.visitPattern(child(pattern, "expression")!, scope, assigns);
      case "TSParameterProperty":
        return this.visitPattern(child(pattern, "parameter")!, scope, assigns);
      default:
        return this.visit(pattern, scope);
    }
  }

  visitFunction(node: SyntaxNode, outer: Scope): void {
    this.visitKey(node, outer);
    const params = list(node, "params");
    const names = new Set(params.flatMap((param) => [...patternNames(param)]));
    if (node.type !== "ArrowFunctionExpression") names.add("arguments");
    const own = node.type === "FunctionExpression" ? nameOf(child(node, "id")) : null;
    if (own !== null) names.add(own);
    const scope: Scope = { names, outer };
    for (const param of params) this.visitPattern(param, scope, false);
    const body = child(node, "body");
    if (body === null) return;
    if (body.type !== "BlockStatement") return this.visit(body, scope);
    this.visitAll(list(body, "body"), {
      names: new Set([...varNames(body), ...lexicalNames(list(body, "body"))]),
      outer: scope,
    });
  }

  block(statements: readonly SyntaxNode[], outer: Scope): void {
    this.visitAll(statements, { names: new Set(lexicalNames(statements)), outer });
  }

  /** A loop's own scope holds what its head declares. */
  loop(node: SyntaxNode, outer: Scope): void {
    const head = child(node, "init") ?? child(node, "left");
    const declares = head?.type === "VariableDeclaration" && head.kind !== "var";
    const scope: Scope = { names: new Set(declares ? variableNames(head) : []), outer };
    if (node.type !== "ForStatement" && head !== null && head.type !== "VariableDeclaration") {
      this.visitPattern(head, scope, true);
      for (const inner of runtimeChildren(node)) if (inner !== head) this.visit(inner, scope);
    } else this.visitChildren(node, scope);
  }

  visitClass(node: SyntaxNode, outer: Scope): void {
    const own = nameOf(child(node, "id"));
    const scope: Scope = { names: new Set(own === null ? [] : [own]), outer };
    const parent = child(node, "superClass");
    if (parent !== null) this.visit(parent, scope);
    this.visitAll(list(child(node, "body")!, "body"), scope);
  }
}

const nothing: Visit = () => undefined;
const member: Visit = (walk, node, scope) => {
  walk.visit(child(node, "object")!, scope);
  if (node.computed === true) walk.visit(child(node, "property")!, scope);
};
const keyed: Visit = (walk, node, scope) => {
  walk.visitKey(node, scope);
  const value = child(node, "value");
  if (value !== null) walk.visit(value, scope);
};
const classLike: Visit = (walk, node, scope) => walk.visitClass(node, scope);
const loop: Visit = (walk, node, scope) => walk.loop(node, scope);

/** Nodes whose identifiers do not all mean a read in the scope around. */
const SPECIAL: Readonly<Record<string, Visit>> = {
  Identifier: (walk, node, scope) => walk.use(node, scope, false),
  MemberExpression: member,
  OptionalMemberExpression: member,
  ObjectProperty: keyed,
  ClassProperty: keyed,
  ClassPrivateProperty: keyed,
  ClassAccessorProperty: keyed,
  ClassDeclaration: classLike,
  ClassExpression: classLike,
  ForStatement: loop,
  ForInStatement: loop,
  ForOfStatement: loop,
  MetaProperty: nothing,
  BreakStatement: nothing,
  ContinueStatement: nothing,
  ImportDeclaration: nothing,
  ExportAllDeclaration: nothing,
  LabeledStatement: (walk, node, scope) => walk.visit(child(node, "body")!, scope),
  ExportNamedDeclaration: (walk, node, scope) => {
    const declaration = child(node, "declaration");
    if (declaration !== null) walk.visit(declaration, scope);
  },
  BlockStatement: (walk, node, scope) => walk.block(list(node, "body"), scope),
  StaticBlock: (walk, node, scope) => {
    const names = new Set([...varNames(node), ...lexicalNames(list(node, "body"))]);
    walk.visitAll(list(node, "body"), { names, outer: scope });
  },
  SwitchStatement: (walk, node, scope) => {
    walk.visit(child(node, "discriminant")!, scope);
    const cases = list(node, "cases");
    const names = new Set(lexicalNames(cases.flatMap((one) => list(one, "consequent"))));
    walk.visitAll(cases, { names, outer: scope });
  },
  CatchClause: (walk, node, outer) => {
    const param = child(node, "param");
    const scope: Scope = { names: new Set(patternNames(param)), outer };
    if (param !== null) walk.visitPattern(param, scope, false);
    walk.visit(child(node, "body")!, scope);
  },
  VariableDeclarator: (walk, node, scope) => {
    walk.visitPattern(child(node, "id")!, scope, false);
    const value = child(node, "init");
    if (value !== null) walk.visit(value, scope);
  },
  AssignmentExpression: (walk, node, scope) => {
    const left = child(node, "left")!;
    if (node.operator !== "=" && left.type === "Identifier") walk.visit(left, scope);
    walk.visitPattern(left, scope, true);
    walk.visit(child(node, "right")!, scope);
  },
  UpdateExpression: (walk, node, scope) => {
    const target = child(node, "argument")!;
    if (target.type === "Identifier") walk.visit(target, scope);
    walk.visitPattern(target, scope, true);
  },
};
