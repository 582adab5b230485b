import type { AnyStateMachine } from 'xstate';
import type { ContextStoreOptions, Persister, RunnerOptions } from 'colloquy';
import { type Disk, memory } from 'colloquy/persist/memory';
import { type Fault, type ManualClock, type PersisterCall, faulty } from 'colloquy/testing';
import { coreOf } from '../../src/context/store.ts';
import { isReserved } from '../../src/internal/reserved.ts';
import { Process } from './process.ts';

const SECOND = 1000;

/** The calls that a fault can hit. */
export type Aim = 'read' | 'lease' | 'write' | 'delete' | 'due' | 'release';

/** What may happen to the processes of any world, and to their persister. */
export type ProcessCommand =
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'fault'; readonly aim: Aim; readonly skip: number; readonly fault: Fault }
  | { readonly do: 'crash'; readonly node: number; readonly sameName: boolean }
  | { readonly do: 'restart'; readonly node: number }
  | { readonly do: 'pause'; readonly node: number }
  | { readonly do: 'resume'; readonly node: number; readonly first: 'clock' | 'persister' };

export interface ProcessesOptions {
  readonly nodes: 1 | 2;
  /** Maximal number of records in memory. */
  readonly max: number;
  /** Time that a call takes to reach the persister, and its answer to return. */
  readonly latencyMs: number;
  /** How long after its commit the store writes a record; 0: it writes before it answers the commit. */
  readonly behindMs?: number;
  /** How far the clock of the second process is ahead of the persister's. */
  readonly skewMs?: number;
}

export interface ProcessesParts {
  readonly clock: ManualClock;
  readonly disk: Disk;
  /** Seconds: longer than any other work takes. */
  readonly age: number;
  readonly gather?: RunnerOptions['gather'];
  /** The dialogue of a process, which is there as soon as the dialogue runs. */
  readonly dialogue: (process: () => Process) => AnyStateMachine;
  readonly onStart: (process: Process) => void;
  /** A process is about to end as it should. */
  readonly onStop?: () => void;
  /** What a process did not write is lost. */
  readonly onKill?: () => void;
  readonly blame: (what: string) => void;
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

/** One or two processes on one disk, which crash, pause and restart, and whose persister has bad days. */
export class Processes {
  readonly clock: ManualClock;
  /** Whether a process crashed or paused, or a fault occurred: a reply may come twice then. */
  disturbed = false;
  readonly #options: ProcessesOptions;
  readonly #parts: ProcessesParts;
  readonly #nodes: Process[] = [];
  #faults: { readonly aim: Aim; skip: number; readonly fault: Fault }[] = [];
  #names = 0;
  #ids = 0;

  constructor(options: ProcessesOptions, parts: ProcessesParts) {
    this.#options = options;
    this.#parts = parts;
    this.clock = parts.clock;
  }

  start(): void {
    for (let node = 0; node < this.#options.nodes; node += 1) this.#boot(node);
  }

  /** The processes of now. */
  get all(): readonly Process[] {
    return this.#nodes;
  }

  at(node: number): Process {
    const process = this.#nodes[node % this.#options.nodes];
    if (process === undefined) throw new RangeError('there is no such process');
    return process;
  }

  async do(command: ProcessCommand): Promise<void> {
    switch (command.do) {
      case 'advance':
        await this.clock.advance(command.ms);
        break;
      case 'fault':
        this.disturbed = true;
        this.#faults.push({ ...command });
        break;
      case 'crash': {
        this.disturbed = true;
        const dead = this.at(command.node);
        dead.kill();
        this.#parts.onKill?.();
        this.#boot(command.node, command.sameName ? dead.name : undefined);
        break;
      }
      case 'restart':
        await this.#restart(command.node);
        break;
      case 'pause':
        this.disturbed = true;
        this.at(command.node).pause();
        break;
      case 'resume':
        this.at(command.node).resume(command.first);
        break;
    }
  }

  mustHaveRoom(): void {
    for (const { store } of this.#nodes) {
      if (store.size > this.#options.max) {
        this.#parts.blame('more records are in memory than `max`');
      }
    }
  }

  /** From now on, nothing goes wrong. */
  calmDown(): void {
    this.#faults = [];
    for (const node of this.#nodes) node.resume('clock');
  }

  /** Lets everything expire and all processes end, and looks at what is left. */
  async end(): Promise<void> {
    const { disk, age, blame } = this.#parts;
    this.mustRest();
    await this.clock.advance((age + 100) * SECOND);
    // The place of a source never expires.
    if ([...disk.records.keys()].some((key) => !isReserved(key))) blame('something never expired');
    this.mustRest();
    for (const { store } of this.#nodes) {
      if (store.size > 0) blame('something expired and is still in memory');
      if (coreOf(store).scheduler.size > 0) blame('something is still watched');
    }
    for (const node of this.#nodes.keys()) await this.#stop(node);
  }

  /** Nothing is under way, and no process holds a lease that it does not need. */
  mustRest(): void {
    const now = this.clock.now();
    const leases = [...(this.#parts.disk.leases ?? [])].filter(([key]) => !isReserved(key));
    const held = this.disturbed ? leases.filter(([, { until }]) => until > now) : leases;
    if (held.length > 0) this.#parts.blame('a process still holds a lease');
    for (const { store } of this.#nodes) {
      if (coreOf(store).lanes.busy > 0) this.#parts.blame('a lane is not empty');
    }
  }

  #boot(node: number, name = `p${(this.#names += 1)}`): void {
    const { clock } = this;
    const { disk, age, gather, dialogue, onStart } = this.#parts;
    const { nodes, max, latencyMs, behindMs = 0, skewMs = 0 } = this.#options;
    const shared = nodes > 1;
    const open = memory(disk, shared ? { shared, clock } : {});
    const state: { process?: Process } = {};
    const slow = latencyMs > 0 ? { beforeMs: latencyMs, afterMs: latencyMs } : undefined;
    const process: Process = new Process({
      name,
      clock,
      skewMs: node % nodes === 0 ? 0 : skewMs,
      // A write of a dead process may still be on its way, but not where no other process is expected on the disk.
      persister: faulty(shared ? open : endingWith(open, () => state.process?.state === 'dead'), {
        clock,
        choose: (call) => this.#choose(call) ?? slow,
      }),
      dialogue: dialogue(() => process),
      store: { age, max, lease: { patrolMs: 5 * SECOND } } satisfies ContextStoreOptions,
      gather,
      behindMs,
      createId: () => `${name}-${(this.#ids += 1)}`,
    });
    state.process = process;
    this.#nodes[node % nodes] = process;
    onStart(process);
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
    const process = this.at(node);
    if (process.state !== 'running') return;
    this.#parts.onStop?.();
    await this.#stop(node);
    process.kill();
    this.#parts.onKill?.();
    this.#boot(node);
  }

  async #stop(node: number): Promise<void> {
    const { runner, store, name, ending } = this.at(node);
    const progress = { isOver: false };
    void Promise.all(ending.map((end) => end()))
      .then(() => runner.stop())
      .then(() => store.close())
      // The store throws if it could not write everything; who looks at the disk sees that, too.
      .catch(() => {})
      .finally(() => {
        progress.isOver = true;
      });
    for (let step = 0; step < 600 && !progress.isOver; step += 1) await this.clock.advance(100);
    if (!progress.isOver) this.#parts.blame(`${name} does not stop`);
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
