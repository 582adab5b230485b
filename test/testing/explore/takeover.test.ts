import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keywords, setupDialogue } from 'colloquy';
import type { TakeoverOutput } from 'colloquy/takeover';
import { createCoverage, explore, playTranscript, walkDialogue } from 'colloquy/testing';
import { shopWith } from '../../takeover/shop.ts';

const shop = shopWith({
  tell() {
    throw new Error('An exploration tells no operator.');
  },
});

describe('a takeover', () => {
  it('is explored without outputs of its service, and operators may do anything', async () => {
    const { failures, needs, unreached, conversations } = await explore(shop, {
      samples: ['human', 'tea'],
    });
    expect(failures).toEqual([]);
    expect(needs).toEqual([]);
    // Only fifty messages that no operator reads lead there.
    const rare = unreached.filter(({ item: { label } }) => !label?.includes('no room for more'));
    expect(rare.map(({ item }) => item)).toEqual([]);
    expect(conversations.map(({ transcript }) => transcript).join('')).toContain('op> [back');
    for (const { transcript } of conversations.slice(0, 5)) {
      expect((await playTranscript(transcript, shop)).diff).toBe('');
    }
  }, 120_000);

  it('is walked through, and what follows from what an operator does is found', async () => {
    await walkDialogue(shop, { fc, samples: ['human'], runs: 30 });
    const broken = walkDialogue(shop, {
      samples: ['human'],
      fc,
      invariants: {
        'no refund': ({ context }) => {
          const end = context['end'] as TakeoverOutput<string> | undefined;
          return end?.reason !== 'returned' || end.result !== 'refund';
        },
      },
    });
    await expect(broken).rejects.toThrow(/op> \[back refund\]/u);
  });
});

describe('coverage', () => {
  it('lists the states of a takeover with those of the library', () => {
    const coverage = createCoverage(shop);
    coverage.stop();
    expect(coverage.toText({ internal: false })).not.toContain('open.mail');
    expect(coverage.toText()).toContain('open.mail');
  });

  it('does not ask for an intent that a state keeps from those around it', () => {
    const words = setupDialogue({
      types: {} as { context: object },
      intents: { cancel: keywords('cancel') },
    });
    const relay = words.createDialogue({
      id: 'relay',
      context: {},
      initial: 'talks',
      on: { 'intent.cancel': { actions: words.reply('cancelled') } },
      states: {
        talks: { on: { 'intent.*': undefined, 'message.*': { actions: words.reply('heard') } } },
      },
    });
    const coverage = createCoverage(relay);
    coverage.stop();
    const labels = coverage.items.map(({ path, label }) => `${path}: ${label}`);
    expect(labels.filter((label) => label.includes('intent'))).toEqual([': intent.cancel']);
  });
});
