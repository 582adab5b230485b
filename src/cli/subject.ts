import { stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { isMachine } from '../dialogue/engine/machine-walk.ts';
import { checkDialogue } from '../dialogue/engine/validate.ts';
import { ColloquyError, UsageError } from '../errors.ts';
import { type Config, defineConfig, isConfig } from './config.ts';
import type { Host } from './host.ts';

/** What a command is about: a dialogue, where it comes from, and what is to be known of it. */
export interface Subject {
  readonly dialogue: AnyStateMachine;
  /** Of the dialogue, or of the config that has it. */
  readonly path: string;
  /** Of the config; undefined where there is none. */
  readonly configPath: string | undefined;
  readonly config: Config;
  /** What paths in the config are relative to. */
  readonly folder: string;
}

interface FoundConfig {
  readonly config: Config;
  readonly path: string | undefined;
  readonly folder: string;
}

const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs'].map((ending) => `colloquy.config.${ending}`);

/**
 * The dialogue in a file, or that of a config: the file may be either; without one, the config by the current folder says.
 * @param options.config the path of a config, instead of the one that is nearest to the dialogue
 * @throws UsageError `bad_file`, `bad_config`, `no_loader`, `bad_dialogue`, each in one line
 */
export async function openSubject(
  host: Host,
  file: string | undefined,
  options: {
    readonly config?: string | undefined;
    /** Where the search for a config begins, where no file is named. Default: the current folder. */
    readonly from?: string;
  } = {},
): Promise<Subject> {
  const path = file === undefined ? undefined : resolve(host.cwd, file);
  const exported = path === undefined ? undefined : await defaultExport(host, path);
  if (path !== undefined && isConfig(exported)) {
    return ofConfig(host, { config: defineConfig(exported), path, folder: dirname(path) });
  }
  const from = path === undefined ? options.from : dirname(path);
  const found = await openConfig(host, options.config, from);
  if (path === undefined) return ofConfig(host, found);
  const configPath = found.path;
  return { ...found, configPath, dialogue: asDialogue(exported, relativePath(host, path)), path };
}

/** The config that is named, or the nearest one; an empty one where there is none. */
export async function openConfig(
  host: Host,
  named: string | undefined,
  from: string = host.cwd,
): Promise<FoundConfig> {
  return named === undefined
    ? nearestConfig(host, from)
    : readConfig(host, resolve(host.cwd, named));
}

async function ofConfig(host: Host, found: FoundConfig): Promise<Subject> {
  const { dialogue } = found.config;
  if (found.path === undefined || dialogue === undefined) {
    throw new UsageError(
      'bad_arguments',
      'Which dialogue? Name its file, or set `dialogue` in a colloquy.config.ts.',
    );
  }
  if (typeof dialogue !== 'string') {
    const name = `the \`dialogue\` of ${relativePath(host, found.path)}`;
    const { path } = found;
    return { ...found, configPath: path, dialogue: asDialogue(dialogue, name), path };
  }
  const path = resolve(found.folder, dialogue);
  const exported = await defaultExport(host, path);
  const configPath = found.path;
  return { ...found, configPath, dialogue: asDialogue(exported, relativePath(host, path)), path };
}

/** From a folder up to the one that has the `package.json`. */
async function nearestConfig(host: Host, from: string): Promise<FoundConfig> {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of CONFIG_NAMES) {
      const path = join(folder, name);
      if (await isFile(path)) return readConfig(host, path);
    }
    if ((await isFile(join(folder, 'package.json'))) || dirname(folder) === folder) {
      return { config: {}, path: undefined, folder: from };
    }
  }
}

async function readConfig(host: Host, path: string): Promise<FoundConfig> {
  const exported = await defaultExport(host, path);
  try {
    return { config: defineConfig(exported as Config), path, folder: dirname(path) };
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError('bad_config', `${relativePath(host, path)}: ${message}`, { cause: error });
  }
}

async function defaultExport(host: Host, path: string): Promise<unknown> {
  const name = relativePath(host, path);
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) throw new UsageError('bad_file', `There is no file '${name}'.`);
  if (!status.isFile() || !/\.[cm]?[jt]sx?$/u.test(path)) {
    throw new UsageError(
      'bad_file',
      `'${name}' is ${status.isFile() ? 'no module' : 'no file'}: a dialogue is the default export of a .ts or .js file.`,
    );
  }
  let module: { readonly default?: unknown };
  try {
    module = (await host.load(path)) as typeof module;
  } catch (error) {
    if (ColloquyError.is(error, 'no_loader')) throw error;
    throw new UsageError('bad_file', problemOf(host, name, error), { cause: error });
  }
  // CommonJS that was made of a module stands whole under `default`.
  const inner = module.default as { readonly __esModule?: true; readonly default?: unknown } | null;
  const exported = inner?.__esModule ? inner.default : module.default;
  if (exported !== undefined) return exported;
  throw new UsageError(
    'bad_file',
    `'${name}' has no default export: a dialogue is exported as \`export default …\`.`,
  );
}

function asDialogue(exported: unknown, name: string): AnyStateMachine {
  if (!isMachine(exported)) {
    const kind =
      typeof exported === 'object' ? 'an object of another kind' : `a ${typeof exported}`;
    throw new UsageError(
      'bad_file',
      `The default export of '${name}' is ${exported === null ? 'null' : kind}, and no dialogue: make it with setupDialogue(), or with XState's setup().`,
    );
  }
  checkDialogue(exported);
  return exported;
}

/** One line of what a module did not load for. */
function problemOf(host: Host, name: string, error: unknown): string {
  const { message = String(error), name: kind = 'Error', stack = '' } = error as Partial<Error>;
  const [parse] = (error as { errors?: { text: string; location?: FileExport }[] }).errors ?? [];
  if (parse !== undefined) {
    const { file = name, line = 0, column = 0 } = parse.location ?? {};
    return `'${relativePath(host, resolve(file))}' does not parse, at ${line}:${column + 1}: ${parse.text}.`;
  }
  const text = message.split('\n', 1)[0]?.trim() ?? '';
  if (kind === 'SyntaxError' || /TransformError|Transform failed/u.test(`${kind} ${message}`)) {
    const place = /^(\S+):(\d+):(\d+): ERROR: (.+)$/mu.exec(message);
    if (place !== null) {
      const [, file = name, line, column, what] = place;
      return `'${relativePath(host, resolve(file))}' does not parse, at ${line}:${Number(column) + 1}: ${what}.`;
    }
    const at = /^(?:file:\/\/)?(\/[^\n:]+):(\d+)$/mu.exec(stack);
    const where = at === null ? '' : `, at line ${at[2]}`;
    return `'${at?.[1] === undefined ? name : relativePath(host, at[1])}' does not parse${where}: ${text}.`;
  }
  const place = placeOf(host, stack);
  return `'${name}' does not load: ${kind === 'Error' ? '' : `${kind}: `}${text}${place}`;
}

interface FileExport {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where it was thrown, where that is a file of theirs. */
function placeOf(host: Host, stack: string): string {
  const frames = stack.split('\n').filter((frame) => !/node_modules|node:/u.test(frame));
  const [, address, line] =
    /\(?((?:file:\/\/|\/).*?):(\d+):\d+\)?$/mu.exec(frames.join('\n')) ?? [];
  if (address === undefined) return '';
  const path = address.startsWith('file:') ? fileURLToPath(address.replace(/\?.*$/u, '')) : address;
  return ` (${relativePath(host, path)}:${line})`;
}

/** A path as its reader would write it. */
export function relativePath({ cwd }: Pick<Host, 'cwd'>, path: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') ? path : near;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}
