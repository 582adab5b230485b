import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type Transcript,
  type TranscriptLine,
  formatLine,
  formatTranscript,
  parseTranscript,
} from '../transcript.ts';

/** What a test runner tells a matcher of itself; those of Vitest and of Jest have the same names. */
export interface RunnerState {
  readonly isNot?: boolean | undefined;
  readonly testPath?: string | undefined;
  /** Whether snapshots are written: `all` under `-u`, `new` where there is none, `none` in CI. */
  readonly snapshotState?: unknown;
}

export interface Golden {
  readonly pass: boolean;
  readonly path: string;
  readonly problem: string;
}

/**
 * Compares a conversation with a file. Comments, empty lines and states in the file are for its readers: they cannot be
 * compared with what is over.
 */
export function compareWithFile(
  transcript: Transcript,
  file: string,
  { testPath, snapshotState }: RunnerState,
): Golden {
  const path = resolve(testPath === undefined ? '.' : dirname(testPath), file);
  const { _updateSnapshot: mode } = (snapshotState ?? {}) as { readonly _updateSnapshot?: unknown };
  const exists = existsSync(path);
  if (!exists && mode === 'none') {
    return { pass: false, path, problem: `There is no ${path}, and none is written here.` };
  }
  const expected = exists ? linesOf(parseTranscript(readFileSync(path, 'utf8'))) : [];
  const actual = linesOf(transcript);
  const same = exists && expected.join('\n') === actual.join('\n');
  if (!same && (mode === 'all' || !exists)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, formatTranscript(transcript));
    return { pass: true, path, problem: '' };
  }
  const problem = same
    ? ''
    : `The conversation is not the one in ${path}; -u writes it there.\n\n${diffOf(expected, actual)}`;
  return { pass: same, path, problem };
}

/** What stands in a file and does not happen in a conversation. */
const SILENT: ReadonlySet<TranscriptLine['kind']> = new Set([
  'comment',
  'blank',
  'state',
  'service',
  'deadline',
]);

function linesOf(transcript: Transcript): string[] {
  return transcript
    .filter(({ kind }) => !SILENT.has(kind))
    .flatMap((line) => formatLine(line).split('\n'));
}

/** The maximum of lines that are compared; the work grows with the square of it. */
const MAX_COMPARED = 1500;

/** Both, line by line: `-` before what is in one only, `+` before what is in the other. */
function diffOf(before: readonly string[], after: readonly string[]): string {
  const a = before.slice(0, MAX_COMPARED);
  const b = after.slice(0, MAX_COMPARED);
  // common[i][j]: how many lines a[i…] and b[j…] have in common, in order.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = common[i] as Uint16Array;
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i]}`);
      i += 1;
      j += 1;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${a[i]}`);
      i += 1;
    } else {
      lines.push(`+ ${b[j]}`);
      j += 1;
    }
  }
  return lines.join('\n');
}
