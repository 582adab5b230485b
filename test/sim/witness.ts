import { ColloquyError, type LoadedRecord, type Turn, formatReply } from 'colloquy';
import type { Disk } from 'colloquy/persist/memory';
import type { ManualClock } from 'colloquy/testing';
import { coreOf } from '../../src/context/store.ts';
import type { Process } from './process.ts';
import { type Kind, REMIND_MS, answerTo, entryIn, idOf, readLog, tagOf } from './talk.ts';
import { WatchedRecords } from './watched-records.ts';

/** One sending of a message, or one change of the context outside the dialogue. */
export interface Attempt {
  readonly openid: string;
  readonly kind: Kind | 'update';
  readonly tag: string;
  readonly process: Process;
  readonly calledAt: number;
  /** How many replies had been delivered as events when it was sent. */
  readonly emitted: number;
  /** Its place in the lane of its process; undefined for a draft, which is saved outside the lane. */
  readonly order: number | undefined;
  /** How the call ended for its caller. */
  answer?: Turn | 'saved' | 'failed' | 'refused';
}

/** A conversation from its first save to its deletion. */
interface Life {
  readonly openid: string;
  log: readonly string[];
  savedAt: number;
  isOver: boolean;
  emitted: boolean;
  /** With write-behind: the number of entries that a `durable` event has covered. */
  durable: number;
}

/** Errors after which the persister cannot have written anything. */
const REFUSALS: ReadonlySet<string> = new Set([
  'conflict',
  'leased',
  'step_failed',
  'runner_stopped',
  'store_closed',
]);

/** A record keeps the answers to this number of messages, */
const KEPT_ANSWERS = 16;
/** as far as they fit into this number of bytes, with two for each character and some for what is around a reply. */
const KEPT_BYTES = 65_536;
const BYTES_AROUND = 300;
/** A runner runs a turn again at most this number of times before it gives up. */
const ENOUGH_CONFLICTS = 9;

/** The outcomes of a message that no state takes: it is stale, unless no turn looked at it in time. */
const UNTAKEN: ReadonlySet<string> = new Set(['stale', 'failed', 'pending', 'shed']);

/**
 * Sees every write on the disk and everything that leaves a process, and records each broken promise. What is on the
 * disk happened; every answer and event has to follow from it.
 */
export class Witness {
  readonly wrong: string[] = [];
  readonly attempts: Attempt[] = [];
  readonly disk: Disk;
  /** Whether a fault occurred, so that a reply may come twice, or not at all. */
  disturbed = false;
  /** Number of conflicts that the world injected. */
  conflicts = 0;
  /**
   * Whether a process ended, or evicted a record: to make room, or because a write failed. The record does not say then
   * that its services still run, so another process may run them again.
   */
  #mayRunAgain = false;
  readonly #clock: ManualClock;
  readonly #ageMs: number;
  readonly #current = new Map<string, Life>();
  readonly #lives: Life[] = [];
  readonly #places = new Map<string, { readonly life: Life; readonly index: number }>();
  readonly #acted = new Set<string>();
  readonly #served = new Set<string>();
  /** The messages whose turn failed according to a `turn` event. */
  readonly #failures = new Set<string>();
  readonly #emitted = new Map<string, { readonly ids: Set<string>; readonly by: Process[] }>();
  readonly #emittedInOrder: string[] = [];
  #timers = 0;
  /** Number of timers that fired and that a crash lost. */
  #lostReminds = 0;
  /** Whether the store answers commits before it writes them: then a commit counts as happened, until a crash. */
  readonly #behind: boolean;
  readonly #lengths = new Map<string, number>();
  /** How many replies to each user were reported as undelivered. */
  readonly #undelivered = new Map<string, number>();

  constructor(clock: ManualClock, ageMs: number, behind: boolean) {
    this.#clock = clock;
    this.#ageMs = ageMs;
    this.#behind = behind;
    const records = new WatchedRecords(
      (record) => {
        if (!behind) this.#written(record);
      },
      (openid) => this.#deleted(openid),
    );
    this.disk = { records, lastRevision: 0 };
  }

  /** The log of a user as it is on the disk. */
  logOf(openid: string): readonly string[] {
    return this.#current.get(openid)?.log ?? [];
  }

  /** Whether this message counts in the present conversation. */
  counts(openid: string, id: string): boolean {
    return this.logOf(openid).some((entry) => isOf(entry, id));
  }

  /** How many replies have been delivered as events. */
  get emitted(): number {
    return this.#emittedInOrder.length;
  }

  listen(process: Process): void {
    const { runner, store } = process;
    const whileAlive =
      <T>(hear: (event: T) => void) =>
      (event: T): void => {
        if (process.state !== 'dead') hear(event);
      };
    const ignore = (): void => {};
    runner.on('error', ({ error, openid = '' }) => {
      if (!ColloquyError.is(error, 'undelivered')) return;
      this.#undelivered.set(openid, (this.#undelivered.get(openid) ?? 0) + 1);
    });
    store.on('error', ignore);
    runner.on(
      'reply',
      whileAlive(({ openid, reply, id }) => this.#said(process, openid, formatReply(reply), id)),
    );
    runner.on(
      'timer',
      whileAlive(() => {
        this.#timers += 1;
      }),
    );
    runner.on(
      'turn',
      whileAlive((turn) => {
        if (turn.outcome === 'failed') this.#failures.add(`${process.name} ${turn.id}`);
      }),
    );
    if (this.#behind) this.#listenBehind(process, whileAlive);
    store.on('evict', () => this.ended());
    runner.on('conflict', () => this.ended());
    store.on(
      'expire',
      whileAlive(({ openid, data }) => this.#expired(openid, data.log)),
    );
  }

  #listenBehind(
    { store }: Process,
    whileAlive: <T>(hear: (event: T) => void) => (event: T) => void,
  ): void {
    store.on(
      'save',
      whileAlive(({ openid, data, revision, durable }) => {
        if (durable) this.#blame(`${openid} was said to be durable before it was written`);
        const savedAt = coreOf(store).records.cached(openid)?.record.savedAt;
        const { log = [] } = data as { log?: readonly string[] };
        this.#lengths.set(`${openid} ${revision}`, log.length);
        this.#committed(openid, log, savedAt ?? this.#clock.now());
      }),
    );
    store.on(
      'durable',
      whileAlive(({ openid, revision }) => {
        const life = this.#current.get(openid);
        const length = this.#lengths.get(`${openid} ${revision}`);
        if (length === undefined) this.#blame(`${openid} has a revision that no process saved`);
        else if (life !== undefined) life.durable = length;
      }),
    );
  }

  /** A process that wrote behind takes its unwritten commits with it, but no commit that it called durable. */
  died(): void {
    if (!this.#behind) return;
    for (const [openid, life] of this.#current) {
      const body = this.disk.records.get(openid)?.body;
      const found = body === undefined ? undefined : logIn(body);
      const log = found?.log ?? [];
      if (log.length < life.durable) this.#blame(`${openid} lost what was said to be durable`);
      if (log.some((entry, index) => life.log[index] !== entry)) {
        this.#blame(`${openid} has something else on the disk than was committed`);
      }
      for (const entry of life.log.slice(log.length)) this.#forget(entry);
      life.log = log;
      if (found !== undefined) life.savedAt = found.savedAt;
      else {
        this.#current.delete(openid);
        this.#lives.splice(this.#lives.indexOf(life), 1);
      }
    }
  }

  #forget(entry: string): void {
    this.disturbed = true;
    this.#places.delete(entry);
    this.#acted.delete(entry);
    this.#emitted.delete(entry);
    const at = this.#emittedInOrder.indexOf(entry);
    if (at >= 0) this.#emittedInOrder.splice(at, 1);
    if (entry.startsWith('voice:')) this.#served.delete(tagOf(entry));
    if (entry.startsWith('remind:')) this.#lostReminds += 1;
  }

  /** A process stopped in good order, or forgot something. */
  ended(): void {
    this.#mayRunAgain = true;
  }

  /** An action runs: its entry is committed, and it runs for the first time. */
  acted(entry: string, caller: Attempt | undefined): void {
    this.#mustBeOf(tagOf(entry), caller);
    if (!this.#places.has(entry)) this.#blame(`an action ran before its commit: ${entry}`);
    if (this.#acted.has(entry)) this.#blame(`an action ran twice: ${entry}`);
    this.#acted.add(entry);
  }

  /** A service starts: its entry is committed, and without faults it runs once. */
  served(tag: string, caller: Attempt | undefined): void {
    this.#mustBeOf(tag, caller);
    if (!this.#places.has(`voice:${tag}`)) this.#blame(`a service ran before its commit: ${tag}`);
    const mayRunAgain = this.disturbed || this.#mayRunAgain;
    if (this.#served.has(tag) && !mayRunAgain) this.#blame(`a service ran twice: ${tag}`);
    this.#served.add(tag);
  }

  /** A reminder is worked out: for no one's call, or for one of the same user's, which found it overdue. */
  reminded(tag: string, caller: Attempt | undefined): void {
    const openid = this.attempts.find((attempt) => attempt.tag === tag)?.openid;
    if (caller !== undefined && caller.openid !== openid) {
      this.#blame(`remind:${tag} ran in the async context of ${caller.tag}`);
    }
  }

  /** What comes of a message runs in the async context of a call that sent it, or of none. */
  #mustBeOf(tag: string, caller: Attempt | undefined): void {
    if (caller !== undefined && idOf(caller.tag) !== idOf(tag)) {
      this.#blame(`what ${tag} led to ran in the async context of ${caller.tag}`);
    }
  }

  /** A caller receives the outcome of an attempt. */
  answered(attempt: Attempt, turn: Turn): void {
    attempt.answer = turn;
    const { openid, kind, tag } = attempt;
    const said = turn.replies.map(formatReply);
    const own = this.#find(openid, tag);
    const any = own ?? this.#findId(openid, idOf(tag));
    const what = `${tag} was ${turn.outcome}`;
    const again = this.#emittedInOrder
      .slice(0, attempt.emitted)
      .find((entry) => said.some((text) => entryIn(text) === entry));
    if (again !== undefined && !this.disturbed) {
      this.#blame(`${what}, and received what an event had said before: ${again}`);
    }
    if (turn.outcome === 'replied' || turn.outcome === 'silent') {
      if (own === undefined) this.#blame(`${what}, and is not on the disk`);
      else if (kind !== 'paid') this.#mustSay(what, said, own, 'all');
      return;
    }
    if (any === undefined) {
      if (said.length > 0) this.#blame(`${what} with replies, and is not on the disk`);
    } else {
      // In a later conversation it may have been a message that no state takes.
      const isRecalled = turn.outcome === 'duplicate' && turn.error === undefined;
      const isKept = !any.life.isOver && mustBeKept(any);
      this.#mustSay(what, said, any, isRecalled && isKept ? 'rest' : 'some');
    }
    // A voice has a second commit, which may be refused after the first succeeded.
    if (isRefused(turn) && own !== undefined && kind !== 'voice') {
      this.#blame(`${what} with ${turn.error.code}, and is on the disk`);
    }
  }

  /** A caller receives the outcome of a press whose question is over. */
  pressed({ outcome, replies }: Turn): void {
    if (!UNTAKEN.has(outcome)) this.#blame(`a press that is over was ${outcome}`);
    if (replies.length > 0) this.#blame('a press that is over was answered');
  }

  /** A caller receives the outcome of a change outside the dialogue. */
  saved(attempt: Attempt): void {
    attempt.answer = 'saved';
    if (this.#find(attempt.openid, attempt.tag) === undefined) {
      this.#blame(`${attempt.tag} was saved, and is not on the disk`);
    }
  }

  failed(attempt: Attempt, error: unknown): void {
    this.ended();
    attempt.answer = isRefusal(error) ? 'refused' : 'failed';
  }

  /** What has to be true of everything that happened when all work has ended. */
  conclude(): void {
    for (const attempt of this.attempts) this.#concludeAttempt(attempt);
    for (const life of this.#lives) {
      this.#inOrder(life);
      this.#nothingUnsaid(life);
      if (!this.disturbed && life.isOver && !life.emitted) {
        this.#blame(`no event said that ${life.openid} expired`);
      }
    }
    const reminds = [...this.#places.keys()].filter((entry) => entry.startsWith('remind:'));
    if (this.#timers > reminds.length + this.#lostReminds) {
      this.#blame(`${this.#timers} timers were reported and ${reminds.length} fired`);
    }
    if (this.disturbed) return;
    if (this.#timers < reminds.length) this.#blame('a timer was not reported');
    const places = this.#emittedInOrder.map((entry) => this.#places.get(entry));
    for (const [at, place] of places.entries()) {
      const later = places.slice(at + 1).find((next) => next?.life === place?.life);
      if (later && place && later.index < place.index) {
        this.#blame(`it was delivered out of order: ${this.#emittedInOrder[at]}`);
      }
    }
  }

  #written({ openid, body }: LoadedRecord): void {
    const { log, savedAt } = logIn(body);
    this.#committed(openid, log, savedAt);
  }

  #committed(openid: string, log: readonly string[], savedAt: number): void {
    let life = this.#current.get(openid);
    if (life === undefined) {
      life = { openid, log: [], savedAt, isOver: false, emitted: false, durable: 0 };
      this.#current.set(openid, life);
      this.#lives.push(life);
    }
    const before = life.log;
    life.log = log;
    life.savedAt = savedAt;
    const keeps = before.every((entry, index) => log[index] === entry);
    if (!keeps || log.length > before.length + 1) {
      this.#blame(`a write lost what was there: ${before.join()} became ${log.join()}`);
    }
    const { wrong } = readLog(log);
    if (wrong !== undefined) this.#blame(`of ${openid}: ${wrong}`);
    const added = log.length > before.length ? log.at(-1) : undefined;
    if (added === undefined) return;
    if (this.#places.has(added)) this.#blame(`${added} counted twice`);
    this.#places.set(added, { life, index: log.length - 1 });
    const asked = this.attempts.find(({ tag }) => tag === tagOf(added));
    if (asked === undefined) this.#blame(`no user sent ${added}`);
    else if (added.startsWith('remind:') && asked.calledAt + REMIND_MS > this.#clock.now()) {
      this.#blame(`${added} came too early`);
    }
  }

  #deleted(openid: string): void {
    const life = this.#current.get(openid);
    if (life === undefined) return;
    life.isOver = true;
    this.#current.delete(openid);
    if (this.#clock.now() < life.savedAt + this.#ageMs) this.#blame(`${openid} expired early`);
    if (readLog(life.log).state === 'waiting') this.#blame(`${openid} expired with its timer`);
  }

  #expired(openid: string, log: readonly string[]): void {
    const life = this.#lives.find(
      ({ openid: whose, log: [first] }) => whose === openid && first === log[0],
    );
    if (life === undefined || !life.isOver) this.#blame(`${openid} is said to have expired`);
    else if (life.log.join() !== log.join()) this.#blame(`${openid} expired with other data`);
    else if (life.emitted) this.#blame(`${openid} expired twice`);
    else life.emitted = true;
  }

  #said(process: Process, openid: string, text: string, replyId: string): void {
    const entry = entryIn(text);
    const place = this.#places.get(entry);
    if (place?.life.openid !== openid || text !== replyOf(place.life, place.index)) {
      this.#blame(`said without a commit: ${text}`);
      return;
    }
    const emitted = this.#emitted.get(entry) ?? { ids: new Set(), by: [] };
    this.#emitted.set(entry, emitted);
    if (emitted.by.length === 0) this.#emittedInOrder.push(entry);
    emitted.ids.add(replyId);
    if (emitted.ids.size > 1) this.#blame(`said under two ids: ${text}`);
    if (emitted.by.includes(process)) this.#blame(`said twice by one process: ${text}`);
    if (emitted.by.length > 0 && !this.disturbed) this.#blame(`said twice: ${text}`);
    emitted.by.push(process);
  }

  /**
   * Requires the replies of that entry; while its service runs, those until now.
   * @param how with `rest`, every other reply has to leave as an event and must not reach a caller as well; `conclude`
   *   checks that each has left in the end
   */
  #mustSay(
    what: string,
    answered: readonly string[],
    at: Place,
    how: 'all' | 'rest' | 'some',
  ): void {
    const said = this.#withoutOverdue(what, answered, at);
    const { all, least } = repliesAt(at);
    const from = how === 'all' ? 0 : Math.max(all.indexOf(said[0] ?? ''), 0);
    const isPart = said.every((text, index) => text === all[from + index]);
    const others = [...all.slice(0, from), ...all.slice(from + said.length)];
    const isEnough = {
      all: said.length >= least,
      rest: others.every((text) => this.#emitted.has(entryIn(text)) || !this.#wasGiven(at, text)),
      some: true,
    };
    if (isPart && isEnough[how]) return;
    this.#blame(`${what} with ${JSON.stringify(said)} instead of ${JSON.stringify(all)}`);
  }

  /** What an answer says of its own message: a reminder that was overdue when it came stands before that. */
  #withoutOverdue(what: string, said: readonly string[], at: Place): readonly string[] {
    const overdue = at.life.log[at.index - 1];
    const isFirst = overdue?.startsWith('remind:') && said[0] === replyOf(at.life, at.index - 1);
    if (overdue === undefined || !isFirst) return said;
    if (this.#emitted.has(overdue) && !this.disturbed)
      this.#blame(`${what} with ${overdue}, twice`);
    return said.slice(1);
  }

  #concludeAttempt({ openid, tag, kind, answer, process }: Attempt): void {
    const counted = this.#find(openid, tag) !== undefined;
    if (answer === undefined) {
      if (process.state !== 'dead') this.#blame(`${tag} was never answered`);
      return;
    }
    const error = typeof answer === 'object' ? answer.error : undefined;
    if (this.conflicts < ENOUGH_CONFLICTS && ColloquyError.is(error, 'conflict')) {
      this.#blame(`${tag} failed for a conflict`);
    }
    const isNever =
      typeof answer === 'string'
        ? answer === 'refused'
        : answer.outcome === 'unhandled' ||
          answer.outcome === 'shed' ||
          (kind !== 'voice' && isRefused(answer));
    if (isNever && counted) this.#blame(`${tag} was refused and counted all the same`);
  }

  /** The messages that one process received from one user count in the order in which it received them. */
  #inOrder({ log }: Life): void {
    const last = new Map<Process, Attempt>();
    for (const entry of log) {
      const attempt = this.attempts.find(
        ({ kind, tag, order }) => `${kind}:${tag}` === entry && order !== undefined,
      );
      if (attempt === undefined) continue;
      const before = last.get(attempt.process);
      if ((before?.order ?? 0) > (attempt.order ?? 0)) {
        this.#blame(`${before?.tag} came before ${attempt.tag}`);
      }
      last.set(attempt.process, attempt);
    }
  }

  /**
   * Every reply was delivered, or given to a caller, or is kept for a caller who knows that something went wrong, or was
   * reported as lost with its conversation. That to a payment was delivered in any case: its caller is given none.
   */
  #nothingUnsaid(life: Life): void {
    for (const [index, isAnswered] of readLog(life.log).answered.entries()) {
      const entry = life.log[index];
      if (!isAnswered || entry === undefined || this.#emitted.has(entry)) continue;
      const text = replyOf(life, index);
      const tag = tagOf(entry);
      const senders = this.attempts.filter(
        (attempt) => attempt.openid === life.openid && idOf(attempt.tag) === idOf(tag),
      );
      const place = { life, index };
      const isGiven = entry.startsWith('remind:')
        ? this.#wasGiven(place, text)
        : senders.some((sender) => isIn(sender, text));
      const sender = senders.find((attempt) => attempt.tag === tag);
      const mayAsk =
        !entry.startsWith('remind:') &&
        !entry.startsWith('paid:') &&
        sender !== undefined &&
        (sender.process.state === 'dead' ||
          this.#failures.has(`${sender.process.name} ${idOf(tag)}`));
      if (!isGiven && !mayAsk && !this.#isReported(life)) this.#blame(`never said: ${text}`);
    }
  }

  /** Whether a process has reported a reply that is lost with its conversation, and that stands for no other one. */
  #isReported({ openid, isOver }: Life): boolean {
    const reported = this.#undelivered.get(openid) ?? 0;
    if (!isOver || reported === 0) return false;
    this.#undelivered.set(openid, reported - 1);
    return true;
  }

  /** Whether a caller received a reply. */
  #wasGiven({ life }: Place, text: string): boolean {
    return this.attempts.some((attempt) => attempt.openid === life.openid && isIn(attempt, text));
  }

  #find(openid: string, tag: string): Place | undefined {
    return this.#findWhere(openid, (entry) => isSent(entry) && tagOf(entry) === tag);
  }

  #findId(openid: string, id: string): Place | undefined {
    return this.#findWhere(openid, (entry) => isOf(entry, id));
  }

  #findWhere(openid: string, matches: (entry: string) => boolean): Place | undefined {
    for (const life of this.#lives.toReversed()) {
      if (life.openid !== openid) continue;
      const index = life.log.findIndex(matches);
      if (index >= 0) return { life, index };
    }
    return undefined;
  }

  #blame(what: string): void {
    this.wrong.push(what.replaceAll(/=+/gu, '=…'));
  }
}

function logIn(body: string): { readonly log: readonly string[]; readonly savedAt: number } {
  const { data, savedAt } = JSON.parse(body) as { data: { log?: string[] }; savedAt: number };
  return { log: data.log ?? [], savedAt };
}

interface Place {
  readonly life: Life;
  readonly index: number;
}

function isIn({ answer }: Attempt, text: string): boolean {
  return typeof answer === 'object' && answer.replies.some((reply) => formatReply(reply) === text);
}

function replyOf({ log }: Life, index: number): string {
  return answerTo(index + 1, log[index] ?? '');
}

/** All replies to an entry, in the end, and the least number that an answer contains. */
function repliesAt({ life, index }: Place): { readonly all: string[]; readonly least: number } {
  const { answered } = readLog(life.log);
  const own = answered[index] === true ? [replyOf(life, index)] : [];
  const served = life.log.indexOf(`served:${tagOf(life.log[index] ?? '')}`);
  return { all: served < 0 ? own : [...own, replyOf(life, served)], least: own.length };
}

/** Whether so little came after the answer to a message that its record still has it. */
function mustBeKept({ life, index }: Place): boolean {
  const later = life.log.slice(index + 1).filter(isSent);
  const bytes = life.log
    .slice(index)
    .map((entry) => 2 * answerTo(life.log.length, entry).length + BYTES_AROUND);
  return later.length < KEPT_ANSWERS && bytes.reduce((sum, each) => sum + each) <= KEPT_BYTES;
}

function isSent(entry: string): boolean {
  return !entry.startsWith('served:') && !entry.startsWith('remind:');
}

function isOf(entry: string, id: string): boolean {
  return isSent(entry) && idOf(tagOf(entry)) === id;
}

function isRefusal(error: unknown): error is ColloquyError {
  return ColloquyError.is(error) && REFUSALS.has(error.code);
}

function isRefused(turn: Turn): turn is Turn & { readonly error: ColloquyError } {
  return turn.outcome === 'failed' && isRefusal(turn.error);
}
