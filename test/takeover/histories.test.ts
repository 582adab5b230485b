import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Office } from './office.ts';

/**
 * Any history of a takeover: what a customer and two operators say and do, redeliveries, failing writes, crashes and time. Both
 * sides read what the other said once and in order, and nothing that a customer said is lost.
 */

const RUNS = Number(process.env['TAKEOVER_RUNS'] ?? 15);

type Step =
  | { readonly do: 'customer' | 'operator' | 'eve'; readonly again: boolean }
  | { readonly do: 'take' | 'leave' | 'back'; readonly by: 'bob' | 'eve' }
  | { readonly do: 'begin' | 'crash' }
  | { readonly do: 'advance'; readonly ms: number }
  | {
      readonly do: 'fail' | 'die';
      readonly after: number;
      readonly outcome: 'refused' | 'lost' | 'dropped';
    };

const again = fc.boolean();
const speaking: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('customer' as const), again }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('operator' as const), again }) },
);
const trouble: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('fail' as const, 'die' as const),
      after: fc.nat({ max: 6 }),
      outcome: fc.constantFrom('refused' as const, 'lost' as const, 'dropped' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 1, 1000, 40_000),
    }),
  },
);
const by = fc.constantFrom('bob' as const, 'eve' as const);
const doing: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const), by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('begin' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('eve' as const), again }) },
);

class History {
  readonly office = new Office();
  readonly said: Record<'ann' | 'bob' | 'eve', string[]> = { ann: [], bob: [], eve: [] };
  /** What the customer said to an operator, rather than to the bot. */
  readonly forOperators: string[] = [];
  #ids = 0;

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#take(step);
    this.office.failAfter = Infinity;
    await this.rest();
  }

  /** Time passes without trouble, until nothing is on its way. */
  async rest(): Promise<void> {
    // Who died does not come back by itself.
    await this.office.crash();
    for (let seconds = 0; seconds < 120; seconds += 20) {
      await this.office.clock.advance({ seconds: 20 });
    }
  }

  async say(openid: 'ann' | 'bob' | 'eve', text: string, twice = false): Promise<string> {
    const id = `m${(this.#ids += 1)}`;
    const outcome = await this.office.sayUntilTaken(openid, text, id);
    if (twice) await this.office.sayUntilTaken(openid, text, id);
    return outcome;
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case 'customer':
        return this.#speak('ann', step.again);
      case 'operator':
        return this.#speak('bob', step.again);
      case 'eve':
        return this.#speak('eve', step.again);
      case 'take':
        return void (await this.say(step.by, 'ann'));
      case 'leave':
        return void (await this.say(step.by, '/leave'));
      case 'back':
        return void (await this.say(step.by, '/back solved'));
      case 'begin':
        return void (await this.say('ann', 'human'));
      case 'crash':
        return this.office.crash();
      case 'advance':
        return this.office.clock.advance(step.ms);
      case 'fail':
      case 'die':
        this.office.failAfter = step.after;
        this.office.dies = step.do === 'die';
        this.office.outcome = step.outcome;
        return undefined;
    }
  }

  async #speak(who: 'ann' | 'bob' | 'eve', twice: boolean): Promise<void> {
    const text = `${who}-${this.said[who].length + 1}`;
    await this.say(who, text, twice);
    this.said[who].push(text);
    // What the bot has not answered is for operators, whatever the outcome: it may come late, or from a process that has died.
    if (who === 'ann' && !this.office.read('ann').includes(`bot: ${text}`)) {
      this.forOperators.push(text);
    }
  }
}

/** The texts of somebody in what another one read, in order. */
function textsOf(who: string, read: readonly string[]): string[] {
  return read.flatMap((text) => text.match(new RegExp(`\\b${who}-\\d+`, 'gu')) ?? []);
}

describe('a takeover over any history', () => {
  it('brings each side what the other said, once and in order', async () => {
    const steps = fc.array(fc.oneof({ weight: 3, arbitrary: speaking }, trouble), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const history = new History();
        await history.say('ann', 'hi');
        await history.say('ann', 'human');
        await history.rest();
        await history.say('bob', 'ann');
        await history.rest();
        await history.play(given);
        expect(textsOf('ann', history.office.read('bob'))).toEqual(history.said.ann);
        expect(textsOf('bob', history.office.read('ann'))).toEqual(history.said.bob);
      }),
      { numRuns: RUNS },
    );
  });

  it('loses nothing of the customer, and says nothing twice, whoever takes it, leaves it or gives it back', async () => {
    const steps = fc.array(
      fc.oneof({ weight: 3, arbitrary: speaking }, { weight: 2, arbitrary: doing }, trouble),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const history = new History();
        await history.say('ann', 'hi');
        await history.say('ann', 'human');
        await history.play(given);
        const { office } = history;
        // Whoever has the conversation gives it back; if nobody has, one takes it.
        const ends: string[] = [];
        for (const operator of ['bob', 'eve'] as const) {
          await history.say(operator, 'ann');
          await history.rest();
        }
        for (const each of office.ended) ends.push(...each);
        const read = [...office.read('bob'), ...office.read('eve'), ...ends];
        expect(new Set(textsOf('ann', read))).toEqual(new Set(history.forOperators));
        for (const operator of ['bob', 'eve'] as const) {
          const told = office.read(operator).filter((text) => text.startsWith('ann: '));
          const texts = textsOf('ann', told);
          expect(texts).toEqual([...new Set(texts)]);
          expect(texts).toEqual(history.said.ann.filter((text) => texts.includes(text)));
          const heard = textsOf(operator, office.read('ann'));
          expect(heard).toEqual(history.said[operator].filter((text) => heard.includes(text)));
        }
      }),
      { numRuns: RUNS },
    );
  });
});
