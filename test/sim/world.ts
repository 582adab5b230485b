import { AsyncLocalStorage } from 'node:async_hooks';
import type { Persister } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import {
  type Fault,
  type ManualClock,
  type PersisterCall,
  createManualClock,
  faulty,
} from 'colloquy/testing';
import { coreOf } from '../../src/context/store.ts';
import { Process } from './process.ts';
import { type Kind, createTalk, idOf, messageOf, readLog } from './talk.ts';
import { type Attempt, Witness } from './witness.ts';

const USERS = ['a', 'b'] as const;
/** Longer than any other work takes. */
const AGE_SECONDS = 900;
const SECOND = 1000;

/** The calls that a fault can hit. */
export type Aim = 'read' | 'lease' | 'write' | 'delete' | 'due' | 'release';

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
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'fault'; readonly aim: Aim; readonly skip: number; readonly fault: Fault }
  | { readonly do: 'crash'; readonly node: number; readonly sameName: boolean }
  | { readonly do: 'restart'; readonly node: number }
  | { readonly do: 'pause'; readonly node: number }
  | { readonly do: 'resume'; readonly node: number; readonly first: 'clock' | 'persister' };

export interface WorldOptions {
  readonly nodes: 1 | 2;
  /** Maximal number of records in memory. */
  readonly max: number;
  /** Time that a call takes to reach the persister, and its answer to return. */
  readonly latencyMs: number;
  /** How long after its commit the store writes a record; 0: it writes before it answers the commit. */
  readonly behindMs: number;
  /** How far the clock of the second process is ahead of the persister's. */
  readonly skewMs?: number;
}

const AIMS: Readonly<Record<PersisterCall['method'], readonly Aim[]>> = {
  load: ['read'],
  'lease.take': ['read', 'lease'],
  save: ['write'],
  'lease.save': ['write'],
  delete: ['delete'],
  move: ['write'],
  due: ['due'],
  list: [],
  now: [],
  'lease.release': ['release'],
  close: [],
};

/**
 * Whose call it is, as the frameworks of a server have the request. All worlds share it: each storage that was ever run makes
 * every promise of the process slower.
 */
const caller = new AsyncLocalStorage<Attempt>();

/** Processes on one disk, users who send to any of them, and a witness. */
class World {
  readonly clock: ManualClock = createManualClock();
  readonly witness: Witness;
  readonly #options: WorldOptions;
  readonly #nodes: Process[] = [];
  readonly #serviceMs = new Map<string, number>();
  /** The users whose services change their contexts, by message. */
  readonly #updating = new Map<string, string>();
  readonly #sendings = new Map<string, number>();
  #faults: { readonly aim: Aim; skip: number; readonly fault: Fault }[] = [];
  #count = 0;
  #presses = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.witness = new Witness(this.clock, AGE_SECONDS * SECOND, options.behindMs > 0);
    for (let node = 0; node < options.nodes; node += 1) this.#boot(node);
  }

  async do(command: Command): Promise<void> {
    switch (command.do) {
      case 'send': {
        const { user, kind, big = false, node, serviceMs, updates = false, deadlineMs } = command;
        const id = `${big ? 'big' : 'm'}${this.#count}`;
        this.#serviceMs.set(id, serviceMs);
        if (updates) this.#updating.set(id, user);
        this.#send(user, kind, id, this.#node(node), deadlineMs);
        break;
      }
      case 'again': {
        const sent = this.witness.attempts.filter(({ kind }) => kind !== 'update');
        // Further back than the first message is the first again, and so on.
        const old = sent.at(-1 - ((command.back - 1) % sent.length));
        if (old !== undefined) this.#sendAgain(old, this.#node(command.node), command.deadlineMs);
        break;
      }
      case 'chatter':
        for (let n = 0; n < command.count; n += 1) {
          this.#send(command.user, 'text', `m${this.#count}`, this.#node(command.node));
        }
        break;
      case 'update':
        void this.#update(command.user, this.#node(command.node));
        break;
      case 'press':
        this.#press(command.user, this.#node(command.node));
        break;
      case 'draft':
        this.#draft(command.user, this.#node(command.node), command.ms);
        break;
      case 'advance':
        await this.clock.advance(command.ms);
        break;
      case 'fault':
        this.witness.disturbed = true;
        if (command.fault.outcome === 'conflict') this.witness.conflicts += 1;
        this.#faults.push({ ...command });
        break;
      case 'crash': {
        this.witness.disturbed = true;
        const dead = this.#node(command.node);
        dead.kill();
        this.witness.died();
        this.#boot(command.node, command.sameName ? dead.name : undefined);
        break;
      }
      case 'restart':
        await this.#restart(command.node);
        break;
      case 'pause':
        this.witness.disturbed = true;
        this.#node(command.node).pause();
        break;
      case 'resume':
        this.#node(command.node).resume(command.first);
        break;
    }
    for (const { store } of this.#nodes) {
      this.#check(store.size <= this.#options.max, 'more records are in memory than `max`');
    }
  }

  /** Lets all work end without any further fault, and looks at what is left. */
  async end(): Promise<readonly string[]> {
    this.#faults = [];
    for (const node of this.#nodes) node.resume('clock');
    await this.clock.advance(150 * SECOND);
    for (const user of USERS) {
      const { state } = readLog(this.witness.logOf(user));
      this.#check(state === 'on', `${user} is left ${state}`);
    }
    await this.#redeliverAll();
    for (const node of this.#nodes) {
      for (const user of USERS) await this.#mustKnow(node, user);
    }
    this.#mustRest();
    await this.clock.advance(2 * AGE_SECONDS * SECOND);
    this.#check(this.witness.disk.records.size === 0, 'something never expired');
    this.#mustRest();
    for (const { store } of this.#nodes) {
      this.#check(store.size === 0, 'something expired and is still in memory');
      this.#check(coreOf(store).scheduler.size === 0, 'something is still watched');
    }
    for (const node of this.#nodes.keys()) await this.#stop(node);
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
      again.push([this.#sendAgain(old, this.#node(ids.size)), counts]);
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

  #boot(node: number, name = `p${(this.#count += 1)}`): void {
    const { witness, clock } = this;
    const { nodes, max, latencyMs, behindMs, skewMs = 0 } = this.#options;
    const shared = nodes > 1;
    const disk = memory(witness.disk, shared ? { shared, clock } : {});
    const state: { process?: Process } = {};
    const slow = latencyMs > 0 ? { beforeMs: latencyMs, afterMs: latencyMs } : undefined;
    const process = new Process({
      name,
      clock,
      skewMs: node % nodes === 0 ? 0 : skewMs,
      // A write of a dead process may still be on its way, but not where no other process is expected on the disk.
      persister: faulty(shared ? disk : endingWith(disk, () => state.process?.state === 'dead'), {
        clock,
        choose: (call) => this.#choose(call) ?? slow,
      }),
      dialogue: createTalk({
        onAction: (entry) => {
          if (process.state !== 'dead') witness.acted(entry, caller.getStore());
        },
        onRemind: (tag) => {
          if (process.state !== 'dead') witness.reminded(tag, caller.getStore());
        },
        serve: async (tag) => {
          if (process.state !== 'dead') witness.served(tag, caller.getStore());
          await this.#sleep(this.#serviceMs.get(idOf(tag)) ?? 0);
          const own = this.#updating.get(idOf(tag));
          if (own !== undefined && process.state === 'running') await this.#update(own, process);
          return tag;
        },
      }),
      store: {
        age: AGE_SECONDS,
        max,
        lease: { patrolMs: 5 * SECOND },
      },
      behindMs,
      createId: () => `${name}-${(this.#count += 1)}`,
    });
    state.process = process;
    this.#nodes[node % nodes] = process;
    witness.listen(process);
    void process.runner.start();
  }

  #choose(call: PersisterCall): Fault | undefined {
    const aims = AIMS[call.method];
    const next = this.#faults.findIndex((each) => {
      if (!aims.includes(each.aim)) return false;
      each.skip -= 1;
      return each.skip < 0;
    });
    return next < 0 ? undefined : this.#faults.splice(next, 1)[0]?.fault;
  }

  async #restart(node: number): Promise<void> {
    const process = this.#node(node);
    if (process.state !== 'running') return;
    this.witness.ended();
    await this.#stop(node);
    process.kill();
    this.witness.died();
    this.#boot(node);
  }

  async #stop(node: number): Promise<void> {
    const { runner, store, name } = this.#node(node);
    const progress = { isOver: false };
    void runner
      .stop()
      .then(() => store.close())
      // The store throws if it could not write everything; the witness sees that on the disk, too.
      .catch(() => {})
      .finally(() => {
        progress.isOver = true;
      });
    for (let step = 0; step < 600 && !progress.isOver; step += 1) await this.clock.advance(100);
    this.#check(progress.isOver, `${name} does not stop`);
  }

  #node(node: number): Process {
    const process = this.#nodes[node % this.#options.nodes];
    if (process === undefined) throw new RangeError('there is no such process');
    return process;
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

  /** Nothing is under way, and no process holds a lease that it does not need. */
  #mustRest(): void {
    const now = this.clock.now();
    const leases = [...(this.witness.disk.leases?.values() ?? [])];
    const held = this.witness.disturbed ? leases.filter(({ until }) => until > now) : leases;
    this.#check(held.length === 0, 'a process still holds a lease');
    for (const { store } of this.#nodes) {
      this.#check(coreOf(store).lanes.busy === 0, 'a lane is not empty');
    }
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

/** A disk that takes nothing from a dead process. */
function endingWith(disk: Persister, isDead: () => boolean): Persister {
  const dead = new Promise<never>(() => {});
  return {
    load: (openid) => (isDead() ? dead : disk.load(openid)),
    save: (record, expected) => (isDead() ? dead : disk.save(record, expected)),
    delete: (openid, expected) => (isDead() ? dead : disk.delete(openid, expected)),
    due: (until, limit) => (isDead() ? dead : disk.due(until, limit)),
    close: () => (isDead() ? dead : disk.close()),
  };
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
