import { createManualClock, type ManualClock } from 'colloquy/testing';
import {
  type Clock,
  type ContextStore,
  type ContextStoreOptions,
  type Persister,
  type StoreEvents,
  createContextStore,
} from 'colloquy';
import { onTestFinished } from 'vitest';
import type { StoreCore } from '../../src/context/store-core.ts';
import type { ConversationRecord } from '../../src/context/record/record.ts';
import { NOTHING_SEEN } from '../../src/context/record/seen-parts.ts';
import { coreOf } from '../../src/context/store.ts';
import { atRest } from '../../src/internal/async.ts';
import { type Disk, createDisk, memory } from '../../src/persist/memory.ts';

export type Loose = Record<string, unknown>;

export interface Bench {
  readonly clock: ManualClock;
  readonly store: ContextStore<Loose>;
  readonly core: StoreCore;
}

export type BenchOptions = Omit<ContextStoreOptions, 'clock'> & { readonly clock?: ManualClock };

/** A store under a manual clock; errors that no caller receives are collected and become no warning. */
export function createBench(options: BenchOptions = {}): Bench {
  const clock = options.clock ?? createManualClock();
  const store = createContextStore<Loose>({ max: 1000, ...options, clock });
  const off = store.on('error', () => undefined);
  onTestFinished(off);
  return { clock, store, core: coreOf(store) };
}

/** Collects the events of a store under one name. */
export function hear<Name extends keyof StoreEvents>(
  store: ContextStore<Loose>,
  name: Name,
): StoreEvents[Name][] {
  const heard: StoreEvents[Name][] = [];
  store.on(name, (event) => heard.push(event));
  return heard;
}

/** The codes of the errors that a store reports. */
export function hearCodes(store: ContextStore<Loose>): unknown[] {
  const codes: unknown[] = [];
  store.on('error', ({ error }) => codes.push((error as { code?: unknown }).code ?? error));
  return codes;
}

/** Saves `data` under `openid` and returns when it is committed. */
export async function put(
  store: ContextStore<Loose>,
  openid: string,
  data: Loose = { a: 1 },
): Promise<void> {
  const context = await store.open(openid);
  await context.update(data).save();
}

export async function read(store: ContextStore<Loose>, openid: string): Promise<Loose> {
  return (await store.open(openid)).toJSON();
}

/** A record as a turn would commit it. */
export function recordOf(
  openid: string,
  clock: Clock,
  parts: Partial<ConversationRecord> = {},
): ConversationRecord {
  return {
    openid,
    revision: 0,
    data: Object.freeze({}),
    savedAt: clock.now(),
    live: undefined,
    timers: [],
    services: [],
    seen: NOTHING_SEEN,
    outbox: [],
    ...parts,
  };
}

/** A pending timer of the dialogue itself. */
export function timerAt(dueAt: number): ConversationRecord['timers'][number] {
  return { actor: '', id: `at-${dueAt}`, event: { type: 'after' }, dueAt };
}

type Method = 'load' | 'save' | 'delete' | 'due' | 'list' | 'close';

export interface Rig {
  readonly disk: Disk;
  readonly persister: Persister;
  /** Number of calls of each method. */
  readonly calls: Readonly<Record<Method, number>>;
  /** From now on this method rejects with `fault`, and does nothing; undefined: works again. */
  fail(method: Method, fault: { readonly with: unknown } | undefined): void;
  /** From now on this method does its work at once, and answers when the test calls the returned function. */
  hold(method: Method): () => Promise<void>;
  /** From now on this method never answers, and does nothing. */
  hang(method: Method): void;
  /** Every method works again. */
  heal(): void;
}

/** A memory persister that fails, waits and hangs on request. */
export function createRig(disk: Disk = createDisk()): Rig {
  const inner = memory(disk);
  const faults = new Map<Method, () => Promise<never>>();
  const gates = new Map<Method, Promise<void>>();
  const calls = { load: 0, save: 0, delete: 0, due: 0, list: 0, close: 0 };
  const through = async <T>(method: Method, work: () => Promise<T>): Promise<T> => {
    calls[method] += 1;
    const fault = faults.get(method);
    if (fault !== undefined) return fault();
    const gate = gates.get(method);
    const answer = await work();
    await gate;
    return answer;
  };
  return {
    disk,
    calls,
    persister: {
      load: (openid) => through('load', () => inner.load(openid)),
      save: (record, expected) => through('save', () => inner.save(record, expected)),
      delete: (openid, expected) => through('delete', () => inner.delete(openid, expected)),
      due: (until, limit) => through('due', () => inner.due(until, limit)),
      list: (cursor, limit) =>
        through('list', async () => inner.list?.(cursor, limit) ?? { openids: [] }),
      close: () => through('close', () => inner.close()),
    },
    fail(method, fault) {
      if (fault === undefined) faults.delete(method);
      else faults.set(method, () => Promise.reject(fault.with));
    },
    hold(method) {
      let open = (): void => undefined;
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      gates.set(method, gate);
      return async () => {
        if (gates.get(method) === gate) gates.delete(method);
        open();
        await atRest();
      };
    },
    hang(method) {
      faults.set(method, () => new Promise<never>(() => undefined));
    },
    heal() {
      faults.clear();
      gates.clear();
    },
  };
}
