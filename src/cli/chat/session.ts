import type { AnyStateMachine } from 'xstate';
import { type ForwardClock, createForwardClock } from '../../channels/terminal/forward-clock.ts';
import { type ContextStore, createContextStore } from '../../context/store.ts';
import type { Clock } from '../../clock.ts';
import { eventLabel } from '../../dialogue/engine/event-label.ts';
import { formatReply } from '../../format.ts';
import type { Message } from '../../message.ts';
import { type Disk, createDisk, memory } from '../../persist/memory.ts';
import type { LoadedRecord } from '../../persist/persister.ts';
import type { Reply } from '../../reply.ts';
import type { Turn } from '../../runner/events.ts';
import type { Conversation } from '../../context/record/inspect.ts';
import type { RunnerOptions } from '../../runner/options.ts';
import { type Runner, createRunner } from '../../runner/runner.ts';
import { Offers } from '../../testing/converse-offers.ts';
import type { Transcript, TranscriptLine } from '../../testing/transcript.ts';
import { type Recording, recordTranscript } from '../../testing/transcript-record.ts';

/** The user who goes without a name in a transcript. */
export const MAIN = 'you';
/** The maximum of messages that can be taken back. */
const MAX_BACK = 100;

type Listener = (event: never) => unknown;
type Listening = readonly [name: 'reply' | 'error', listener: Listener];

/** A message that was taken back. */
export interface TakenBack {
  readonly openid: string;
  readonly message: Message;
}

/** What there was before a message. */
interface Undo extends TakenBack {
  readonly records: ReadonlyMap<string, LoadedRecord>;
  readonly lastRevision: number;
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
 * A person who talks with a dialogue as one user or another, and may take back what was said: the records as they were
 * before a message are put onto a fresh store, whose clock begins at that moment. What a service has done in the world
 * stays done.
 */
export class ChatSession {
  /** The one who talks now. */
  openid: string = MAIN;
  readonly #dialogue: AnyStateMachine;
  readonly #options: Omit<RunnerOptions, 'store'>;
  readonly #clock: Clock | undefined;
  readonly #listeners: Listening[] = [];
  readonly #back: Undo[] = [];
  readonly #offers = new Map<string, Offers>();
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
    const transcript = this.#live.recording.transcript.map(withoutMain);
    const [first, ...rest] = transcript;
    if (this.#before.length === 0 || first?.kind !== 'moment')
      return [...this.#before, ...transcript];
    const ms = Math.round((first.at - timeAfter(this.#before)) / 1000) * 1000;
    const pause: TranscriptLine[] = ms > 0 ? [{ kind: 'time', ms }] : [];
    return [...this.#before, ...pause, ...rest];
  }

  /** Takes a message of the user who talks now. A button is pressed where it was shown last. */
  async handle(_openid: string, said: Message): Promise<Turn> {
    const { openid } = this;
    const { disk, clock, recording } = this.#live;
    const message = (this.#offers.get(openid)?.pressed(said) ?? said) as Message;
    this.#back.push({
      openid,
      message: said,
      records: new Map(disk.records),
      lastRevision: disk.lastRevision,
      at: clock.now(),
      lines: this.transcript,
    });
    if (this.#back.length > MAX_BACK) this.#back.shift();
    const turn = await recording.runner.handle(openid, message);
    this.#note(openid, turn.replies);
    return turn;
  }

  /** The conversation of the user who talks now. Its timers have readable names. */
  async inspect(): Promise<Conversation | undefined> {
    const found = await this.#live.runner.inspect(this.openid);
    if (found === undefined) return undefined;
    const timers = found.timers.map((timer) => ({
      ...timer,
      type: eventLabel(timer.type, this.#dialogue),
    }));
    return { ...found, timers };
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

  /** Takes back the last message, and all that came of it. @returns the message; undefined if there was none */
  async undo(): Promise<TakenBack | undefined> {
    const moment = this.#back.pop();
    if (moment === undefined) return undefined;
    await this.close();
    const { records, lastRevision, at, lines } = moment;
    const disk = { records: new Map(records), lastRevision };
    const clock = createForwardClock(startingAt(at, this.#clock ?? createForwardClock()));
    this.#before = lines;
    this.#live = this.#start(disk, clock);
    for (const entry of this.#listeners) this.#listen(entry);
    await this.#live.runner.start();
    this.openid = moment.openid;
    return moment;
  }

  async close(): Promise<void> {
    const { offs, recording, runner, store } = this.#live;
    for (const off of offs) off();
    recording.stop();
    await runner.stop();
    await store.close();
  }

  #listen([name, listener]: Listening): void {
    const { offs, runner } = this.#live;
    if (name === 'error') {
      offs.push(runner.on('error', listener as never));
      return;
    }
    const off = runner.on('reply', ({ openid, reply }) => {
      this.#note(openid, [reply]);
      const isOwn = openid === this.openid;
      const said: Reply = isOwn
        ? reply
        : { type: 'text', text: `(to ${openid}) ${formatReply(reply)}` };
      (listener as (event: object) => unknown)({ openid: MAIN, reply: said });
    });
    offs.push(off);
  }

  #note(openid: string, replies: readonly Reply[]): void {
    const offers = this.#offers.get(openid) ?? new Offers();
    this.#offers.set(openid, offers);
    offers.note(replies);
  }

  #start(disk: Disk, clock: ForwardClock): RunningChat {
    const store = createContextStore({ clock, persister: memory(disk), max: 10 });
    const runner = createRunner(this.#dialogue, { ...this.#options, store });
    const recording = recordTranscript(runner, { clock });
    return { store, runner, recording, clock, disk, offs: [] };
  }
}

function withoutMain(line: TranscriptLine): TranscriptLine {
  if (!('user' in line) || line.user !== MAIN) return line;
  const { user: _user, ...rest } = line;
  return rest;
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
