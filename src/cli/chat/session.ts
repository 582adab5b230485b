import type { AnyStateMachine } from 'xstate';
import { type ForwardClock, createForwardClock } from '../../channels/terminal/forward-clock.ts';
import { type ContextStore, createContextStore } from '../../context/store.ts';
import type { Clock } from '../../clock.ts';
import type { Message } from '../../message.ts';
import { type Disk, createDisk, memory } from '../../persist/memory.ts';
import type { LoadedRecord } from '../../persist/persister.ts';
import type { Turn } from '../../runner/events.ts';
import type { Conversation } from '../../context/record/inspect.ts';
import type { RunnerOptions } from '../../runner/options.ts';
import { type Runner, createRunner } from '../../runner/runner.ts';
import type { Transcript, TranscriptLine } from '../../testing/transcript.ts';
import { type Recording, recordTranscript } from '../../testing/transcript-record.ts';

/** The maximum of messages that can be taken back. */
const MAX_BACK = 100;

type Listener = (event: never) => unknown;
type Listening = readonly [name: 'reply' | 'error', listener: Listener];

/** What there was before a message. */
interface Undo {
  readonly record: LoadedRecord | undefined;
  readonly at: number;
  readonly lines: Transcript;
}

/** A store and a runner over it, until something is taken back. */
interface RunningChat {
  readonly store: ContextStore;
  readonly runner: Runner;
  readonly recording: Recording;
  readonly clock: ForwardClock;
  readonly disk: Disk;
  readonly offs: (() => void)[];
}

/**
 * One user who talks with a dialogue, and may take back what was said: the record as it was before a message is put
 * onto a fresh store, whose clock begins at that moment. What a service has done in the world stays done.
 */
export class ChatSession {
  readonly openid = 'you';
  readonly #dialogue: AnyStateMachine;
  readonly #options: Omit<RunnerOptions, 'store'>;
  readonly #clock: Clock | undefined;
  readonly #listeners: Listening[] = [];
  readonly #back: Undo[] = [];
  /** What was said before the current recording began. */
  #before: Transcript = [];
  #live: RunningChat;

  /** @param clock what its time goes with; default the clock on the wall */
  constructor(dialogue: AnyStateMachine, options: Omit<RunnerOptions, 'store'>, clock?: Clock) {
    this.#dialogue = dialogue;
    this.#options = options;
    this.#clock = clock;
    this.#live = this.#start(createDisk(), createForwardClock(clock));
  }

  /** The clock of the conversation that runs now. */
  get clock(): ForwardClock {
    return {
      now: () => this.#live.clock.now(),
      wake: (at, callback, options) => this.#live.clock.wake(at, callback, options),
      advance: (by) => this.#live.clock.advance(by),
    };
  }

  /** What was said so far, without what was taken back. */
  get transcript(): Transcript {
    const { transcript } = this.#live.recording;
    const [first, ...rest] = transcript;
    if (this.#before.length === 0 || first?.kind !== 'moment')
      return [...this.#before, ...transcript];
    const ms = Math.round((first.at - timeAfter(this.#before)) / 1000) * 1000;
    const pause: TranscriptLine[] = ms > 0 ? [{ kind: 'time', ms }] : [];
    return [...this.#before, ...pause, ...rest];
  }

  async handle(openid: string, message: Message): Promise<Turn> {
    const { disk, clock, recording } = this.#live;
    this.#back.push({ record: disk.records.get(openid), at: clock.now(), lines: this.transcript });
    if (this.#back.length > MAX_BACK) this.#back.shift();
    return recording.runner.handle(openid, message);
  }

  inspect(openid: string): Promise<Conversation | undefined> {
    return this.#live.runner.inspect(openid);
  }

  on(name: 'reply' | 'error', listener: Listener): () => void {
    const entry = [name, listener] as const;
    this.#listeners.push(entry);
    this.#listen(entry);
    return () => void this.#listeners.splice(this.#listeners.indexOf(entry), 1);
  }

  async forget(): Promise<void> {
    await this.#live.store.delete(this.openid);
  }

  /** Takes back the last message, and all that came of it. @returns whether there was one */
  async undo(): Promise<boolean> {
    const moment = this.#back.pop();
    if (moment === undefined) return false;
    await this.close();
    const disk = createDisk();
    const { record, at, lines } = moment;
    if (record !== undefined) {
      disk.records.set(this.openid, record);
      disk.lastRevision = record.revision;
    }
    const clock = createForwardClock(startingAt(at, this.#clock ?? createForwardClock()));
    this.#before = lines;
    this.#live = this.#start(disk, clock);
    for (const entry of this.#listeners) this.#listen(entry);
    await this.#live.runner.start();
    return true;
  }

  async close(): Promise<void> {
    const { offs, recording, runner, store } = this.#live;
    for (const off of offs) off();
    recording.stop();
    await runner.stop();
    await store.close();
  }

  #listen([name, listener]: Listening): void {
    this.#live.offs.push(this.#live.runner.on(name as 'reply', listener as never));
  }

  #start(disk: Disk, clock: ForwardClock): RunningChat {
    const store = createContextStore({ clock, persister: memory(disk), max: 10 });
    const runner = createRunner(this.#dialogue, { ...this.#options, store });
    const recording = recordTranscript(runner, { openid: this.openid, clock });
    return { store, runner, recording, clock, disk, offs: [] };
  }
}

/** A clock that goes with another, and shows a moment of ours now. */
function startingAt(at: number, clock: Clock): Clock {
  const behind = clock.now() - at;
  return {
    now: () => clock.now() - behind,
    wake: (wakeAt, callback, options) => clock.wake(wakeAt + behind, callback, options),
  };
}

/** The moment at the end of a transcript that begins with one. */
function timeAfter(lines: Transcript): number {
  let at = 0;
  for (const line of lines) {
    if (line.kind === 'moment') ({ at } = line);
    else if (line.kind === 'time') at += line.ms;
  }
  return at;
}
