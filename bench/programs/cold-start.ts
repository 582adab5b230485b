// How long a new process takes to its first turn over many stored conversations, and its weight after that.
import type { ContextStore, Runner } from 'colloquy';
import { collect } from '../heap.ts';
import { entry, library } from '../library.ts';
import { serve } from '../serve.ts';

const YEAR_SECONDS = 365 * 24 * 3600;
const MONTH_MS = 30 * 24 * 3_600_000;
const TOUCHED = 10_000;

export interface ColdStart {
  readonly openedMs: number;
  readonly answeredMs: number;
  readonly startedMs: number;
  readonly heapBytes: number;
  /** Heap bytes for each conversation that was touched after the start. */
  readonly touchedBytes: number;
}

async function open(folder: string): Promise<{ store: ContextStore; runner: Runner }> {
  const { createContextStore, createRunner, setupDialogue, text } = await library();
  const { lmdb } = await entry('persist/lmdb');
  const words = setupDialogue({ types: {} as { context: { name?: string } } });
  const dialogue = words.createDialogue({
    id: 'survey',
    version: '1',
    context: {},
    initial: 'name',
    states: {
      name: words.ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'known' }),
      known: {
        // Due far in the future, as expiries and reminders are.
        after: { [MONTH_MS]: 'name' },
        on: { 'message.text': { actions: words.reply(({ context }) => `Hello ${context.name}.`) } },
      },
    },
  });
  const store = createContextStore({ persister: lmdb(folder), max: 100_000, age: YEAR_SECONDS });
  return { store, runner: createRunner(dialogue, { store }) };
}

const calls = {
  /** @returns turns per second */
  async seed({ folder, count }: { folder: string; count: number }): Promise<number> {
    const { store, runner } = await open(folder);
    const start = performance.now();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) {
        const openid = `user-${next}`;
        next += 1;
        await runner.handle(openid, 'hi', { id: 'm1' });
        if (next % 2 === 0) await runner.handle(openid, 'Ann', { id: 'm2' });
      }
    };
    await Promise.all(Array.from({ length: 256 }, worker));
    const seconds = (performance.now() - start) / 1000;
    await runner.stop();
    await store.close();
    return (count * 1.5) / seconds;
  },
  async start({ folder }: { folder: string }): Promise<ColdStart> {
    const start = performance.now();
    const { store, runner } = await open(folder);
    const opened = performance.now();
    const starting = runner.start();
    const { outcome } = await runner.handle('user-1', 'Bob', { id: 'cold' });
    const answered = performance.now();
    if (outcome !== 'replied' && outcome !== 'silent') throw new Error(`A turn was ${outcome}.`);
    await starting;
    const started = performance.now();
    const before = await collect();
    for (let user = 0; user < TOUCHED; user += 1) {
      await runner.handle(`user-${user}`, 'x', { id: 'x' });
    }
    const after = await collect();
    await runner.stop();
    await store.close();
    return {
      openedMs: opened - start,
      answeredMs: answered - start,
      startedMs: started - start,
      heapBytes: before.heap,
      touchedBytes: (after.heap - before.heap) / TOUCHED,
    };
  },
};

export type ColdStartCalls = typeof calls;

serve(calls);
