// The weight of a pending delay, and the cost of setting one and of cancelling it.
import type { Runner } from 'colloquy';
import { setup } from 'xstate';
import { DueHeap } from '../../src/internal/due-heap.ts';
import { collect } from '../heap.ts';
import { library } from '../library.ts';
import { serve } from '../serve.ts';
import { namesOf } from '../system.ts';

const MONTH_MS = 30 * 24 * 3_600_000;

/** Every message switches the dialogue on or off; while it is on, it may have a delay pending. */
function lamp(delays: boolean) {
  return setup({}).createMachine({
    id: 'lamp',
    version: '1',
    context: {},
    initial: 'off',
    states: {
      off: { on: { 'message.text': 'on' } },
      on: {
        on: { 'message.text': 'off' },
        ...(delays && { after: { [MONTH_MS]: 'off' } }),
      },
    },
  });
}

let runner: Runner | undefined;
let openids: readonly string[] = [];
let next = 0;

async function switchOne(): Promise<void> {
  const openid = openids[next % openids.length] as string;
  next += 1;
  const turn = await runner?.handle(openid, 'switch');
  if (turn?.outcome !== 'silent') throw new Error(`A turn was ${turn?.outcome}.`);
}

const calls = {
  /** Switches all users on. @returns heap bytes for each */
  async open({ users, delays }: { users: number; delays: boolean }): Promise<number> {
    const { createContextStore, createRunner } = await library();
    openids = namesOf(users);
    const before = await collect();
    const store = createContextStore({ max: users, age: 365 * 24 * 3600 });
    runner = createRunner(lamp(delays), { store });
    for (let user = 0; user < users; user += 1) await switchOne();
    const after = await collect();
    return (after.heap - before.heap) / users;
  },
  /** Switches users in turn, off and on again. @returns nanoseconds per turn */
  async play({ turns }: { turns: number }): Promise<number> {
    const start = performance.now();
    for (let turn = 0; turn < turns; turn += 1) await switchOne();
    return ((performance.now() - start) * 1e6) / turns;
  },
  /** Measures the index alone. @returns nanoseconds for each operation */
  index({ entries }: { entries: number }): { set: number; cancel: number } {
    const index = new DueHeap();
    const all = Array.from({ length: entries }, (_, at) => ({ at: 0, slot: -1, due: scatter(at) }));
    const start = performance.now();
    for (const entry of all) index.set(entry, entry.due);
    const set = performance.now();
    for (const entry of all) index.delete(entry);
    const end = performance.now();
    return { set: ((set - start) * 1e6) / entries, cancel: ((end - set) * 1e6) / entries };
  },
};

export type DelaysCalls = typeof calls;

serve(calls);

/** Times in a mixed order, which is the same in each run. */
function scatter(index: number): number {
  return Math.imul(index, 0x9e3779b1) >>> 0;
}
