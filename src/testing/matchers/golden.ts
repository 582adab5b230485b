import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lineDiff } from '../line-diff.ts';
import { type Transcript, type TranscriptLine, parseTranscript } from '../transcript.ts';
import { formatLine, formatTranscript } from '../transcript-format.ts';

/** What a test runner tells a matcher of itself; those of Vitest and of Jest have the same names. */
export interface RunnerState {
  /** Whether the matcher stands under `not`. */
  readonly isNot?: boolean | undefined;
  /** The file of the test. */
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
    : `The conversation is not the one in ${path}; -u writes it there.\n\n${lineDiff(expected, actual)}`;
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
