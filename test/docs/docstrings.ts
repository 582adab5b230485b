import { join } from 'node:path';
import ts from 'typescript';
import { root } from './pages.ts';
import { type Surface, resolved } from './surface.ts';

/** Something public that a docstring belongs to. */
export interface Public {
  /** `Turn.outcome`, or the name of an export. */
  readonly name: string;
  /** `src/runner/events.ts:12` */
  readonly at: string;
  readonly isDocumented: boolean;
}

type Member =
  | ts.PropertySignature
  | ts.MethodSignature
  | ts.PropertyDeclaration
  | ts.MethodDeclaration
  | ts.AccessorDeclaration;

/** Where a node stands: what it is named by, and whose docstring speaks for it. */
interface Place {
  readonly path: string;
  readonly owner: ts.Symbol | undefined;
  /** Inside the parameters or the result of a function. */
  readonly isInSignature: boolean;
}

/**
 * Every export of the entries, and every member that a program can meet: of exported interfaces, classes and object types,
 * of the object types inside of them, of what they extend, and of the aliases that they are made of.
 */
export function readPublic({ program, entries }: Surface): readonly Public[] {
  const walk = new Walk(program.getTypeChecker());
  for (const { names } of entries) for (const each of names) walk.export(each);
  return [...walk.found.values()];
}

class Walk {
  readonly found: Map<ts.Node, Public> = new Map();
  readonly #checker: ts.TypeChecker;
  readonly #walked = new Set<ts.Node>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  export(symbol: ts.Symbol): void {
    const [first] = ownDeclarations(symbol);
    if (first === undefined) return;
    this.#note(first, symbol.name, this.#docOf(symbol) !== '');
    this.#walkAll(symbol);
  }

  #walkAll(symbol: ts.Symbol): void {
    for (const declaration of ownDeclarations(symbol)) {
      if (this.#walked.has(declaration) || ts.isTypeParameterDeclaration(declaration)) continue;
      this.#walked.add(declaration);
      const place = { path: symbol.name, owner: symbol, isInSignature: false };
      this.#visitAll(declaration, ts.isFunctionLike(declaration) ? inSignature(place) : place);
    }
  }

  #visitAll(node: ts.Node, place: Place): void {
    for (const child of childrenOf(node)) this.#visit(child, place);
  }

  #visit(node: ts.Node, place: Place): void {
    if (ts.isBlock(node) || isHidden(node)) return;
    if (ts.isUnionTypeNode(node)) this.#refuseComments(node, place);
    const name = nameIn(node);
    const referred = name && this.#checker.getSymbolAtLocation(name);
    if (referred) this.#walkAll(resolved(referred, this.#checker));
    let inner = place;
    if (isMember(node)) {
      const symbol = this.#checker.getSymbolAtLocation(node.name);
      inner = { ...place, path: `${place.path}.${node.name.getText()}` };
      if (!this.found.has(node)) this.#note(node, inner.path, this.#speaksFor(node, symbol, place));
      if (!place.isInSignature) inner = { ...inner, owner: symbol };
    }
    this.#visitAll(node, ts.isFunctionLike(node) ? inSignature(inner) : inner);
  }

  /**
   * A member has a docstring of its own, but for two kinds. What stands inside the parameters or the result of a function
   * may be named by the docstring of the function, as `id` or as `options.id`. And a tag, as `type: 'text'`, says what the
   * docstring of its owner says; that of a union's member without a name says what the member is.
   */
  #speaksFor(node: Member, symbol: ts.Symbol | undefined, place: Place): boolean {
    if (symbol !== undefined && this.#docOf(symbol) !== '') return true;
    const owner = place.owner === undefined ? '' : this.#docOf(place.owner);
    if (place.isInSignature && isNamedBy(owner, node.name.getText())) return true;
    return owner !== '' && isTag(node) && !ts.isUnionTypeNode(node.parent.parent);
  }

  /** No editor shows a docstring at a member of a union: what it says belongs into the docstring of the type. */
  #refuseComments({ types }: ts.UnionTypeNode, { path }: Place): void {
    for (const type of types) {
      const text = type.getFullText().trimStart();
      const name = `a comment on a member of ${path}, which no editor shows`;
      if (text.startsWith('/**')) this.#note(type, name, false);
    }
  }

  #docOf(symbol: ts.Symbol): string {
    const parts = symbol.getDocumentationComment(this.#checker);
    const tags = symbol
      .getJsDocTags(this.#checker)
      .map(({ text }) => ts.displayPartsToString(text));
    return parts.length === 0 ? '' : [ts.displayPartsToString(parts), ...tags].join('\n');
  }

  #note(node: ts.Node, name: string, isDocumented: boolean): void {
    const file = node.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    const path = file.fileName.slice(root.length).replace(/^\//u, '');
    this.found.set(node, { name, at: `${path}:${line + 1}`, isDocumented });
  }
}

function inSignature(place: Place): Place {
  return { ...place, isInSignature: true };
}

/** The children that a user meets: of a value its type, and of a condition not the pattern that it compares with. */
function childrenOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node)) {
    return node.type ? [node.type] : [];
  }
  if (ts.isConditionalTypeNode(node)) return [node.trueType, node.falseType];
  if (ts.isTypeParameterDeclaration(node)) return [];
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  return children;
}

function nameIn(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  return ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
}

function isMember(node: ts.Node): node is Member {
  return (
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isAccessor(node)
  );
}

/** What tells the members of a union apart: one literal, or in the pattern of an event any text. */
function isTag({ name, type }: Member): boolean {
  if (!/^(?:type|kind)$/u.test(name.getText()) || type === undefined) return false;
  return ts.isLiteralTypeNode(type) || type.kind === ts.SyntaxKind.StringKeyword;
}

function isNamedBy(docstring: string, name: string): boolean {
  return new RegExp(`(?:\`|options\\.)${name}\\b`, 'u').test(docstring);
}

function isHidden(node: ts.Node): boolean {
  if (!ts.isClassElement(node)) return false;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return true;
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
}

function ownDeclarations(symbol: ts.Symbol): readonly ts.Declaration[] {
  const sources = join(root, 'src/');
  return (symbol.declarations ?? []).filter((each) =>
    each.getSourceFile().fileName.startsWith(sources),
  );
}
