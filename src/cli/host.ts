import type { StyledLine } from '../testing/styled-line.ts';
import { type Paint, colored, unpainted } from '../channels/terminal/paint.ts';
import type { FreshModules } from './fresh-modules.ts';

/** What a command has of the process that it runs in: all that it reads, prints and loads goes through here. */
export interface Host {
  /** What paths on the command line are relative to. */
  readonly cwd: string;
  /** `NO_COLOR`, `FORCE_COLOR` and `GITHUB_WORKSPACE` are read of it. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** What was asked for, and nothing else. */
  readonly stdout: TextOutput;
  /** Progress and complaints. */
  readonly stderr: TextOutput;
  /** Imports a file, TypeScript included. @throws what the file throws */
  load(path: string): Promise<unknown>;
  /** Resolves when the program is to end, for Ctrl-C or SIGTERM. Until this is called, those end it at once. */
  stopped(): Promise<void>;
  /** Loads files again and again, as they are then. Absent: each is loaded once. */
  readonly fresh?: () => FreshModules;
  /** Runs this program once more in a new process. @returns its exit code */
  again(args: readonly string[]): Promise<number>;
}

export type TextOutput = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
};

/** The colours of an output: those of a terminal, unless `NO_COLOR` or `FORCE_COLOR` says otherwise (https://no-color.org). */
export function paintFor({ env = {} }: Host, output: TextOutput): Paint {
  const { NO_COLOR: no = '', FORCE_COLOR: force } = env;
  const isAble = no === '' && output.isTTY === true && output.hasColors?.() !== false;
  const isColored = force === undefined ? isAble : force !== '0' && force !== 'false';
  return isColored ? colored : unpainted;
}

/** Prints a report in the colours of its output. */
export function printLines(host: Host, lines: readonly StyledLine[]): void {
  const paint = paintFor(host, host.stdout);
  const painted = lines
    .flatMap(({ text, style }) => text.split('\n').map((line) => ({ line, style })))
    .map(({ line, style }) => (style === undefined || line === '' ? line : paint(style, line)));
  print(host, painted.join('\n'));
}

export function print(host: Host, text: string): void {
  host.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(host: Host, value: unknown): void {
  host.stdout.write(`${JSON.stringify(value, undefined, host.stdout.isTTY === true ? 2 : 0)}\n`);
}

export function complain(host: Host, text: string): void {
  host.stderr.write(`${paintFor(host, host.stderr)('bad', 'colloquy:')} ${text}\n`);
}
