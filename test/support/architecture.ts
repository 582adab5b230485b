import { posix } from 'node:path';
import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { PAGE_FOLDERS, type PageFolder } from './page-folders.ts';

export type Rule =
  | 'empty'
  | 'placement'
  | 'name'
  | 'length'
  | 'crowd'
  | 'export-star'
  | 'unresolved'
  | 'arrow'
  | 'layer'
  | 'inside'
  | 'homonym'
  | 'cycle'
  | 'package'
  | 'time';

export interface Violation {
  readonly rule: Rule;
  readonly path: string;
  readonly message: string;
}

/** A reference from one module to another, type-only ones included. */
export interface Import {
  /** The specifier as written, or undefined where it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
}

const MAX_LINES = 300;
/** Folders that hold one story, and the maximum of files directly in them. */
const STORIES = [{ folder: 'src/runner/', maxFiles: 16 }];
const BANNED_NAMES: ReadonlySet<string> = new Set(['types.ts', 'utils.ts']);

/** What any part of the core may import. */
const CORE_PACKAGES: ReadonlySet<string> = new Set(['xstate', 'lru-cache', 'mitt']);

/** What one driver or channel may import: an optional peer, and where it is declared to belong. */
const OWNED_PACKAGES: ReadonlyMap<string, string> = new Map([
  ['elkjs', 'src/graph/'],
  ['expect', 'src/testing/jest.ts'],
  ['libphonenumber-js', 'src/dialogue/parsers/phone.ts'],
  ['lmdb', 'src/persist/lmdb.ts'],
  ['@opentelemetry/api', 'src/otel'],
  ['tsx', 'src/cli/load-module.ts'],
  ['vitest', 'src/testing/vitest.ts'],
]);

function pageOf(path: string): PageFolder | undefined {
  return PAGE_FOLDERS.find(({ folder }) => path.startsWith(folder));
}

/** Imports what the user of the command line names. */
const LOADER = 'src/cli/load-module.ts';

/** The folders of `src/dialogue`, each of which may import those before it; loose files may import all of them. */
const DIALOGUE_LAYERS = ['text', 'parsers', 'engine', 'define'];

/** The only folder that knows the inside of XState. */
const ENGINE = 'src/dialogue/engine/';

/** Names of XState that are no public way to look at a machine, or that an internal way goes through. */
const XSTATE_INSIDE: ReadonlySet<string> = new Set([
  'AnyStateNode',
  'StateNode',
  'TransitionDefinition',
  '__xstatenode',
  '_nodes',
  '_parent',
  '_sendInspectionEvent',
  '_transitions',
  'actionExecutor',
  'getInitialSnapshot',
  'getPersistedSnapshot',
  'getStateNodeById',
  'getTransitionData',
  'historyValue',
  'implementations',
  'resolveState',
]);

/** What of a machine or of a state node only the engine reads. The names of the variables tell which those are. */
const NODE_PROPERTIES: ReadonlySet<string> = new Set([
  'config',
  'initial',
  'invoke',
  'root',
  'states',
  'transitions',
]);
const NODE_NAMES = /(?:^|\.)(?:(?:\w*M|m)achine|(?:\w*S|s)tateNode)$/u;

/** What everything that a developer imports by name may import. */
const LIBRARY = [
  'foundation',
  'dialogue',
  'persist',
  'drivers',
  'channels',
  'context',
  'runner',
  'model',
  'takeover',
  'surface',
];

/** A part of the library, and the parts it may import beside itself. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  foundation: [],
  dialogue: ['foundation'],
  persist: ['foundation'],
  // A concrete persister. Only what the developer imports by name may bring one in.
  drivers: ['foundation', 'persist'],
  channels: ['foundation'],
  context: ['foundation', 'dialogue', 'persist'],
  runner: ['foundation', 'dialogue', 'persist', 'context'],
  otel: ['foundation', 'runner'],
  model: ['foundation', 'dialogue'],
  takeover: ['foundation', 'dialogue'],
  surface: ['foundation', 'dialogue', 'persist', 'context', 'runner'],
  testing: LIBRARY,
  // Draws charts: what the command line and Studio share.
  graph: ['foundation', 'dialogue', 'testing'],
  studio: [...LIBRARY, 'testing', 'graph'],
  cli: [...LIBRARY, 'testing', 'graph', 'studio'],
};

const FOUNDATION_FILES: ReadonlySet<string> = new Set([
  'src/message.ts',
  'src/draft.ts',
  'src/message-check.ts',
  'src/reply.ts',
  'src/reply-check.ts',
  'src/openid.ts',
  'src/format.ts',
  'src/errors.ts',
  'src/clock.ts',
]);
/** The port, and what the store itself puts around a persister. */
const PERSIST_FILES: ReadonlySet<string> = new Set(['src/persist/persister.ts']);
const FOLDERS = [
  'dialogue',
  'channels',
  'context',
  'runner',
  'model',
  'takeover',
  'testing',
  'graph',
  'studio',
  'cli',
] as const;

const SURFACE_FILES: ReadonlySet<string> = new Set([
  'src/index.ts',
  'src/check-records.ts',
  'src/parsers.ts',
]);

function partOf(path: string): string | undefined {
  if (SURFACE_FILES.has(path)) return 'surface';
  if (path === 'src/otel.ts' || path.startsWith('src/otel/')) return 'otel';
  if (FOUNDATION_FILES.has(path) || path.startsWith('src/internal/')) return 'foundation';
  if (PERSIST_FILES.has(path)) return 'persist';
  if (path.startsWith('src/persist/')) return 'drivers';
  return FOLDERS.find((folder) => path.startsWith(`src/${folder}/`));
}

function mayReadTheTime(path: string): boolean {
  // A browser has a clock of its own.
  return path === 'src/clock.ts' || path.startsWith('src/internal/') || pageOf(path) !== undefined;
}

/**
 * Everything in which a set of source files departs from the layout. It is a function of the text alone, so a test can
 * show it each kind of offence.
 *
 * @param files the path from the root of the repository (`src/runner/turn.ts`), and the text
 */
export function findViolations(files: ReadonlyMap<string, string>): Violation[] {
  if (files.size === 0) {
    return [{ rule: 'empty', path: 'src', message: 'no source file was found' }];
  }
  const found: Violation[] = [];
  const graph = new Map<string, readonly string[]>();
  const declaredIn = new Map<string, string>();
  for (const [path, text] of files) {
    const source = parse(path, text);
    const report = (rule: Rule, message: string): void => void found.push({ rule, path, message });
    checkFile(path, text, source, report);
    for (const name of new Set(exportedDeclarations(source))) {
      const other = declaredIn.get(name);
      if (other === undefined) declaredIn.set(name, path);
      else if (!areAdapters(path, other))
        report('homonym', `${other} exports another '${name}'; one name has one meaning`);
    }
    const targets: string[] = [];
    for (const { specifier, line } of importsIn(source)) {
      const at = `line ${line}`;
      if (specifier === undefined) {
        if (path === LOADER) continue;
        report('unresolved', `${at}: the path of an import is computed, so it cannot be checked`);
      } else if (!specifier.startsWith('.')) {
        checkPackage(path, specifier, at, report);
      } else {
        const target = posix.join(posix.dirname(path), specifier);
        if (files.has(target)) {
          targets.push(target);
          checkArrow(path, target, at, report);
        } else {
          report('unresolved', `${at}: there is no ${target}`);
        }
      }
    }
    graph.set(path, targets);
  }
  for (const { folder, maxFiles } of STORIES) {
    const inside = [...files.keys()].filter((path) => `${posix.dirname(path)}/` === folder);
    if (inside.length <= maxFiles) continue;
    const message = `${inside.length} files; the limit is ${maxFiles}: give a family a folder`;
    found.push({ rule: 'crowd', path: folder, message });
  }
  for (const cycle of findCycles(graph)) {
    const [path = ''] = cycle;
    found.push({ rule: 'cycle', path, message: [...cycle, path].join(' → ') });
  }
  return found;
}

type Report = (rule: Rule, message: string) => void;

function checkFile(path: string, text: string, source: ts.SourceFile, report: Report): void {
  if (partOf(path) === undefined) report('placement', 'the layout has no place for this file');
  const name = posix.basename(path);
  if (BANNED_NAMES.has(name)) report('name', `${name}: a type or helper lives with its owner`);
  const lines = text.replace(/\n$/, '').split('\n').length;
  if (lines > MAX_LINES) report('length', `${lines} lines; the limit is ${MAX_LINES}`);
  visit(source, (node) => {
    if (ts.isExportDeclaration(node) && (!node.exportClause || isNamespaceExport(node))) {
      report('export-star', `line ${lineOf(source, node)}: name what is exported`);
    }
    const inside = path.startsWith(ENGINE) ? undefined : insideOfXState(node);
    if (inside !== undefined) {
      report('inside', `line ${lineOf(source, node)}: only ${ENGINE} knows ${inside} of XState`);
    }
    if (!mayReadTheTime(path) && readsTheTime(node)) {
      report('time', `line ${lineOf(source, node)}: take the time from the clock`);
    }
  });
}

/** What a node of the syntax names of the inside of XState; undefined for anything else. */
function insideOfXState(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) || ts.isStringLiteral(node)) {
    return XSTATE_INSIDE.has(node.text) ? node.text : undefined;
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const isInside =
    NODE_PROPERTIES.has(node.name.text) && NODE_NAMES.test(node.expression.getText());
  return isInside ? node.getText() : undefined;
}

/** Adapters of one port have the same parts, and never see one another. */
const ADAPTER = /^src\/(?:channels|persist)\/[^/]+\//u;

function areAdapters(a: string, b: string): boolean {
  const [[one], [other]] = [ADAPTER.exec(a) ?? [], ADAPTER.exec(b) ?? []];
  return one !== undefined && other !== undefined && one !== other;
}

/** The names under which a file exports what it declares itself. */
function exportedDeclarations(source: ts.SourceFile): string[] {
  const imported = new Set<string>();
  visit(source, (node) => {
    if (ts.isImportSpecifier(node)) imported.add(node.name.text);
  });
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.moduleSpecifier ? undefined : statement.exportClause;
      if (clause === undefined || !ts.isNamedExports(clause)) return [];
      const own = clause.elements.filter(
        ({ name, propertyName = name }) => !imported.has(propertyName.text),
      );
      return own.map(({ name }) => name.text);
    }
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (isExported !== true) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
    }
    const { name } = statement as ts.Statement & { readonly name?: ts.Node };
    return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
  });
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((each) => (ts.isOmittedExpression(each) ? [] : namesIn(each.name)));
}

function isNamespaceExport(node: ts.ExportDeclaration): boolean {
  return node.exportClause !== undefined && ts.isNamespaceExport(node.exportClause);
}

/** `new Date()` and `Date()`: what the linter, which bans `Date.now`, cannot name. */
function readsTheTime(node: ts.Node): boolean {
  const isDate = (expression: ts.Expression): boolean =>
    ts.isIdentifier(expression) && expression.text === 'Date';
  if (ts.isNewExpression(node)) return isDate(node.expression) && !node.arguments?.length;
  return ts.isCallExpression(node) && isDate(node.expression);
}

function checkPackage(path: string, specifier: string, at: string, report: Report): void {
  const page = pageOf(path);
  if (page !== undefined) {
    if (page.packages.includes(specifier)) return;
    return report('package', `${at}: ${page.folder} takes no ${specifier} into a browser`);
  }
  if (specifier.startsWith('node:') && isBuiltin(specifier)) return;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const owner = OWNED_PACKAGES.get(name);
  if (CORE_PACKAGES.has(name) || (owner !== undefined && path.startsWith(owner))) return;
  report(
    'package',
    `${at}: ${owner === undefined ? `${specifier} is not a dependency of this library` : `${name} belongs to ${owner}`}`,
  );
}

function checkArrow(path: string, target: string, at: string, report: Report): void {
  const from = partOf(path);
  const to = partOf(target);
  // A file without a place is reported for that; where it may point to is not known.
  if (from === 'dialogue' && to === 'dialogue') checkLayer(path, target, at, report);
  checkPage(path, target, at, report);
  if (from === undefined || to === undefined || from === to) return;
  if (PARTS[from]?.includes(to)) return;
  report('arrow', `${at}: ${from} must not import ${to} (${target})`);
}

function checkPage(path: string, target: string, at: string, report: Report): void {
  const [page, other] = [pageOf(path), pageOf(target)];
  if (page === other || page?.files.has(target) === true) return;
  const { folder } = page ?? other ?? { folder: '' };
  report('arrow', `${at}: ${folder} runs in a browser (${path} → ${target})`);
}

function checkLayer(path: string, target: string, at: string, report: Report): void {
  const [from, to] = [path, target].map((each) => {
    const index = DIALOGUE_LAYERS.indexOf(each.split('/')[2] ?? '');
    return index < 0 ? DIALOGUE_LAYERS.length : index;
  }) as [number, number];
  if (from >= to) return;
  report('layer', `${at}: ${posix.dirname(path)} must not import ${target}`);
}

/** Every module that a text refers to: imports, re-exports, `import()`, `require()`, import types. */
export function importsOf(path: string, text: string): Import[] {
  return importsIn(parse(path, text));
}

function importsIn(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, expression: ts.Node | undefined): void => {
    const specifier =
      expression !== undefined && ts.isStringLiteralLike(expression) ? expression.text : undefined;
    found.push({ specifier, line: lineOf(source, node) });
  };
  for (const { fileName } of [...source.referencedFiles, ...source.typeReferenceDirectives]) {
    found.push({ specifier: fileName, line: 1 });
  }
  visit(source, (node) => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node, node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node, node.expression);
    else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    } else if (ts.isCallExpression(node) && isLoad(node.expression)) add(node, node.arguments[0]);
    else if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) add(node, node.name);
  });
  return found;
}

function isLoad(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === 'require')
  );
}

/** One cycle for each knot of files that can reach one another. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push(trail.slice(start));
      return;
    }
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
