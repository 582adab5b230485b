import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { type Drawings, drawingsOf } from '../../graph/drawings.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { utf8Size } from '../../internal/utf8-size.ts';
import { warn } from '../../internal/warn.ts';
import { insideOf } from '../../runner/reporting/inside.ts';
import type { Runner } from '../../runner/runner.ts';
import { NOTHING_HIDDEN, hidingRedaction } from '../observe/redaction.ts';
import { RunnerWatch } from '../observe/runner-watch.ts';
import { type RingOptions, TurnRing, checkRingOptions } from '../observe/turn-ring.ts';
import { helloOf } from '../observe/watched-dialogue.ts';
import type { RecordedEvent } from './recording-lines.ts';
import { recordingOf } from '../server/backlog-recording.ts';
import type { StudioEvent } from '../server/desk.ts';
import { wireJson } from '../server/wire-json.ts';

/** Options of `recordConversations()`: the file, what it says, and how much it holds. */
export interface RecordingOptions extends RingOptions {
  /** Its name ends in `.colloquy.json`. */
  readonly file: string;
  /** As of `createInspector()`. Default true. Over a store with encrypted records (`sealed`) it cannot be false. */
  readonly redact?: boolean | undefined;
}

const KEYS = keyTable(
  'file redact maxTurns maxBytes maxConversations',
) satisfies KeysOf<RecordingOptions>;

/** Writes down what a runner does. */
export interface ConversationRecorder {
  /** The file, as the options name it. */
  readonly file: string;
  /** Ends the recording. The runner continues. */
  close(): void;
}

/** The share of the file that is kept when it is full. */
const KEPT_PART = 0.5;
const MAX_BYTES = 33_554_432;

/**
 * Writes the turns of a runner into a file that the page of Studio opens, without the program that made it. Each turn is written
 * as it ends, as one line, so that a process that is killed leaves all that it has done. A file that is full is written again
 * with the newer half of its turns, beside the old one, and then takes its place. What a former process recorded under the
 * same name is kept as `<name>.before.colloquy.json`.
 *
 * A fault of the disk ends the recording with a warning: the conversations continue.
 * @example
 * const recorder = recordConversations(runner, { file: 'bot.colloquy.json' });
 * await runner.handle('ann', 'hi');
 * recorder.close();
 * @throws UsageError `bad_option`; what the file system throws if the file cannot be written
 */
export function recordConversations(
  runner: Runner,
  options: RecordingOptions,
): ConversationRecorder {
  checkOptions('recordConversations()', options, KEYS);
  checkRingOptions(options);
  const { file, redact = true } = options;
  if (typeof file !== 'string' || !file.endsWith(SUFFIX)) {
    throw new UsageError('bad_option', `\`file\` of recordConversations() ends in ${SUFFIX}.`);
  }
  const inside = insideOf(runner);
  if (!redact && inside.core.isEncrypted) {
    throw new UsageError(
      'bad_option',
      'The records of this store are encrypted, and a recording is a file that everyone who has it can read: it has no texts and no contexts. Leave `redact` out.',
    );
  }
  const redaction = redact ? hidingRedaction() : NOTHING_HIDDEN;
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const ring = new TurnRing({ ...options, maxBytes: Math.floor(maxBytes * KEPT_PART) });
  const watch = new RunnerWatch(runner, { redaction, ring });
  const { isRedacted } = redaction;
  const whole = (drawings: Drawings): string => {
    const hello = helloOf(inside, { kind: 'recording', powers: [], isRedacted }, drawings);
    const events: StudioEvent[] = [{ name: 'hello', data: hello }, ...watch.backlog()];
    return wireJson(recordingOf(events, inside.core.clock.now()));
  };
  const recording = openFile({ file, maxBytes, whole, onFault: () => watch.close() });
  watch.subscribe((event) => recording.add(event));
  void drawingsOf(inside.engine.dialogue).then((drawings) => recording.draw(drawings));
  return {
    file,
    close() {
      watch.close();
      recording.close();
    },
  };
}

const SUFFIX = '.colloquy.json';

/** The events that are a line each. A draft is nothing that lasts. */
const RECORDED: ReadonlySet<string> = new Set<RecordedEvent['name']>([
  'turn',
  'model',
  'conversation',
  'gone',
]);

interface RecordingFileOptions {
  readonly file: string;
  readonly maxBytes: number;
  /** All of the recording, as one line. */
  readonly whole: (drawings: Drawings) => string;
  readonly onFault: () => void;
}

/** @throws what the file system throws; then nothing is watched */
function openFile(options: RecordingFileOptions): RecordingFile {
  try {
    return new RecordingFile(options);
  } catch (error) {
    options.onFault();
    throw error;
  }
}

/** A file of lines: the first one is a recording, and the others are what happened after it. */
class RecordingFile {
  readonly #options: RecordingFileOptions;
  #drawings: Drawings = {
    charts: [],
    noCharts: 'The process ended before its charts were laid out.',
  };
  #descriptor: number | undefined;
  #bytes = 0;

  constructor(options: RecordingFileOptions) {
    this.#options = options;
    const { file } = options;
    if (existsSync(file)) renameSync(file, `${file.slice(0, -SUFFIX.length)}.before${SUFFIX}`);
    this.#writeAll();
  }

  add(event: StudioEvent): void {
    if (!RECORDED.has(event.name)) return;
    this.#attempt(() => {
      this.#write(`${wireJson(event)}\n`);
      if (this.#bytes > this.#options.maxBytes) this.#writeAll();
    });
  }

  draw(drawings: Drawings): void {
    this.#drawings = drawings;
    this.#attempt(() => this.#writeAll());
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** A process that is killed while it writes leaves the file as it was. */
  #writeAll(): void {
    const { file, whole } = this.#options;
    const next = `${file}.next`;
    const before = this.#descriptor;
    this.#descriptor = openSync(next, 'w', 0o600);
    this.#bytes = 0;
    this.#write(`${whole(this.#drawings)}\n`);
    renameSync(next, file);
    if (before !== undefined) closeSync(before);
  }

  #write(text: string): void {
    if (this.#descriptor === undefined) return;
    writeSync(this.#descriptor, text);
    this.#bytes += utf8Size(text);
  }

  #attempt(work: () => void): void {
    if (this.#descriptor === undefined) return;
    try {
      work();
    } catch {
      this.close();
      this.#options.onFault();
      warn(
        'recording_ended',
        `The recording in ${this.#options.file} ended: it cannot be written.`,
      );
    }
  }
}
