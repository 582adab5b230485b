import { AsyncLocalStorage } from 'node:async_hooks';
import type { AnyStateMachine } from 'xstate';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import type { Process } from './process.ts';
import { type ProcessCommand, Processes, type ProcessesOptions } from './processes.ts';
import { type Kind, createTalk, idOf, messageOf, readLog } from './talk.ts';
import { type Attempt, Witness } from './witness.ts';

const USERS = ['a', 'b'] as const;
/** Longer than any other work takes. */
const AGE_SECONDS = 900;
const SECOND = 1000;

export type Command =
  | {
      readonly do: 'send';
      readonly user: string;
      readonly kind: Kind;
      /** Whether the answer to it is long. */
      readonly big?: boolean;
      readonly node: number;
      /** Duration of the service that a voice starts. */
      readonly serviceMs: number;
      /** Whether the service changes the context of its own user, and waits for that. */
      readonly updates?: boolean;
      /** How long its caller waits. */
      readonly deadlineMs: number;
    }
  | {
      readonly do: 'again';
      readonly back: number;
      readonly node: number;
      readonly deadlineMs: number;
    }
  | {
      readonly do: 'chatter';
      readonly user: string;
      readonly node: number;
      readonly count: number;
    }
  | { readonly do: 'update'; readonly user: string; readonly node: number }
  /** A user presses a button of a question that is over. */
  | { readonly do: 'press'; readonly user: string; readonly node: number }
  | { readonly do: 'draft'; readonly user: string; readonly node: number; readonly ms: number }
  | ProcessCommand;

export type WorldOptions = ProcessesOptions & Required<Pick<ProcessesOptions, 'behindMs'>>;

/** After these, a reply may come twice, or not at all. */
const BAD_DAYS: ReadonlySet<string> = new Set(['fault', 'crash', 'pause']);

/**
 * Whose call it is, as the frameworks of a server have the request. All worlds share it: each storage that was ever run makes
 * every promise of the process slower.
 */
const caller = new AsyncLocalStorage<Attempt>();

/** Processes on one disk, users who send to any of them, and a witness. */
class World {
  readonly clock: ManualClock = createManualClock();
  readonly witness: Witness;
  readonly #processes: Processes;
  readonly #serviceMs = new Map<string, number>();
  /** The users whose services change their contexts, by message. */
  readonly #updating = new Map<string, string>();
  readonly #sendings = new Map<string, number>();
  #count = 0;
  #presses = 0;

  constructor(options: WorldOptions) {
    const { clock } = this;
    const witness = new Witness(clock, AGE_SECONDS * SECOND, options.behindMs > 0);
    this.witness = witness;
    this.#processes = new Processes(options, {
      clock,
      disk: witness.disk,
      age: AGE_SECONDS,
      dialogue: (process) => this.#talkOf(process),
      onStart: (process) => witness.listen(process),
      onStop: () => witness.ended(),
      onKill: () => witness.died(),
      blame: (what) => void witness.wrong.push(what),
    });
    this.#processes.start();
  }

  async do(command: Command): Promise<void> {
    switch (command.do) {
      case 'send': {
        const { user, kind, big = false, node, serviceMs, updates = false, deadlineMs } = command;
        const id = `${big ? 'big' : 'm'}${this.#count}`;
        this.#serviceMs.set(id, serviceMs);
        if (updates) this.#updating.set(id, user);
        this.#send(user, kind, id, this.#processes.at(node), deadlineMs);
        break;
      }
      case 'again': {
        const sent = this.witness.attempts.filter(({ kind }) => kind !== 'update');
        // Further back than the first message is the first again, and so on.
        const old = sent.at(-1 - ((command.back - 1) % sent.length));
        if (old !== undefined)
          this.#sendAgain(old, this.#processes.at(command.node), command.deadlineMs);
        break;
      }
      case 'chatter':
        for (let n = 0; n < command.count; n += 1) {
          this.#send(command.user, 'text', `m${this.#count}`, this.#processes.at(command.node));
        }
        break;
      case 'update':
        void this.#update(command.user, this.#processes.at(command.node));
        break;
      case 'press':
        this.#press(command.user, this.#processes.at(command.node));
        break;
      case 'draft':
        this.#draft(command.user, this.#processes.at(command.node), command.ms);
        break;
      default:
        if (BAD_DAYS.has(command.do)) this.witness.disturbed = true;
        if (command.do === 'fault' && command.fault.outcome === 'conflict') {
          this.witness.conflicts += 1;
        }
        await this.#processes.do(command);
    }
    this.#processes.mustHaveRoom();
  }

  /** Lets all work end without any further fault, and looks at what is left. */
  async end(): Promise<readonly string[]> {
    this.#processes.calmDown();
    await this.clock.advance(150 * SECOND);
    for (const user of USERS) {
      const { state } = readLog(this.witness.logOf(user));
      this.#check(state === 'on', `${user} is left ${state}`);
    }
    await this.#redeliverAll();
    for (const node of this.#processes.all) {
      for (const user of USERS) await this.#mustKnow(node, user);
    }
    await this.#processes.end();
    this.witness.conclude();
    return this.witness.wrong;
  }

  /** Sends every message once more: what counted is answered as before, and the rest counts now. */
  async #redeliverAll(): Promise<void> {
    const ids = new Set<string>();
    const again: [Attempt, boolean][] = [];
    for (const old of [...this.witness.attempts]) {
      const id = idOf(old.tag);
      if (old.kind === 'update' || ids.has(id)) continue;
      ids.add(id);
      const counts = this.witness.counts(old.openid, id);
      again.push([this.#sendAgain(old, this.#processes.at(ids.size)), counts]);
      // One after another: the service of a message that counts only now must not make the next one wait. Nothing else
      // takes long, and hundreds of messages must come before a conversation expires.
      await this.clock.advance(old.kind === 'voice' && !counts ? 5 * SECOND : SECOND / 10);
    }
    await this.clock.advance(150 * SECOND);
    for (const [{ tag, answer }, counts] of again) {
      const outcome = typeof answer === 'object' ? answer.outcome : answer;
      this.#check(
        outcome === 'duplicate' || (!counts && outcome !== 'shed'),
        `${tag}, sent when all was quiet, was ${outcome}`,
      );
    }
  }

  #talkOf(process: () => Process): AnyStateMachine {
    const { witness } = this;
    return createTalk({
      onAction: (entry) => {
        if (process().state !== 'dead') witness.acted(entry, caller.getStore());
      },
      onRemind: (tag) => {
        if (process().state !== 'dead') witness.reminded(tag, caller.getStore());
      },
      serve: async (tag) => {
        if (process().state !== 'dead') witness.served(tag, caller.getStore());
        await this.#sleep(this.#serviceMs.get(idOf(tag)) ?? 0);
        const own = this.#updating.get(idOf(tag));
        if (own !== undefined && process().state === 'running') await this.#update(own, process());
        return tag;
      },
    });
  }

  #attempt(
    openid: string,
    kind: Attempt['kind'],
    id: string,
    process: Process,
    inLane = true,
  ): Attempt {
    const sending = (this.#sendings.get(id) ?? 0) + 1;
    this.#sendings.set(id, sending);
    this.#count += 1;
    const attempt: Attempt = {
      openid,
      kind,
      tag: `${id}.${sending}`,
      process,
      calledAt: this.clock.now(),
      emitted: this.witness.emitted,
      order: inLane ? this.#count : undefined,
    };
    this.witness.attempts.push(attempt);
    return attempt;
  }

  #sendAgain({ openid, kind, tag }: Attempt, process: Process, deadlineMs?: number): Attempt {
    return this.#send(openid, kind as Kind, idOf(tag), process, deadlineMs);
  }

  #send(openid: string, kind: Kind, id: string, process: Process, deadlineMs = 4500): Attempt {
    const attempt = this.#attempt(openid, kind, id, process);
    if (kind === 'paid') return this.#pay(attempt, id);
    process.whenRunning(() => {
      const handled = caller.run(attempt, () =>
        process.runner.handle(openid, messageOf(kind, attempt.tag), { id, deadlineMs }),
      );
      handled.then(
        (turn) => process.whenRunning(() => this.witness.answered(attempt, turn)),
        (error: unknown) => this.witness.failed(attempt, error),
      );
    });
    return attempt;
  }

  /** Another program reports a payment. It is not given the replies. */
  #pay(attempt: Attempt, id: string): Attempt {
    const { openid, tag, process } = attempt;
    process.whenRunning(() => {
      const sent = caller.run(attempt, () =>
        process.runner.send(openid, { type: 'event.payment', key: tag }, { id }),
      );
      sent.then(
        (sent) =>
          process.whenRunning(() => this.witness.answered(attempt, { ...sent, replies: [] })),
        (error: unknown) => this.witness.failed(attempt, error),
      );
    });
    return attempt;
  }

  /** A press has no attempt: it leaves no trace, and a state that takes it would make the log wrong. */
  #press(openid: string, process: Process): void {
    const message = { type: 'message.action', value: 'yes', asking: '0' } as const;
    this.#presses += 1;
    const id = `p${this.#presses}`;
    process.whenRunning(() => {
      process.runner.handle(openid, message, { id }).then(
        (turn) => process.whenRunning(() => this.witness.pressed(turn)),
        () => {},
      );
    });
  }

  /** Resolves when the process knows how the change ended. */
  #update(openid: string, process: Process): Promise<void> {
    const attempt = this.#attempt(openid, 'update', `u${this.#count}`, process);
    return new Promise((resolve) => {
      process.whenRunning(() => {
        const change = caller.run(attempt, () =>
          process.store.update(openid, (context) => {
            context.set('log', [...context.get('log', []), `update:${attempt.tag}`]);
          }),
        );
        this.#follow(attempt, change, resolve);
      });
    });
  }

  #draft(openid: string, process: Process, ms: number): void {
    const attempt = this.#attempt(openid, 'update', `u${this.#count}`, process, false);
    const save = async (): Promise<void> => {
      const context = await process.store.open(openid);
      context.set('log', [...context.get('log', []), `update:${attempt.tag}`]);
      await this.#sleep(ms);
      await context.save();
    };
    process.whenRunning(() => this.#follow(attempt, caller.run(attempt, save)));
  }

  #follow(attempt: Attempt, change: Promise<void>, onEnd = (): void => {}): void {
    const { process } = attempt;
    const end = (tell: () => void): void =>
      process.whenRunning(() => {
        tell();
        onEnd();
      });
    change.then(
      () => end(() => this.witness.saved(attempt)),
      (error: unknown) => end(() => this.witness.failed(attempt, error)),
    );
  }

  /** A process shows of a user what is on the disk. */
  async #mustKnow({ store, name }: Process, user: string): Promise<void> {
    const known = store.open(user).then((context) => context.get('log', []));
    await this.clock.advance(10 * SECOND);
    const isRight = (await known).join() === this.witness.logOf(user).join();
    this.#check(isRight, `${name} does not know ${user}`);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.wake(this.clock.now() + ms, resolve);
    });
  }

  #check(isRight: boolean, otherwise: string): void {
    if (!isRight) this.witness.wrong.push(otherwise);
  }
}

/** @returns the broken promises */
export async function play(
  commands: readonly Command[],
  options: WorldOptions,
): Promise<readonly string[]> {
  const world = new World(options);
  for (const command of commands) await world.do(command);
  return world.end();
}
