import { describe, expect, it } from 'vitest';
import { cli, temporaryFolder } from './program.ts';

/** A guard that throws, and a service that fails without an `onError`. */
const SHOP = `
  import { setupDialogue } from 'colloquy';
  import { fromPromise } from 'xstate';
  const { createDialogue, reply } = setupDialogue({
    actors: { price: fromPromise(async () => { throw new Error('no connection'); }) },
  });
  export default createDialogue({
    id: 'shop', context: {}, initial: 'open',
    states: {
      open: {
        on: {
          'message.image': { guard: () => { throw new TypeError('no eyes'); }, target: 'paying' },
          'message.text': { target: 'paying', actions: reply('One moment.') },
          'message.*': { actions: reply('Pardon?') },
        },
      },
      paying: { invoke: { src: 'price', onDone: 'open' }, on: { 'message.*': { actions: reply('Wait.') } } },
    },
  });`;

describe('what went wrong in a turn is said with its cause, and without the frames of the library', () => {
  it.each([
    [
      'a guard that throws',
      '[image]',
      /threw in state 'open' while it took 'message\.image'.*\n {2}cause: .*no eyes/u,
    ],
    [
      'a service that no state takes the failure of',
      'pay',
      /Service 'price' of dialogue 'shop' failed in state 'paying', which has no `onError` for it; see the cause\.\n {2}cause: no connection/u,
    ],
  ])('in chat: %s', async (_, said, expected) => {
    const cwd = temporaryFolder({ 'shop.ts': SHOP });
    const { out, err } = await cli(['chat', 'shop.ts'], { cwd, input: `${said}\n` });
    expect(out + err).toMatch(expected);
    expect(out + err).not.toMatch(/^\s+at /mu);
  });

  it('in explore, with the conversation that leads there', async () => {
    const cwd = temporaryFolder({
      'shop.ts': SHOP,
      'colloquy.config.ts': "export default { explore: { samples: [{ type: 'message.image' }] } };",
    });
    const { code, out, err } = await cli(['explore', 'shop.ts'], { cwd });
    expect(code).toBe(1);
    expect(out).toContain("threw: The dialogue threw in state 'open': no eyes\n");
    expect(out).toContain(
      "threw: The service 'price' failed in state 'paying', which has no `onError` for it: The service 'price' failed.",
    );
    expect(out).toMatch(/> .*message\.image.*\n! failed: step_failed: .*no eyes\n/u);
    expect(out + err).not.toMatch(/^\s+at /mu);
  });
});

it('explore counts steps and places on a terminal, and takes that back', async () => {
  const cwd = '../../examples/web-chat';
  const at = new URL(`${cwd}/`, import.meta.url).pathname;
  const { err } = await cli(['explore', '--budget', '300'], { cwd: at, isTTY: true });
  expect(err.replaceAll('\r\u001b[K', '|')).toMatch(
    /\|exploring restaurant: 250 of 300 steps, \d+ of \d+ places …\|$/u,
  );
});
