import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Entry {
  /** `colloquy/testing` */
  readonly specifier: string;
  readonly names: readonly ts.Symbol[];
}

export interface Surface {
  readonly program: ts.Program;
  readonly entries: readonly Entry[];
}

/** What the entries export, with the types of the compiler. */
export function readSurface(sources: Readonly<Record<string, string>>): Surface {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
    readonly config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const paths = Object.values(sources).map((path) => join(root, path));
  const program = ts.createProgram(paths, options);
  const checker = program.getTypeChecker();
  const entries = Object.entries(sources).map(([name, path]) => {
    const file = program.getSourceFile(join(root, path));
    const module = file && checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${path} is no module.`);
    const names = checker.getExportsOfModule(module).map((each) => resolved(each, checker));
    return { specifier: name === 'index' ? 'colloquy' : `colloquy/${name}`, names };
  });
  return { program, entries };
}

/** The types of ours that an exported signature names and no entry exports, each with one signature that names it. */
export function findUnnamed({ program, entries }: Surface): ReadonlyMap<string, string> {
  const checker = program.getTypeChecker();
  const exported = new Set(entries.flatMap(({ names }) => names));
  const unnamed = new Map<string, string>();
  const walked = new Set<ts.Symbol>();
  const walk = (symbol: ts.Symbol, via: string): void => {
    if (walked.has(symbol)) return;
    walked.add(symbol);
    for (const declaration of symbol.declarations ?? []) {
      for (const part of signatureOf(declaration)) visit(part, via);
    }
  };
  const visit = (node: ts.Node, via: string): void => {
    // What is private is in no signature.
    if (ts.isPropertyDeclaration(node) && ts.isPrivateIdentifier(node.name)) return;
    if (ts.isMethodDeclaration(node) && ts.isPrivateIdentifier(node.name)) return;
    if (ts.isBlock(node)) return;
    const name = nameIn(node);
    const found = name && checker.getSymbolAtLocation(name);
    if (found !== undefined) note(resolved(found, checker), via, ts.isHeritageClause(node.parent));
    ts.forEachChild(node, (child) => visit(child, via));
  };
  // A base is seen through what extends it.
  const note = (symbol: ts.Symbol, via: string, isBase: boolean): void => {
    const [declaration] = symbol.declarations ?? [];
    if (
      declaration === undefined ||
      !isOurs(declaration) ||
      ts.isTypeParameterDeclaration(declaration)
    )
      return;
    if (!exported.has(symbol) && !isBase && isNameable(declaration)) unnamed.set(symbol.name, via);
    walk(symbol, `${via} > ${symbol.name}`);
  };
  for (const { specifier, names } of entries) {
    for (const symbol of names) walk(symbol, `${specifier} ${symbol.name}`);
  }
  return unnamed;
}

export function resolved(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The parts of a declaration that its users see. */
function signatureOf(declaration: ts.Declaration): readonly ts.Node[] {
  if (ts.isFunctionDeclaration(declaration)) {
    const { typeParameters = [], parameters, type } = declaration;
    const types = parameters.flatMap((each) => each.type ?? []);
    return [...typeParameters, ...types, ...(type ? [type] : [])];
  }
  if (ts.isVariableDeclaration(declaration)) return declaration.type ? [declaration.type] : [];
  return [declaration];
}

function nameIn(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  return ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
}

function isOurs(node: ts.Node): boolean {
  return node.getSourceFile().fileName.startsWith(join(root, 'src/'));
}

/** What a user would annotate with. An alias with parameters computes a type, and the compiler alone reads it. */
function isNameable(declaration: ts.Declaration): boolean {
  if (ts.isTypeAliasDeclaration(declaration)) return declaration.typeParameters === undefined;
  return ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration);
}
