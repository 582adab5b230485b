import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ContextStore,
  type Runner,
  createContextStore,
  createRunner,
  formatReply,
  keywords,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type Fault, type ManualClock, createManualClock, faulty } from 'colloquy/testing';

/**
 * Any history of bursts: parts of two people, redeliveries, commands, pictures, crashes and time. A model that knows nothing
 * of the library says which turns there are; over two processes and slow, failing writes, each text counts once.
 */

const words = setupDialogue({
  types: {} as { context: { turns: readonly string[] } },
  intents: { menu: keywords('menu') },
});
const note = words.assign({
  turns: ({ context, event }) => [...context.turns, 'text' in event ? event.text : event.type],
});
const diary = words.createDialogue({
  id: 'diary',
  context: { turns: [] },
  initial: 'on',
  on: { 'intent.menu': { actions: [note, words.reply('menu')] } },
  states: {
    on: {
      on: {
        'message.text': { actions: [note, words.reply(({ event }) => event.text)] },
        'message.image': { actions: [note, words.reply('image')] },
      },
    },
  },
});

const gather = { quietMs: 1000, maxMs: 3000, max: 4 };

type Step =
  | { readonly do: 'say'; readonly from: string; readonly node: number }
  | { readonly do: 'other'; readonly what: 'menu' | 'image'; readonly node: number }
  | { readonly do: 'again'; readonly back: number; readonly node: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'crash'; readonly node: number }
  | { readonly do: 'fail'; readonly fault: Fault; readonly skip: number };

const node = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      from: fc.constantFrom('ann', 'ann', 'ann', 'bob'),
      node,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('other' as const),
      what: fc.constantFrom('menu' as const, 'image' as const),
      node,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('again' as const),
      back: fc.integer({ min: 1, max: 6 }),
      node,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 1, 300, 999, 1000, 1001, 5000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), node }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      fault: fc.record({
        outcome: fc.constantFrom('refused', 'lost', 'dropped', 'unanswered'),
        afterMs: fc.constantFrom(0, 2, 1500),
      }),
      skip: fc.nat({ max: 2 }),
    }),
  },
);

/** The turns of a history, computed without the library. */
class Model {
  readonly turns: string[] = [];
  now: number;
  #parts: { readonly text: string; readonly from: string }[] = [];
  #startedAt = 0;
  #dueAt = Infinity;

  constructor(now: number) {
    this.now = now;
  }

  say(text: string, from: string): void {
    if (this.#parts.length > 0 && this.#parts[0]?.from !== from) this.flush();
    if (this.#parts.length === 0) this.#startedAt = this.now;
    this.#parts.push({ text, from });
    this.#dueAt = Math.min(this.now + gather.quietMs, this.#startedAt + gather.maxMs);
    if (this.#parts.length === gather.max) this.flush();
  }

  other(what: string): void {
    this.flush();
    this.turns.push(what);
  }

  advance(ms: number): void {
    this.now += ms;
    if (this.#dueAt <= this.now) this.flush();
  }

  flush(): void {
    if (this.#parts.length > 0) this.turns.push(this.#parts.map(({ text }) => text).join('\n'));
    this.#parts = [];
    this.#dueAt = Infinity;
  }
}

interface Sent {
  readonly id: string;
  readonly message: object;
  outcome?: string | undefined;
}

interface Options {
  readonly nodes: number;
  /** Time that a call takes to reach the persister, and its answer to return. */
  readonly latencyMs: number;
  /** The maximum of records in memory. */
  readonly max?: number;
  /** How far the clock of the second process is ahead of the persister's. */
  readonly skewMs?: number;
}

interface Node {
  runner: Runner;
  store: ContextStore;
  isDead: boolean;
}

/** One or two processes over one disk. A crash cuts a process off from the disk and from its callers. */
class Real {
  readonly clock: ManualClock = createManualClock();
  readonly said: string[] = [];
  readonly sent: Sent[] = [];
  /** The faults of the next writes. */
  faults: { readonly fault: Fault; skip: number }[] = [];
  readonly #disk = createDisk();
  readonly #options: Options;
  readonly #nodes: Node[] = [];
  #ids = 0;

  constructor(options: Options) {
    this.#options = options;
    for (let node = 0; node < options.nodes; node += 1) this.boot(node);
  }

  boot(node: number): void {
    const { nodes, latencyMs, max = 100, skewMs = 0 } = this.#options;
    const { clock } = this;
    const place = node % nodes;
    const before = this.#nodes[place];
    if (before !== undefined) before.isDead = true;
    const process = { isDead: false } as Node;
    const isShared = nodes > 1;
    const persister = faulty(memory(this.#disk, isShared ? { shared: true, clock } : {}), {
      clock,
      choose: ({ method }) => {
        if (process.isDead) return { outcome: 'unanswered' };
        const [next] = this.faults;
        if (next !== undefined && (method === 'save' || method === 'lease.save')) {
          next.skip -= 1;
          if (next.skip < 0) return this.faults.shift()?.fault;
        }
        return latencyMs > 0 ? { beforeMs: latencyMs, afterMs: latencyMs } : undefined;
      },
    });
    const aheadMs = place === 0 ? 0 : skewMs;
    const cut = {
      now: () => clock.now() + aheadMs,
      wake: (at: number, callback: () => void) =>
        clock.wake(at - aheadMs, () => {
          if (!process.isDead) callback();
        }),
    };
    process.store = createContextStore({ clock: cut, persister, max, lease: { patrolMs: 2000 } });
    process.runner = createRunner(diary, { store: process.store, gather, seen: { ageMs: 1e9 } });
    process.runner.on('error', () => {});
    process.store.on('error', () => {});
    process.runner.on('reply', ({ reply }) => {
      if (!process.isDead) this.said.push(formatReply(reply));
    });
    this.#nodes[place] = process;
    void process.runner.start();
  }

  get nodes(): readonly { readonly runner: Runner; readonly store: ContextStore }[] {
    return this.#nodes;
  }

  send(message: object, node: number, id = `m${(this.#ids += 1)}`): void {
    const process = this.#nodes[node % this.#options.nodes];
    if (process === undefined) throw new RangeError('there is no such process');
    const sent = this.sent.find((each) => each.id === id) ?? { id, message };
    if (!this.sent.includes(sent)) this.sent.push(sent);
    process.runner.handle('u', message as { type: 'message.text'; text: string }, { id }).then(
      (turn) => {
        if (process.isDead) return;
        // Who had an answer already does not want another one.
        const isWanted = turn.outcome !== 'duplicate' || sent.outcome === undefined;
        if (isWanted) this.said.push(...turn.replies.map(formatReply));
        // Who joined a turn that fails has its error as well.
        if (turn.error === undefined && turn.uncommitted !== true) sent.outcome = turn.outcome;
      },
      () => {},
    );
  }

  async turns(): Promise<readonly string[]> {
    const store = this.#nodes[0]?.store;
    const reading = store?.open('u').then((context) => context.toJSON() as { turns?: string[] });
    await this.clock.advance(10_000);
    return (await reading)?.turns ?? [];
  }
}

it('takes the turns that the quiet time, the person and the command say, with redeliveries and crashes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const real = new Real({ nodes: 1, latencyMs: 0 });
      const model = new Model(real.clock.now());
      for (const [index, each] of steps.entries()) {
        const text = `t${index}`;
        switch (each.do) {
          case 'say':
            model.say(text, each.from);
            real.send({ type: 'message.text', text, from: { id: each.from } }, 0);
            break;
          case 'other':
            model.other(each.what === 'menu' ? 'menu' : 'message.image');
            real.send(
              each.what === 'menu'
                ? { type: 'message.text', text: 'menu' }
                : { type: 'message.image' },
              0,
            );
            break;
          case 'again': {
            const old = real.sent.at(-each.back);
            if (old !== undefined) real.send(old.message, 0, old.id);
            break;
          }
          case 'advance':
            model.advance(each.ms);
            await real.clock.advance(each.ms);
            break;
          case 'crash':
            real.boot(0);
            break;
          case 'fail':
            break;
        }
        await real.clock.advance(0);
      }
      model.advance(5000);
      await real.clock.advance(5000);
      expect(await real.turns()).toEqual(model.turns);
      const answers = model.turns.map((turn) => (turn === 'message.image' ? 'image' : turn));
      if (steps.every((each) => each.do !== 'crash')) expect(real.said).toEqual(answers);
      else expect(new Set(real.said)).toEqual(new Set(answers));
    }),
    { numRuns: Number(process.env['SIM_RUNS'] ?? 100) },
  );
});

/** A history that broke a promise in the past: the process that took the turn died before its caller had the answer. */
const FOUND: readonly Step[] = [
  { do: 'say', from: 'ann', node: 1 },
  { do: 'again', back: 1, node: 0 },
  { do: 'advance', ms: 1000 },
  { do: 'crash', node: 0 },
  { do: 'other', what: 'menu', node: 0 },
];

it.each<[string, Options]>([
  ['one process', { nodes: 1, latencyMs: 0 }],
  ['one process without room in memory, with slow writes', { nodes: 1, latencyMs: 2, max: 1 }],
  ['two processes over a shared disk', { nodes: 2, latencyMs: 0 }],
  ['two processes with slow writes', { nodes: 2, latencyMs: 2, max: 1 }],
  ['two processes whose clocks differ', { nodes: 2, latencyMs: 1, skewMs: 45_000 }],
])('counts each text once, on %s, which crash and whose writes fail', async (_where, options) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const real = new Real(options);
      for (const [index, each] of steps.entries()) {
        switch (each.do) {
          case 'say':
            real.send(
              { type: 'message.text', text: `t${index}`, from: { id: each.from } },
              each.node,
            );
            break;
          case 'other':
            real.send(
              each.what === 'menu'
                ? { type: 'message.text', text: 'menu' }
                : { type: 'message.image' },
              each.node,
            );
            break;
          case 'again': {
            const old = real.sent.at(-each.back);
            if (old !== undefined) real.send(old.message, each.node, old.id);
            break;
          }
          case 'advance':
            await real.clock.advance(each.ms);
            break;
          case 'crash':
            real.boot(each.node);
            break;
          case 'fail':
            real.faults.push({ ...each });
            break;
        }
        await real.clock.advance(0);
      }
      real.faults = [];
      await real.clock.advance(60_000);
      // The platform delivers again what nobody acknowledged.
      for (const { id, message, outcome } of [...real.sent]) {
        if (outcome === undefined) {
          real.send(message, 0, id);
          await real.clock.advance(100);
        }
      }
      await real.clock.advance(60_000);
      const turns = await real.turns();
      const texts = turns
        .flatMap((turn) => turn.split('\n'))
        .filter((text) => text.startsWith('t'));
      const expected = steps.flatMap((each, index) => (each.do === 'say' ? [`t${index}`] : []));
      expect(texts.toSorted()).toEqual(expected.toSorted());
      const others = steps.filter((each) => each.do === 'other').length;
      expect(turns.filter((turn) => !turn.startsWith('t'))).toHaveLength(others);
      // Parts of one turn are of one person.
      for (const turn of turns) {
        const senders = turn.split('\n').map((text) => {
          const said = steps[Number(text.slice(1))];
          return said?.do === 'say' ? said.from : text;
        });
        expect(new Set(senders).size).toBe(1);
      }
      for (const turn of turns) {
        const answer = turn === 'message.image' ? 'image' : turn;
        if (turn.startsWith('t')) expect(real.said).toContain(answer);
      }
    }),
    { numRuns: Number(process.env['SIM_RUNS'] ?? 60), examples: [[FOUND]] },
  );
});
