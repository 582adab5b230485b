import type { AnyStateMachine } from 'xstate';
import type { Duration } from '../clock.ts';
import { coreOf } from '../context/store.ts';
import { PersistError, UsageError } from '../errors.ts';
import type { Turn } from '../runner/events.ts';
import { checkUpgradeOptions } from '../runner/upgrade/migrate.ts';
import type { Incoming, OutsideEvent } from '../runner/calls.ts';
import { createManualClock } from './clock.ts';
import { type MessageWay, throughChannel, toRunner } from './converse-way.ts';
import { type ConverseOptions, type DeployOptions, runnerOptionsOf } from './converse-options.ts';
import { VirtualTime } from './virtual-time.ts';
import { Process } from './converse-process.ts';
import { seedRecord } from './converse-seed.ts';
import { isUsedBefore, storedView } from './converse-stored.ts';
import { ConversationLog } from './converse-log.ts';
import { User } from './converse-user.ts';
import { checkDialogue } from '../dialogue/engine/validate.ts';
import { failureOf } from './services.ts';
import { TestDisk } from './converse-disk.ts';
import { listenTo } from './converse-events.ts';
import { TestServices } from './converse-services.ts';

/** The maximum of errors that are kept; the oldest leave first. */
const MAX_ERRORS = 1000;
/** A store of the default size would take longer to make than most conversations take. */
const MAX_RESIDENTS = 100;
/** The maximum of virtual time that the end of a process takes. What has not ended by then never does. */
const LONGEST_END_MS = 3_600_000;

/** What all users of a conversation share: the process, the disk, the clock and the log. */
export class TestEnvironment {
  /** As it runs: with services that ask for stubs. */
  dialogue: AnyStateMachine;
  readonly time: VirtualTime;
  readonly log: ConversationLog = new ConversationLog();
  readonly errors: unknown[] = [];
  #options: ConverseOptions<AnyStateMachine>;
  readonly services: TestServices;
  /** How long answers wait for services, where that is not as the options say. */
  deadlineMs: number | undefined;
  readonly #disk: TestDisk;
  readonly #users = new Map<string, User>();
  /** What the ids begin with that this conversation makes. */
  #idPrefix = '';
  /** The same, of the messages that users send. */
  readonly #messagePrefix: string;
  #ids = 0;
  readonly #createId = (): string => `${this.#idPrefix}${(this.#ids += 1)}`;
  #process: Process;
  #deliver: MessageWay;
  constructor(dialogue: AnyStateMachine, options: ConverseOptions<AnyStateMachine>) {
    const { now, clock = createManualClock(now === undefined ? {} : { now }) } = options;
    checkDialogue(dialogue);
    this.#options = options;
    this.services = new TestServices(dialogue, options.services, () => this.#process.clock);
    const isContinued = isUsedBefore(options);
    // Other processes count their conversations from 1, too.
    if (isContinued) this.#idPrefix = `${this.services.number}.${process.pid}.`;
    this.#messagePrefix = this.#idPrefix;
    this.dialogue = this.#copyOf(dialogue);
    this.time = new VirtualTime(clock);
    this.#disk = new TestDisk(this.time, options);
    [this.#process, this.#deliver] = this.#start();
    // What an earlier conversation has left, falls due in this one.
    if (isContinued) this.#process.runner.start().catch((error) => this.errors.push(error));
  }

  /** Whether every message goes through a platform, with its own deadline. */
  get hasChannel(): boolean {
    return this.#options.channel !== undefined;
  }

  /** @param isMain whether it is the one whose name is not said */
  user(openid: string, isMain = false): User {
    let user = this.#users.get(openid);
    if (user === undefined) {
      user = new User(openid, isMain ? {} : { user: openid }, this.#messagePrefix);
      user.view = storedView(openid, this.dialogue, this.#options);
      this.#users.set(openid, user);
    }
    return user;
  }

  /** Sends messages at the same time, in this order, and waits until the work that they start has ended or waits for time. */
  async send(
    user: User,
    messages: readonly { readonly message: Incoming; readonly id: string }[],
  ): Promise<void> {
    user.begin();
    const sent = messages.map(async ({ message, id }) => {
      try {
        this.#ended(user, await this.#deliver(user, message, id));
      } catch (error) {
        this.#refused(user, error);
      }
    });
    void Promise.all(sent);
    await this.time.rest();
    await this.#look(user);
  }

  /** Another program reports an event about the user. */
  async report(user: User, event: OutsideEvent, id: string = user.nextId()): Promise<void> {
    user.begin();
    user.awaiting();
    this.log.add({ kind: 'event', ...user.named, event });
    this.#process.runner.send(user.openid, event, { id }).then(
      (sent) => this.#ended(user, { ...sent, replies: [] }),
      (error: unknown) => this.#refused(user, error),
    );
    await this.time.rest();
    await this.#look(user);
  }

  async advance(by: number | Duration): Promise<void> {
    for (const user of this.#users.values()) user.begin();
    await this.#pass(() => this.time.advance(by));
  }

  /** Goes from one moment to the next at which something wakes up. @returns whether it became true in time */
  async until(isSo: () => boolean, within: number): Promise<boolean> {
    for (const user of this.#users.values()) user.begin();
    const until = this.time.now() + within;
    while (!isSo() && this.time.now() < until) await this.#pass(() => this.time.step(until));
    return isSo();
  }

  #ended(user: User, turn: Turn): void {
    this.log.tellTurn(user, turn);
    user.hear(turn.replies, turn);
  }

  #refused(user: User, error: unknown): void {
    user.outcome = undefined;
    user.refused = error;
    this.log.happened(user, 'refused', error);
  }

  async #pass(time: () => Promise<unknown>): Promise<void> {
    // It is written down before what happens in it.
    const passed = this.log.time();
    const from = this.time.now();
    try {
      await time();
    } finally {
      passed(this.time.now() - from);
    }
    await this.lookAtAll();
  }

  async crash(): Promise<void> {
    for (const user of this.#users.values()) {
      user.begin();
      if (user.outcome === 'waiting') user.outcome = 'lost';
    }
    this.#process.dead = true;
    this.log.add({ kind: 'crash' });
    [this.#process, this.#deliver] = this.#start();
    await this.#process.runner.start();
    await this.time.rest();
    await this.lookAtAll();
  }

  async deploy(dialogue: AnyStateMachine, options: DeployOptions<AnyStateMachine>): Promise<void> {
    checkDialogue(dialogue);
    checkUpgradeOptions({ ...this.#options, ...options }, dialogue);
    const replaceServices = this.services.replacementFor(dialogue, options.services);
    for (const user of this.#users.values()) user.begin();
    await this.#stop();
    replaceServices();
    this.#options = { ...this.#options, ...options };
    this.dialogue = this.#copyOf(dialogue);
    this.log.add({ kind: 'comment', text: `version ${dialogue.version ?? '0'} is deployed` });
    [this.#process, this.#deliver] = this.#start();
    await this.#process.runner.start();
    await this.time.rest();
    await this.lookAtAll();
  }

  evict(user: User): void {
    const { records, scheduler } = coreOf(this.#process.store);
    const cached = records.cached(user.openid);
    if (cached === undefined) return;
    records.forget(user.openid);
    scheduler.agenda.expectStored(records.dueTimes.wakeAt(cached.record));
    user.isEvicted = true;
  }

  async seed(user: User, state: string, context: object): Promise<void> {
    user.begin();
    const { openid } = user;
    const input = this.#options.input?.({ openid }) ?? { openid };
    const { store, runner } = this.#process;
    const seed = { openid, state, input, context };
    const replies = await seedRecord(coreOf(store), this.dialogue, this.#createId, seed);
    this.log.add({ kind: 'comment', text: `begins in ${state}` });
    this.log.tell(user, replies);
    user.hear(replies);
    await runner.start();
    await this.time.rest();
    await this.#look(user);
  }

  /** @throws UsageError `bad_service`, `bad_option` */
  fail(what: string, error: unknown, times: number): void {
    const isPersister = what === 'save' || what === 'load';
    if (!isPersister) this.services.check(what);
    if (!(times > 0)) throw new UsageError('bad_option', '`times` must be a number of at least 1.');
    this.log.add({ kind: 'comment', text: `${what} fails${times === 1 ? ' once' : ''}` });
    const fault =
      error ??
      (isPersister
        ? new PersistError('unavailable', 'The persister failed, as the test asked for.', {
            retryable: true,
          })
        : new Error(failureOf(what)));
    const act = (): Promise<never> => Promise.reject(fault as Error);
    if (isPersister) this.#disk.fail(what, act, times);
    else this.services.queue(what, act, times);
  }

  async lookAtAll(): Promise<void> {
    for (const user of this.#users.values()) await this.#look(user);
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#awaitEnd(this.#disk.persister.close());
  }

  /** Ends the process as a deployment does. */
  async #stop(): Promise<void> {
    const { runner, store } = this.#process;
    await this.#awaitEnd(runner.stop());
    await this.#awaitEnd(store.close());
    this.#process.dead = true;
  }

  /** Lets time pass for an end that waits for it. */
  async #awaitEnd(end: Promise<void>): Promise<void> {
    let isOver = false;
    const over = end.finally(() => (isOver = true));
    over.catch(() => {});
    await this.time.rest();
    const from = this.time.now();
    if (!isOver && this.time.next(from + LONGEST_END_MS) !== undefined) {
      const passed = this.log.time();
      await this.time.pass(from + LONGEST_END_MS, () => isOver);
      passed(this.time.now() - from);
    }
    if (isOver) await over;
  }

  #copyOf(dialogue: AnyStateMachine): AnyStateMachine {
    // What another conversation has left on a disk begins with another number.
    const isShared = this.#options.persister === undefined;
    if (isShared && this.services.names.size > 0 && this.#idPrefix === '') {
      this.#idPrefix = `${this.services.number}.`;
    }
    return this.services.copyOf(dialogue, isShared);
  }

  /** Where the conversation of a user stands. What was evicted stays where it is: it is to be read by the next turn. */
  async #look(user: User): Promise<void> {
    const { store, runner } = this.#process;
    const { records } = coreOf(store);
    const { openid } = user;
    if (user.isEvicted && records.cached(openid) === undefined) return;
    user.isEvicted = false;
    user.view = await this.#disk.look(() => runner.inspect(openid));
    const record = records.cached(openid)?.record;
    user.expiresAt = record && records.dueTimes.expiresAt(record);
  }

  #start(): [Process, MessageWay] {
    const { channel, store } = this.#options;
    const started = new Process(
      this.dialogue,
      { max: MAX_RESIDENTS, ...store, clock: this.time, persister: this.#disk.persister },
      { ...runnerOptionsOf(this.#options), createId: this.#createId },
    );
    const report = (error: unknown, openid?: string): void => {
      if (started.dead) return;
      this.errors.push(error);
      if (this.errors.length > MAX_ERRORS) this.errors.shift();
      this.log.happened(openid === undefined ? undefined : this.user(openid), 'error', error);
    };
    const { log } = this;
    listenTo(started, { log, user: (openid) => this.user(openid), onError: report });
    const deliver =
      channel === undefined
        ? toRunner(started.runner, () => this.deadlineMs)
        : throughChannel(started, { channel, time: this.time, onError: report });
    return [started, deliver];
  }
}
