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
import type { OutsideEvent } from '../../runner/calls.ts';
import type { Turn } from '../../runner/events.ts';
import type { Conversation } from '../../context/record/inspect.ts';
import type { RunnerOptions } from '../../runner/options.ts';
import type { Runner } from '../../runner/runner.ts';
import { createRunner } from '../../runner/create-runner.ts';
import { Recorder, type RecorderState } from '../../testing/recorder.ts';
import type { Transcript } from '../../testing/transcript.ts';
import { parseMessage } from '../../testing/transcript-message.ts';

/** Another name of the first user, who goes without a name in a transcript. */
const FIRST = 'you';
/** The maximum of messages that can be taken back. */
const MAX_BACK = 100;

type Listener = (event: never) => unknown;
type Listening = readonly [name: 'reply' | 'error' | 'draft', listener: Listener];

export interface TakenBack {
  readonly openid: string;
  readonly message: Message | OutsideEvent;
}

/** What there was before a message. */
interface Undo extends TakenBack {
  readonly records: ReadonlyMap<string, LoadedRecord>;
  readonly lastRevision: number;
  readonly at: number;
  readonly recorded: RecorderState;
  readonly offered: ReadonlyMap<string, Reply>;
}

export interface ChatOptions extends Omit<RunnerOptions, 'store'> {
  readonly main: string;
}

/** A store and a runner over it, until something is taken back. */
interface RunningChat {
  readonly store: ContextStore;
  readonly runner: Runner;
  readonly recorder: Recorder;
  readonly recording: ReturnType<Recorder['listen']>;
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
  /** The first user, who goes without a name in a transcript: the same as in a test, for a dialogue that says it. */
  readonly main: string;
  #openid: string;
  readonly #dialogue: AnyStateMachine;
  readonly #options: Omit<RunnerOptions, 'store'>;
  readonly #clock: Clock | undefined;
  readonly #listeners: Listening[] = [];
  readonly #back: Undo[] = [];
  /** The last replies to each user, since their last message. */
  #offered = new Map<string, Reply>();
  #live: RunningChat;

  /** @param options.clock what its time goes with; default the clock on the wall */
  constructor(dialogue: AnyStateMachine, { main, clock, ...options }: ChatOptions) {
    this.#dialogue = dialogue;
    this.#options = options;
    this.#clock = clock;
    this.main = main;
    this.#openid = main;
    this.#live = this.#start(createDisk(), createForwardClock(clock));
  }

  /** The one who talks now. */
  get openid(): string {
    return this.#openid;
  }

  /** From now on, another one talks. */
  set openid(name: string) {
    this.#openid = name === FIRST ? this.main : name;
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
    return this.#live.recorder.transcript;
  }

  /** What the user who talks now was asked last, if they have not answered. */
  get offered(): Reply | undefined {
    return this.#offered.get(this.#openid);
  }

  /**
   * A line of the user who talks now as a message: a text, or what a transcript has in brackets. A button is one that they
   * see, by its value or its label.
   * @throws TypeError where the line is no message, and where there is no such button
   */
  read(line: string): Message {
    const message = parseMessage(line, (problem) => {
      throw new TypeError(`This line ${problem}.`);
    });
    if (typeof message === 'string') return { type: 'message.text', text: message };
    const isShort = message.type === 'message.action' && !line.startsWith('[{');
    return isShort ? this.press((message as { value: string }).value) : (message as Message);
  }

  /** Presses a button that the user who talks now sees. @throws TypeError where there is none */
  press(wanted: string): Message {
    const offers = this.#live.recorder.offersOf(this.#openid);
    const option = offers.option(wanted);
    if (option !== undefined) {
      return offers.pressed({ type: 'message.action', value: option.value }) as Message;
    }
    const seen = offers.last?.options.map(({ value }) => value).join(', ');
    const sees = seen === undefined ? 'no buttons' : `no button '${wanted}', but ${seen}`;
    const json = JSON.stringify({ type: 'message.action', value: wanted });
    throw new TypeError(`You see ${sees}. One that is not shown is sent as [${json}].`);
  }

  /** Takes a message of the user who talks now. */
  async handle(_openid: string, said: Message): Promise<Turn> {
    const openid = this.#openid;
    const { recorder, recording } = this.#live;
    const message = recorder.offersOf(openid).pressed(said) as Message;
    this.#remember(openid, said);
    const turn = await recording.runner.handle(openid, message);
    this.#note(openid, turn.replies);
    return turn;
  }

  /** Takes an event of another program, for the user who talks now. What is said then comes as a `reply`. */
  async send(event: OutsideEvent): ReturnType<Runner['send']> {
    this.#remember(this.#openid, event);
    return this.#live.recording.runner.send(this.#openid, event);
  }

  /** Tells the person who talks something that is said to no user. */
  tell(text: string): void {
    const told = { openid: this.main, reply: { type: 'text', text } };
    for (const [name, listener] of this.#listeners) {
      if (name === 'reply') (listener as (event: object) => unknown)(told);
    }
  }

  /** What there is before a message can be brought back. */
  #remember(openid: string, message: TakenBack['message']): void {
    const { disk, clock, recorder } = this.#live;
    this.#back.push({
      openid,
      message,
      records: new Map(disk.records),
      lastRevision: disk.lastRevision,
      at: clock.now(),
      recorded: recorder.state,
      offered: new Map(this.#offered),
    });
    if (this.#back.length > MAX_BACK) this.#back.shift();
    this.#offered.delete(openid);
  }

  /** The conversation of the user who talks now. Its timers have readable names. */
  async inspect(): Promise<Conversation | undefined> {
    const found = await this.#live.runner.inspect(this.#openid);
    if (found === undefined) return undefined;
    const timers = found.timers.map((timer) => ({
      ...timer,
      type: eventLabel(timer.type, this.#dialogue),
    }));
    return { ...found, timers };
  }

  on(name: 'reply' | 'error' | 'draft', listener: Listener): () => void {
    const entry = [name, listener] as const;
    this.#listeners.push(entry);
    this.#listen(entry);
    return () => void this.#listeners.splice(this.#listeners.indexOf(entry), 1);
  }

  async forget(): Promise<void> {
    await this.#live.store.delete(this.#openid);
    this.#live.recorder.forget(this.#openid);
    this.#offered.delete(this.#openid);
  }

  /** Takes back the last message, and all that came of it. @returns the message; undefined if there was none */
  async undo(): Promise<TakenBack | undefined> {
    const moment = this.#back.pop();
    if (moment === undefined) return undefined;
    await this.close();
    const { records, lastRevision, at, recorded, offered } = moment;
    const disk = { records: new Map(records), lastRevision };
    const clock = createForwardClock(startingAt(at, this.#clock ?? createForwardClock()));
    this.#live = this.#start(disk, clock, recorded);
    this.#offered = new Map(offered);
    for (const entry of this.#listeners) this.#listen(entry);
    await this.#live.runner.start();
    this.#openid = moment.openid;
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
    if (name === 'draft') {
      const shown = runner.on('draft', ({ openid, text }) => {
        if (openid === this.#openid) {
          (listener as (event: object) => unknown)({ openid: this.main, text });
        }
      });
      offs.push(shown);
      return;
    }
    const off = runner.on('reply', ({ openid, reply }) => {
      this.#note(openid, [reply]);
      const isOwn = openid === this.#openid;
      const said: Reply = isOwn
        ? reply
        : { type: 'text', text: `(to ${openid}) ${formatReply(reply)}` };
      (listener as (event: object) => unknown)({ openid: this.main, reply: said });
    });
    offs.push(off);
  }

  #note(openid: string, replies: readonly Reply[]): void {
    const last = replies.at(-1);
    if (last !== undefined) this.#offered.set(openid, last);
  }

  #start(disk: Disk, clock: ForwardClock, from?: RecorderState): RunningChat {
    const store = createContextStore({ clock, persister: memory(disk), max: 10 });
    // No process comes after this one: the disk, and the timers on it, end with the talk.
    const runner = createRunner(this.#dialogue, { ...this.#options, store, due: 'elsewhere' });
    const recorder = new Recorder({ clock, main: this.main }, from);
    const recording = recorder.listen(runner);
    return { store, runner, recorder, recording, clock, disk, offs: [] };
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
