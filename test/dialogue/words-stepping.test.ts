import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { choice, integer, setupDialogue, text } from '../../src/index.ts';
import type { Effect } from '../../src/dialogue/engine/effect.ts';
import { type Snapshot, createEngine } from '../../src/dialogue/engine/engine.ts';
import { watchDialogue } from '../../src/dialogue/engine/inspection.ts';

// The engine takes the turns of words by its own shortcut, but for a dialogue that is watched, whose steps are XState's. This
// test has both take the same messages.

const SAID = ['hi', '42', '7', 'dunno', 'yes', 'No', 'red', 'Blue', '12 kg', 'twenty-one', ''];
const OTHER = ['message.image', 'intent.back', 'intent.cancel', 'ask.repeat', 'event.follow'];

interface Plan {
  readonly kind: 'ask' | 'number' | 'function' | 'guarded' | 'choose' | 'confirm';
  readonly retry: 'none' | 'constant' | 'function';
  readonly attempts: number | undefined;
  readonly timeout: boolean;
  readonly asks: 'always' | 'when';
  readonly to: number;
  readonly no: number;
}

const plan = fc.record<Plan>({
  kind: fc.constantFrom('ask', 'number', 'function', 'guarded', 'choose', 'confirm'),
  retry: fc.constantFrom('none', 'constant', 'function'),
  attempts: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  timeout: fc.boolean(),
  asks: fc.constantFrom('always', 'always', 'when'),
  to: fc.nat(6),
  no: fc.nat(6),
});

interface Answers {
  readonly n: number;
  readonly last?: unknown;
  readonly [key: string]: unknown;
}

function dialogueOf(plans: readonly Plan[]): AnyStateMachine {
  const { ask, assign, choose, confirm, createDialogue, reply } = setupDialogue({
    types: {} as { context: Answers },
  });
  const nameOf = (place: number): string => `s${place % plans.length}`;
  const counted = assign({ n: ({ context }) => context.n + 1 });
  const stateOf = (each: Plan, place: number): object => {
    const { kind, attempts, to, no } = each;
    const target = nameOf(to);
    const way = { target, actions: [counted, reply(({ context }) => `${context.n}.`)] };
    const common = {
      question:
        place % 2 === 0 ? `Q${place}` : ({ context }: { context: Answers }) => `Q${context.n}`,
      ...(each.retry === 'constant' && { retry: 'Again.' }),
      ...(each.retry === 'function' && {
        retry: ({ issue, attempt }: { issue: string; attempt: number }) => `${issue} ${attempt}`,
      }),
      ...(attempts !== undefined && { attempts, otherwise: nameOf(no) }),
      ...(each.timeout && { timeout: { after: { minutes: 5 }, say: 'Hello?' } }),
      ...(each.asks === 'when' && {
        when: ({ context }: { context: Answers }) => context.n % 2 === 0,
        skipTo: nameOf(place + 1),
      }),
      back: nameOf(no),
    };
    switch (kind) {
      case 'ask':
        return ask({ ...common, parse: text(), assign: `a${place}`, target } as never);
      case 'number':
        return ask({ ...common, parse: integer({ max: 40 }), assign: 'last', target } as never);
      case 'function':
        return ask({
          ...common,
          parse: choice(['red', 'blue']),
          assign: ({ value }: { value: string }) => ({ last: value, [value]: true }),
          target,
        } as never);
      case 'guarded':
        return ask({
          ...common,
          parse: integer(),
          assign: 'last',
          target: [
            { guard: ({ value }: { value: number }) => value > 20, ...way },
            { target: nameOf(no) },
          ],
        } as never);
      case 'choose':
        return choose({ ...common, options: ['red', 'blue'], assign: 'last', target } as never);
      case 'confirm':
        return confirm({ ...common, yes: way, no: nameOf(no) } as never);
    }
  };
  return createDialogue({
    id: 'words',
    context: { n: 0 },
    initial: 's0',
    states: Object.fromEntries(plans.map((each, place) => [nameOf(place), stateOf(each, place)])),
  } as never) as unknown as AnyStateMachine;
}

/** What an effect says. The questions of two dialogues are two objects. */
function told(effects: readonly Effect[]): object[] {
  return effects.map((effect) =>
    effect.type === 'reply' && effect.asked !== undefined
      ? { ...effect, asked: { ...effect.asked, question: undefined } }
      : effect,
  );
}

type Outcome =
  readonly [value: unknown, context: unknown, handled: boolean, effects: object[]] | string;

/** What comes of the messages, one after another; of a step that throws, what the error says. */
function outcomesOf(
  dialogue: AnyStateMachine,
  messages: readonly { readonly type: string }[],
): Outcome[] {
  const engine = createEngine(dialogue);
  const outcomes: Outcome[] = [];
  let snapshot: Snapshot | undefined;
  for (const message of [undefined, ...messages]) {
    try {
      const { next, handled, effects } =
        message === undefined || snapshot === undefined
          ? engine.first(undefined, {}, { now: 1_700_000_000_000 })
          : engine.step(snapshot, message, snapshot.context as object, { now: 1_700_000_000_000 });
      snapshot = next;
      outcomes.push([next.value, next.context, handled, told(effects)]);
    } catch (error) {
      outcomes.push((error as Error).message);
    }
  }
  return outcomes;
}

describe('a dialogue in words', () => {
  it('takes every message as XState takes it', () => {
    const messages = fc.array(
      fc.oneof(
        fc.constantFrom(...SAID).map((said) => ({ type: 'message.text', text: said })),
        fc.constantFrom(...OTHER).map((type) => ({ type })),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.array(plan, { minLength: 1, maxLength: 5 }), messages, (plans, said) => {
        const own = outcomesOf(dialogueOf(plans), said);
        const watched = dialogueOf(plans);
        let steps = 0;
        const end = watchDialogue(watched, () => {
          steps += 1;
        });
        const byXState = outcomesOf(watched, said);
        end();
        expect(steps).toBeGreaterThan(0);
        expect(own).toEqual(byXState);
      }),
      { numRuns: 150 },
    );
  });
});
