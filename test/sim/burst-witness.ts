import { type LoadedRecord, type Turn, formatReply } from 'colloquy';
import type { Disk } from 'colloquy/persist/memory';
import type { ManualClock } from 'colloquy/testing';
import type { Process } from './process.ts';
import { WatchedRecords } from './watched-records.ts';

/** The openid of the conversation. */
export const ROOM = 'u';

/** A `menu` is a text that means an intent by its words; `paid` is an event that another program sends. */
export type BurstKind = 'text' | 'menu' | 'image' | 'paid';

/** One sending of a message. */
export interface BurstAttempt {
  readonly id: string;
  /** The id and the number of the sending. */
  readonly tag: string;
  readonly kind: BurstKind;
  readonly from: string;
  readonly awaitsBurst: boolean;
  readonly process: Process;
  /** How it ended for its caller. */
  answer?: Turn;
}

interface Part {
  readonly text: string;
  readonly at: number;
}

/** What is on the disk. */
interface Written {
  readonly turns: readonly string[];
  readonly parts: readonly Part[];
  readonly dueAt: number;
}

/** A record keeps the answers to this number of messages. */
const KEPT_ANSWERS = 16;
const NOTHING: Written = { turns: [], parts: [], dueAt: Infinity };

/** What the dialogue says of the entry with this number. */
export function answerTo(number: number, entry: string): string {
  return `${number} ${entry}`;
}

/** Sees every write on the disk and everything that leaves a process, and records each broken promise about bursts. */
export class BurstWitness {
  readonly gather = { quietMs: 1000, maxMs: 3000, max: 4 } as const;
  readonly wrong: string[] = [];
  readonly attempts: BurstAttempt[] = [];
  readonly disk: Disk;
  /** Whether a reply may come twice. */
  disturbed = false;
  restarted = false;
  readonly #clock: ManualClock;
  readonly #isAlone: boolean;
  #written: Written = NOTHING;
  /** The processes that delivered a reply as an event, by its text. */
  readonly #emitted = new Map<string, Process[]>();
  /** How often a caller received a reply, not counting redeliveries. */
  readonly #given = new Map<string, number>();
  /** The replies that anybody has received. */
  readonly #heard = new Set<string>();
  /**
   * The turns of a single process that did not wait for the quiet time. Of two, the other one may be faster than what ended the
   * burst.
   */
  readonly #early: number[] = [];

  constructor(clock: ManualClock, isAlone: boolean) {
    this.#clock = clock;
    this.#isAlone = isAlone;
    const records = new WatchedRecords((record) => this.#write(record));
    this.disk = { records, lastRevision: 0 };
  }

  /** Whether a message is in the conversation: in a turn, or in the burst. */
  holds(id: string): boolean {
    return tagsIn(this.#written).some((tag) => tag.startsWith(`${id}.`));
  }

  listen(process: Process): void {
    process.store.on('error', () => {});
    process.runner.on('error', () => {});
    process.runner.on('reply', ({ reply }) => {
      if (process.state !== 'dead') this.#emit(process, formatReply(reply));
    });
  }

  /** A caller receives the outcome of an attempt. */
  answered(attempt: BurstAttempt, turn: Turn): void {
    attempt.answer = turn;
    const { id, tag } = attempt;
    const { outcome, uncommitted, error } = turn;
    const what = `${tag} was ${outcome}`;
    const said = turn.replies.map(formatReply);
    // Who joined a turn that fails has its error.
    const isRefused = ['failed', 'shed'].includes(outcome) || error !== undefined;
    const isAcknowledged = !isRefused && uncommitted !== true;
    if (isAcknowledged && !this.holds(id)) this.#blame(`${what}, and is not on the disk`);
    for (const text of said) {
      this.#mustBeCommitted(text);
      this.#heard.add(text);
      if (outcome !== 'duplicate') this.#given.set(text, (this.#given.get(text) ?? 0) + 1);
    }
    if (outcome === 'gathered' && said.length > 0) this.#blame(`${what}, and was answered`);
    if (outcome !== 'replied' || attempt.kind === 'paid') return;
    const isOwn = (each: string): boolean => each.startsWith(`${id}.`);
    const own = this.#written.turns.find((entry) => tagsOf(entry).some(isOwn));
    if (own === undefined) this.#blame(`${what}, and has had no turn`);
    else if (!said.some((text) => text.endsWith(own))) this.#blame(`${what} with ${said.join()}`);
  }

  /** What has to be true of everything that happened when all work has ended. */
  conclude(): void {
    const { turns, parts } = this.#written;
    if (parts.length > 0) this.#blame(`these never had a turn: ${parts.map(textOf).join()}`);
    for (const { id } of this.attempts) if (!this.holds(id)) this.#blame(`${id} never counted`);
    this.#inOrder();
    for (const [index, entry] of turns.entries()) {
      const text = answerTo(index + 1, entry);
      const isKept = turns.length - index <= KEPT_ANSWERS;
      if (!this.#heard.has(text) && (isKept || !this.disturbed)) this.#blame(`never said: ${text}`);
      const times = (this.#emitted.get(text)?.length ?? 0) + (this.#given.get(text) ?? 0);
      if (times > 1 && !this.disturbed && !this.restarted) this.#blame(`said twice: ${text}`);
    }
    if (this.disturbed || this.restarted) return;
    for (const index of this.#early) {
      const [entry = '', next = ''] = turns.slice(index, index + 2);
      const isEnded = !next.startsWith('text') || personOf(next) !== personOf(entry);
      if (!isEnded || next === '') this.#blame(`the burst was over too early: ${entry}`);
    }
  }

  #write({ openid, body }: LoadedRecord): void {
    if (openid !== ROOM) return;
    const before = this.#written;
    const { data, burst } = JSON.parse(body) as {
      readonly data: { readonly turns?: readonly string[] };
      readonly burst?: { readonly parts: readonly Part[]; readonly dueAt: number };
    };
    const after: Written = {
      turns: data.turns ?? [],
      parts: burst?.parts ?? [],
      dueAt: burst?.dueAt ?? Infinity,
    };
    this.#written = after;
    this.#mustContinue(before, after);
    const added = after.turns[before.turns.length];
    if (added !== undefined) this.#tookTurn(before, added);
    const { parts, dueAt } = after;
    if (parts.length > this.gather.max) this.#blame(`a burst of ${parts.length} parts`);
    const first = parts[0];
    if (first !== undefined && dueAt > first.at + this.gather.maxMs) {
      this.#blame(`a burst is due after its longest time: ${parts.map(textOf).join()}`);
    }
    const last = parts.at(-1);
    const isLater = before.parts.length > 0 && parts.length > before.parts.length;
    if (isLater && last !== undefined && last.at > before.dueAt) {
      this.#blame(`${last.text} was added to a burst that was over`);
    }
  }

  /** What was committed stays, in its order, and a commit adds one message at most. */
  #mustContinue(before: Written, after: Written): void {
    const [were, are] = [tagsIn(before), tagsIn(after)];
    const isKept = were.every((tag, index) => are[index] === tag);
    const areTurns = before.turns.every((entry, index) => after.turns[index] === entry);
    if (!isKept || !areTurns || are.length > were.length + 1) {
      this.#blame(`a write lost what was there: ${were.join()} became ${are.join()}`);
    }
    const ids = are.map((tag) => tag.slice(0, tag.indexOf('.')));
    if (new Set(ids).size < ids.length) this.#blame(`something counts twice: ${are.join()}`);
  }

  /** A burst is one turn as a whole, of one person, and of the texts that were sent. */
  #tookTurn({ parts, dueAt, turns }: Written, entry: string): void {
    const tags = tagsOf(entry);
    for (const tag of tags) {
      const sent = this.attempts.find((attempt) => attempt.tag === tag);
      const isRight = entry.startsWith(`${sent?.kind} `);
      if (!isRight || (sent?.kind !== 'paid' && personOf(entry) !== sent?.from)) {
        this.#blame(`no such message was sent as a part of: ${entry}`);
      }
    }
    if (tags.length > this.gather.max) this.#blame(`a turn of too many parts: ${entry}`);
    if (parts.some(({ text }, index) => text !== tags[index])) {
      this.#blame(`a burst was not one turn: ${parts.map(textOf).join()} before ${entry}`);
    }
    const isFull = tags.length === this.gather.max;
    if (this.#isAlone && entry.startsWith('text') && !isFull && this.#clock.now() < dueAt) {
      this.#early.push(turns.length);
    }
  }

  #emit(process: Process, text: string): void {
    this.#mustBeCommitted(text);
    this.#heard.add(text);
    const by = this.#emitted.get(text) ?? [];
    if (by.includes(process)) this.#blame(`said twice by one process: ${text}`);
    this.#emitted.set(text, [...by, process]);
  }

  #mustBeCommitted(text: string): void {
    const isSaid = this.#written.turns.some((entry, index) => answerTo(index + 1, entry) === text);
    if (!isSaid) this.#blame(`said without a commit: ${text}`);
  }

  /** The messages that one process received count in the order in which it received them. */
  #inOrder(): void {
    const last = new Map<Process, number>();
    for (const tag of tagsIn(this.#written)) {
      const index = this.attempts.findIndex((attempt) => attempt.tag === tag);
      const process = this.attempts[index]?.process;
      if (process === undefined) continue;
      if ((last.get(process) ?? -1) > index) this.#blame(`${tag} came too late`);
      last.set(process, index);
    }
  }

  #blame(what: string): void {
    this.wrong.push(what);
  }
}

function tagsIn({ turns, parts }: Written): readonly string[] {
  return [...turns.flatMap(tagsOf), ...parts.map(textOf)];
}

function tagsOf(entry: string): readonly string[] {
  return entry.split(' ')[2]?.split('+') ?? [];
}

function personOf(entry: string): string | undefined {
  return entry.split(' ')[1];
}

function textOf({ text }: Part): string {
  return text;
}
