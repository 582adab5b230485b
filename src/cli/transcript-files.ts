import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Host } from './host.ts';
import { type Subject, relativePath } from './subject.ts';

/**
 * The transcripts that patterns name: a file, a folder with all `.chat` files in and below it, or a pattern with `*`, `**`, `?` and
 * `{a,b}`, for shells that leave it as it is.
 * @throws UsageError `bad_file` for a pattern that names nothing
 */
async function findTranscripts(
  patterns: readonly string[],
  folder: string,
  namedBy = '',
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const paths = await pathsOf(pattern, folder);
    if (paths.length === 0) {
      throw new UsageError('bad_file', `There is no transcript '${pattern}'${namedBy}.`);
    }
    for (const path of paths) found.add(path);
  }
  return [...found];
}

async function pathsOf(pattern: string, folder: string): Promise<readonly string[]> {
  const path = resolve(folder, pattern);
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile()) return [path];
  if (status?.isDirectory()) return filesUnder(path, (name) => name.endsWith('.chat'));
  const place = /[*?{]/u.exec(pattern)?.index;
  if (place === undefined) return [];
  const base = resolve(folder, dirname(`${pattern.slice(0, place)}x`));
  const matcher = matcherOf(resolve(folder, pattern));
  return filesUnder(base, (name) => matcher.test(name));
}

async function filesUnder(
  folder: string,
  isWanted: (path: string) => boolean,
): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) {
        found.push(...(await filesUnder(path, isWanted)));
      }
    } else if (isWanted(path)) found.push(path);
  }
  return found;
}

function matcherOf(pattern: string): RegExp {
  const parts =
    pattern.replaceAll('\\', '/').match(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/gu) ?? [];
  const source = parts.map((part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (!/^\{.*\}$/u.test(part)) return escape(part);
    return `(?:${part.slice(1, -1).split(',').map(escape).join('|')})`;
  });
  return new RegExp(`^${source.join('')}$`, 'u');
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}

/** A transcript, and the dialogue that a comment in it names: `# dialogue: ./survey.ts`. */
export interface TranscriptFile {
  readonly path: string;
  /** As its reader would write it. */
  readonly name: string;
  readonly text: string;
  readonly dialogue: string | undefined;
}

export async function readTranscript(host: Host, path: string): Promise<TranscriptFile> {
  const name = relativePath(host, path);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'There is no' : 'It is not possible to read the';
    throw new UsageError('bad_file', `${problem} transcript '${name}'.`, { cause: error });
  });
  const [, named] = /^# *dialogue: *(\S+) *$/mu.exec(text) ?? [];
  const dialogue = named === undefined ? undefined : resolve(dirname(path), named);
  return { path, name, text, dialogue };
}

/**
 * The transcripts that are meant: those that are named, else those of a config, else all from here.
 * @throws UsageError `bad_file` where there are none
 */
export async function transcriptsOf(
  host: Host,
  patterns: readonly string[],
  { config, folder }: Pick<Subject, 'config' | 'folder'>,
): Promise<readonly string[]> {
  const { transcripts } = config;
  if (patterns.length === 0 && transcripts !== undefined) {
    return findTranscripts(transcripts, folder, `, which \`transcripts\` of the config names`);
  }
  return findTranscripts(patterns.length === 0 ? ['.'] : patterns, host.cwd);
}
