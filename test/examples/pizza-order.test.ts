import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { converse, fails, hangs, playTranscript } from 'colloquy/testing';
import { describe, expect, test } from 'vitest';
import { price } from '../../examples/pizza-order/colloquy.config.ts';
import order from '../../examples/pizza-order/dialogue.ts';
import { type Pizza, pizza } from '../../examples/pizza-order/pizza.ts';
import { cli } from '../cli/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/pizza-order/`;

const quote = { id: 'q-1', total: 12 };
const ham: Pizza = { size: 'large', toppings: ['ham'], count: 1 };
const CART =
  'In your cart:\n1 large, with ham\n1. Another pizza\n2. Change one\n3. Remove one\n4. Order';

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    const { text } = await playTranscript(transcript, order, { services: { price } });
    expect(text).toBe(transcript);
  });
});

test('two pizzas that are the same stay two', async () => {
  const chat = converse(order);
  await chat.seed('cart', { cart: [ham, ham] });
  for (const said of ['remove', '2']) await chat.say(said);
  expect(chat.replies).toEqual([CART]);
});

test('an empty cart leads to the first pizza', async () => {
  const chat = converse(order);
  await chat.seed('removing', { cart: [ham] });
  await chat.say('1');
  chat.expectState('pizza > asking.size');
  expect(await chat.say('back')).toEqual(['Which size?\n1. small\n2. large']);
});

test('a button that is tapped twice counts once', async () => {
  const chat = converse(order);
  await chat.seed('sure', { cart: [ham], address: 'High Street 1', quote });
  const [question] = chat.said;
  expect(await chat.press(question, 'yes')).toEqual(['Please pay: https://pay.example/q-1']);
  expect(await chat.press(question, 'yes')).toEqual([]);
  chat.expectOutcome('stale').expectState('paying');
});

test('a price is asked for four times, later each time, and then given up', async () => {
  const chat = converse(order, { services: { price: fails(4, async () => quote) } });
  await chat.seed('pricing', { cart: [ham], address: 'High Street 1' });
  for (const seconds of [2, 4, 8]) {
    chat.expectTimer({ seconds });
    await chat.advance({ seconds });
  }
  expect(chat.replies).toEqual(['We cannot tell the price right now.', CART]);
});

test('a price that does not come is given up, too', async () => {
  const chat = converse(order, { services: { price: hangs() } });
  await chat.seed('pricing', { cart: [ham], address: 'High Street 1' });
  expect(await chat.until('cart', { within: { minutes: 1 } })).toEqual([
    'We cannot tell the price right now.',
    CART,
  ]);
});

test('a payment counts after a crash, once, and only for its quote', async () => {
  const chat = converse(order);
  await chat.seed('paying', { cart: [ham], quote });
  await chat.crash();
  expect(await chat.event({ type: 'event.paid', quote: 'q-2' }, { id: 'p-1' })).toEqual([]);
  chat.expectOutcome('unhandled');
  const paid = { type: 'event.paid', quote: 'q-1' } as const;
  const thanks = ['Thank you! It is in the oven.'];
  expect(await chat.event(paid, { id: 'p-2' })).toEqual(thanks);
  await chat.event(paid, { id: 'p-2' });
  chat.expectOutcome('duplicate').expectContext({ cart: [] });
});

test('a pizza alone is shown first if it is known', async () => {
  const chat = converse(pizza, { input: () => ham });
  expect(await chat.say('hi')).toEqual([
    'Size: large\nToppings:\n1. ham\nNumber: 1\nIs that right?\n1. Yes\n2. No',
  ]);
  for (const said of ['no, 3', 'remove the ham', 'yes']) await chat.say(said);
  chat.expectDone({ size: 'large', toppings: [], count: 3 });
});

test('it talks in the terminal', async () => {
  const lines = ['hi', 'large', 'none', '2', 'yes', 'order', 'High Street 1', '/forward 2s', 'yes'];
  const paid = '[{"type":"event.paid","quote":"q-2"}]';
  const { code, out } = await cli(['chat'], {
    cwd: folder,
    input: [...lines, paid, ''].join('\n'),
  });
  expect(code).toBe(0);
  expect(out).toContain('< Please pay: https://pay.example/q-2\n');
  expect(out).toContain('Thank you! It is in the oven.');
});
