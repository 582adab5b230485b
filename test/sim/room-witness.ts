import { type LoadedRecord, type Reply, type Turn, formatReply } from 'colloquy';
import type { Disk } from 'colloquy/persist/memory';
import type { Process } from './process.ts';
import type { Named } from './rooms.ts';
import { WatchedRecords } from './watched-records.ts';

/** The openid of the conversation. */
export const ROOM = 'room';

/** One sending of a message, or of an event that says who may answer. */
export interface RoomAttempt {
  readonly id: string;
  /** The id and the number of the sending: the words of the message. */
  readonly tag: string;
  readonly from: string;
  /** Who may answer, by an event. */
  readonly named: Named | undefined;
  readonly process: Process;
  /** How it ended for its caller. */
  answer?: Turn;
}

/** A call that erases a person. */
interface Erasing {
  readonly person: string;
  /** Whether the record has been written without this person since the call. */
  isDone: boolean;
  /** Whether the call has ended. */
  isOver: boolean;
}

/** A record keeps the answers to this number of messages. */
const KEPT_ANSWERS = 16;

export function idIn(tag: string): string {
  return tag.slice(0, tag.indexOf('x'));
}

/** What everybody hears of an entry: not its words, for a person may be erased whose words others have in their answers. */
export function everybodyHears(entry: string): string {
  const [kind, , tag = ''] = entry.split(' ');
  return `${kind} ${idIn(tag)}`;
}

/** What the person alone sees. */
export function asideTo(entry: string): Reply {
  const [kind, person, tag] = entry.split(' ');
  return { type: 'text', text: `${kind} for you: ${tag}`, to: person };
}

/** Sees every write on the disk and everything that leaves a process, and records each broken promise about rooms. */
export class RoomWitness {
  readonly wrong: string[] = [];
  readonly attempts: RoomAttempt[] = [];
  readonly disk: Disk;
  /** Whether a reply may come twice. */
  disturbed = false;
  restarted = false;
  #log: readonly string[] = [];
  /** Everything that ever counted, in order. */
  readonly #all: string[] = [];
  readonly #erasings: Erasing[] = [];
  /** The words of people who were erased. */
  readonly #gone = new Set<string>();
  readonly #emitted = new Map<string, Process[]>();
  readonly #given = new Map<string, number>();
  readonly #heard = new Set<string>();

  constructor() {
    const records = new WatchedRecords((record) => this.#write(record));
    this.disk = { records, lastRevision: 0 };
  }

  /** Whether a message has counted, also of a person who was erased. */
  counts(id: string): boolean {
    return this.#all.some((entry) => idIn(tagOf(entry)) === id);
  }

  erasing(person: string): Erasing {
    const erasing = { person, isDone: false, isOver: false };
    this.#erasings.push(erasing);
    return erasing;
  }

  erased(erasing: Erasing, isErased: boolean): void {
    erasing.isOver = true;
    if (isErased && !erasing.isDone) this.#blame(`${erasing.person} was not erased on the disk`);
  }

  listen(process: Process): void {
    process.store.on('error', () => {});
    process.runner.on('error', () => {});
    process.runner.on('reply', ({ reply }) => {
      if (process.state === 'dead') return;
      const text = this.#mustBeSaid(reply);
      const by = this.#emitted.get(text) ?? [];
      if (by.includes(process)) this.#blame(`said twice by one process: ${text}`);
      this.#emitted.set(text, [...by, process]);
    });
  }

  /** A caller receives the outcome of an attempt. */
  answered(attempt: RoomAttempt, turn: Turn): void {
    attempt.answer = turn;
    const { id, tag, named } = attempt;
    const { outcome, uncommitted, error } = turn;
    const isRefused = ['failed', 'shed'].includes(outcome) || error !== undefined;
    if (!isRefused && uncommitted !== true && !this.counts(id)) {
      this.#blame(`${tag} was ${outcome}, and is not on the disk`);
    }
    const said = turn.replies.map((reply) => this.#mustBeSaid(reply));
    for (const text of said) {
      if (outcome !== 'duplicate') this.#given.set(text, (this.#given.get(text) ?? 0) + 1);
    }
    if (outcome !== 'replied' || named !== undefined) return;
    const own = this.#all.find((entry) => tagOf(entry) === tag);
    const expected = own === undefined ? [] : repliesTo(own);
    if (own === undefined || expected.some((text) => !said.includes(text))) {
      this.#blame(`${tag} was replied with ${said.join()} instead of ${expected.join()}`);
    }
  }

  /** What has to be true of everything that happened when all work has ended. */
  conclude(): void {
    this.#inOrder();
    for (const { id } of this.attempts) if (!this.counts(id)) this.#blame(`${id} never counted`);
    for (const [index, entry] of this.#all.entries()) {
      const isKept = this.#all.length - index <= KEPT_ANSWERS;
      // The replies to what was said before somebody was erased are not kept.
      const mayBeLost = this.disturbed && (!isKept || this.#erasings.length > 0);
      for (const text of repliesTo(entry)) {
        const isGone = this.#gone.has(tagOf(entry)) || mayBeLost;
        if (!this.#heard.has(text) && !isGone) this.#blame(`never said: ${text}`);
        const times = (this.#emitted.get(text)?.length ?? 0) + (this.#given.get(text) ?? 0);
        if (times > 1 && !this.disturbed && !this.restarted) this.#blame(`said twice: ${text}`);
      }
    }
  }

  #write({ openid, body }: LoadedRecord): void {
    if (openid !== ROOM) return;
    const { data, history } = JSON.parse(body) as {
      readonly data: { readonly log?: readonly string[] };
      readonly history?: unknown;
    };
    const [before, log] = [this.#log, data.log ?? []];
    this.#log = log;
    this.#mustContinue(before, log);
    for (const tag of this.#gone) {
      if (body.includes(`${tag}"`)) this.#blame(`${tag} is still there, and its person was erased`);
    }
    const told = JSON.stringify(history ?? []);
    if (told.includes('for you')) this.#blame(`what one person was told is in the history`);
  }

  /** What was committed stays, but for what a person said who is being erased. A commit adds one message at most. */
  #mustContinue(before: readonly string[], log: readonly string[]): void {
    let kept = before;
    for (const erasing of this.#erasings.filter(({ isOver }) => !isOver)) {
      const { person } = erasing;
      if (log.some((entry) => personOf(entry) === person)) continue;
      erasing.isDone = true;
      for (const entry of kept) if (personOf(entry) === person) this.#gone.add(tagOf(entry));
      kept = kept.filter((entry) => personOf(entry) !== person);
    }
    const added = log.slice(kept.length);
    if (!kept.every((entry, index) => log[index] === entry) || added.length > 1) {
      this.#blame(`a write lost what was there: ${before.join()} became ${log.join()}`);
    }
    for (const entry of added) this.#counted(entry);
  }

  #counted(entry: string): void {
    const [kind, person, tag = ''] = entry.split(' ');
    if (this.counts(idIn(tag))) this.#blame(`${entry} counted twice`);
    const sent = this.attempts.find((attempt) => attempt.tag === tag);
    const isSent = kind === 'named' ? sent?.named !== undefined : sent?.from === person;
    if (!isSent) this.#blame(`nobody sent: ${entry}`);
    // By what the library wrote before, who may answer.
    const last = this.#all.findLast((each) => each.startsWith('named '));
    const list = last?.split(' ')[1] ?? 'everybody';
    const mayAnswer = list === 'everybody' || list.split('+').includes(person ?? '');
    // What is said first is what the room begins with.
    const isFirst = this.#all.every((each) => each.startsWith('named '));
    if (kind === 'answer' && !mayAnswer) this.#blame(`${entry} was taken, of ${list}`);
    if (kind === 'other' && mayAnswer && !isFirst) {
      this.#blame(`${entry} was not taken as an answer, of ${list}`);
    }
    this.#all.push(entry);
  }

  /** What is said is of something that counted, and what is for one person names that person. */
  #mustBeSaid(reply: Reply): string {
    const text = said(reply);
    this.#heard.add(text);
    const isSaid = text === QUESTION || this.#all.some((entry) => repliesTo(entry).includes(text));
    if (!isSaid) this.#blame(`said without a commit: ${text}`);
    return text;
  }

  /** The messages that one process received count in the order in which it received them. */
  #inOrder(): void {
    const last = new Map<Process, number>();
    for (const entry of this.#all) {
      const index = this.attempts.findIndex(({ tag }) => tag === tagOf(entry));
      const process = this.attempts[index]?.process;
      if (process === undefined) continue;
      if ((last.get(process) ?? -1) > index) this.#blame(`${entry} came too late`);
      last.set(process, index);
    }
  }

  #blame(what: string): void {
    this.wrong.push(what);
  }
}

const QUESTION = 'What do you say?';

function said(reply: Reply): string {
  const to = 'to' in reply && reply.to !== undefined ? ` to ${reply.to}` : '';
  return `${formatReply(reply)}${to}`;
}

function repliesTo(entry: string): readonly string[] {
  const all = everybodyHears(entry);
  return entry.startsWith('named ') ? [all] : [all, said(asideTo(entry))];
}

/** Who said it. */
export function personOf(entry: string): string | undefined {
  return entry.startsWith('named ') ? undefined : entry.split(' ')[1];
}

function tagOf(entry: string): string {
  return entry.split(' ')[2] ?? '';
}
