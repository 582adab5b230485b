import {
  WalkFailure,
  type WalkOptions,
  type WalkView,
  adversary,
  explore,
  lintDialogue,
  modelFindings,
  walkDialogue,
} from 'colloquy/testing';
import { createAgent } from 'colloquy/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyStateMachine, assign } from 'xstate';
import { address } from '../../examples/support-desk/address.ts';
import desk from '../../examples/support-desk/dialogue.ts';
import type { Refund } from '../../examples/support-desk/refund.ts';
import shop from '../../examples/wechat-shop/dialogue.ts';
import { type Choice, type Sale, describe as inWords } from '../../examples/wechat-shop/menu.ts';
import { changed, isYes, lastSaid, startedOf } from './support/agreed.ts';

/** All that the model of an example may find, and what no step of a walk with it may break. */
interface Guarded {
  readonly dialogue: AnyStateMachine;
  readonly options: Omit<WalkOptions, 'fc'>;
}

const priceIn = (text: string): number => Number(/共 (\d+) 元/u.exec(text)?.[1]);

const ofShop = modelFindings({
  intents: {
    want: { drink: ['珍珠奶茶'], sweet: ['少糖'], cups: ['2', '三十杯'] },
    mine: {},
    order: {},
    hours: {},
  },
});

const teaShop: Guarded = {
  dialogue: shop,
  options: {
    recognize: ofShop.recognize,
    samples: [
      ...ofShop.samples,
      { type: 'event.payment', key: 'A101' },
      { type: 'event.ready', order: 'A101' },
    ],
    services: { placeOrder: [{ id: 'A101', yuan: 30 }] },
    invariants: {
      'nothing is ordered without a yes to its summary, at its price': (view) =>
        (startedOf(view, 'placeOrder') as readonly Sale[]).every((sale) => {
          const asked = lastSaid(view, /对吗/u);
          return isYes(view.heard) && asked.includes(inWords(sale)) && priceIn(asked) === sale.yuan;
        }),
      'what is charged is said': ({ state, before, replies, context }) => {
        if (state !== 'paying' || before?.state === 'paying') return true;
        const { order } = context as { order?: { yuan: number } };
        return replies.some((reply) => 'text' in reply && priceIn(reply.text) === order?.yuan);
      },
      'an order is one of the menu': ({ context }) => {
        const { cups, drink, sweet } = context as Choice;
        return (
          (cups === undefined || (Number.isInteger(cups) && cups >= 1 && cups <= 20)) &&
          [undefined, 'pearl', 'lemon', 'coconut'].includes(drink) &&
          [undefined, 'full', 'half', 'none'].includes(sweet)
        );
      },
      'nothing is made without its payment': ({ state, before, heard }) =>
        state !== 'making' ||
        before?.state === 'making' ||
        (typeof heard === 'object' && heard.type === 'event.payment'),
      'what is paid for is not lost': ({ state, before }) =>
        before?.state !== 'making' || state === 'making' || state === 'ready',
    },
  },
};

const ofDesk = modelFindings({ intents: { refund: {}, delivery: {}, status: {}, back: {} } });

const supportDesk: Guarded = {
  dialogue: desk,
  options: {
    recognize: ofDesk.recognize,
    samples: [...ofDesk.samples, '1042', 'NO93 8601 1117 947'],
    services: {
      findOrder: [{ number: '1042', state: 'packed', total: 35 }],
      payBack: ['R-1'],
      redirect: [undefined],
    },
    maxLength: 80,
    invariants: {
      'no refund is paid without a yes to what it is': (view) =>
        (startedOf(view, 'payBack') as readonly { refund: Refund }[]).every(({ refund }) => {
          const asked = lastSaid(view, /Shall I\?/u);
          return isYes(view.heard) && partsOf(refund).every((part) => asked.includes(part));
        }),
      'no parcel goes elsewhere without a yes': (view) =>
        startedOf(view, 'redirect').length === 0 || isYes(view.heard),
      'no order is looked for without a number': (view) =>
        (startedOf(view, 'findOrder') as readonly { number: string }[]).every(({ number }) =>
          /^\d{4}$/u.test(number),
        ),
    },
  },
};

/** Of the desk, what asks for an address, which its model fills as well. */
const addressForm: Guarded = {
  dialogue: address,
  options: {
    ...modelFindings({
      slots: { name: ['Ann'], street: ['Main Street 1'], postcode: ['12345'], city: ['Oslo'] },
    }),
    input: () => ({ purpose: 'for the flowers' }),
    invariants: {
      'an address is one that was agreed to': (view) => {
        if (!view.done) return true;
        const { purpose: _, ...parts } = view.context;
        const asked = lastSaid(view, /Is that right/u);
        return isYes(view.heard) && Object.values(parts).every((part) => asked.includes(`${part}`));
      },
      'a postcode has four or five digits': ({ context: { postcode = '1234' } }) =>
        typeof postcode === 'string' && /^\d{4,5}$/u.test(postcode),
    },
  },
};

function partsOf(refund: Refund): readonly string[] {
  if (refund.by === 'money') return ['35.00 €', refund.account.holder, refund.account.iban];
  return [refund.address.street, refund.address.city];
}

const walk = ({ dialogue, options }: Guarded, more: Partial<WalkOptions> = {}): Promise<void> =>
  walkDialogue(dialogue, { fc, ...options, ...more });

async function failureOf(guarded: Guarded, more: Partial<WalkOptions> = {}): Promise<WalkFailure> {
  const failure: unknown = await walk(guarded, more).catch((error: unknown) => error);
  if (!(failure instanceof WalkFailure)) throw new Error('Nothing failed.', { cause: failure });
  return failure;
}

const saidIn = ({ transcript }: WalkFailure): readonly string[] =>
  transcript.split('\n').filter((line) => line.startsWith('>'));

describe.each([
  ['the tea shop', teaShop, 'placeOrder'],
  ['the support desk', supportDesk, 'payBack'],
  ['the address', addressForm, undefined],
] as const)('whatever its model says, %s', (_name, guarded, service) => {
  it('keeps its rules', async () => {
    let times = 0;
    const counted = (view: WalkView): void => {
      times += service === undefined ? Number(view.done) : startedOf(view, service).length;
    };
    await walk(guarded, { runs: 400, invariants: { ...guarded.options.invariants, counted } });
    // A rule about what never happens would be kept.
    expect(times).toBeGreaterThan(1);
  });

  it('is explored without a failure', async () => {
    const { runs: _, maxLength: __, invariants: ___, ...options } = guarded.options;
    const { failures } = await explore(guarded.dialogue, { ...options, budget: 2500 });
    expect(failures).toEqual([]);
  });

  it('has no service behind an intent alone', () => {
    const effects = ['placeOrder', 'payBack', 'redirect'];
    const found = lintDialogue(guarded.dialogue, { rules: { 'unapproved-effect': { effects } } });
    expect(found.filter(({ rule }) => rule === 'unapproved-effect')).toEqual([]);
  });
});

describe('a hole in an example is found, with a short conversation', () => {
  it('an intent that skips the confirmation', async () => {
    const dialogue = changed(shop, 'ordering', (form) => ({
      ...form,
      on: { ...(form['on'] as object), 'intent.want': 'placing' },
    }));
    const failure = await failureOf({ ...teaShop, dialogue });
    expect(failure.invariant).toBe('nothing is ordered without a yes to its summary, at its price');
    expect(saidIn(failure).length).toBeLessThan(5);
    const effects = ['placeOrder'];
    const found = lintDialogue(dialogue, { rules: { 'unapproved-effect': { effects } } });
    expect(found.map(({ rule }) => rule)).toContain('unapproved-effect');
  });

  it('a slot that no parser reads', async () => {
    const dialogue = changed(shop, 'ordering', (form) => ({
      ...form,
      on: {
        ...(form['on'] as object),
        'intent.want': {
          actions: assign({
            cups: ({ event }: { event: { values: { cups?: number } } }) => event.values.cups,
          } as never),
        },
      },
    }));
    const failure = await failureOf({ ...teaShop, dialogue });
    expect(failure.invariant).toBe('an order is one of the menu');
    expect(saidIn(failure).length).toBeLessThan(5);
  });

  /** The desk with an agent in the place of the questions about a refund. */
  function deskWithAgent(approve: object): Guarded {
    const clerk = createAgent({
      id: 'clerk',
      model: { name: 'none', generate: () => Promise.reject(new Error('No model is asked.')) },
      instructions: 'Agree with the customer on a refund.',
      limits: { steps: 4 },
      tools: {
        payBack: {
          description: 'Gives the money of the order back.',
          input: z.object({ holder: z.string().min(1), iban: z.string().min(15) }),
          run: () => 'Paid.',
          ...approve,
        } as never,
      },
    });
    const dialogue = changed(
      desk,
      'talk.refund',
      ({ invoke, ...state }) => ({
        ...state,
        invoke: {
          ...(invoke as object),
          input: { text: 'A refund' },
          onDone: 'anythingElse',
        },
      }),
      { refund: clerk },
    );
    const account = { holder: 'Ann Lee', iban: 'NO9386011117947' };
    const services = {
      ...supportDesk.options.services,
      ...adversary(dialogue, { inputs: { payBack: [account] } }),
    };
    return { dialogue, options: { ...supportDesk.options, services } };
  }

  interface Payment {
    readonly input: { readonly holder: string; readonly iban: string };
  }
  const invariants = {
    'no refund is paid without a yes to what it is': (view: WalkView) =>
      (startedOf(view, 'payBack') as readonly Payment[]).every(({ input }) => {
        const asked = lastSaid(view, /Shall I\?/u);
        return isYes(view.heard) && asked.includes(input.iban) && asked.includes(input.holder);
      }),
  };

  it('a tool without an approval', async () => {
    const approve = ({ holder, iban }: { holder: string; iban: string }): string =>
      `To ${holder}, ${iban}. Shall I?`;
    await walk(deskWithAgent({ approve }), { invariants });
    const guarded = deskWithAgent({});
    const failure = await failureOf(guarded, { invariants });
    expect(failure.invariant).toBe('no refund is paid without a yes to what it is');
    expect(saidIn(failure).length).toBeLessThan(5);
    expect(lintDialogue(guarded.dialogue).map(({ rule }) => rule)).toContain('unapproved-effect');
  });
});
