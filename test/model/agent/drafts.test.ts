import { converse, scripted } from 'colloquy/testing';
import { expect, it } from 'vitest';
import { deskOf } from './desk.ts';

it.each<[drafts: boolean | undefined, shown: readonly string[]]>([
  [true, ['A ', 'A moment.', 'It ', 'It is ', 'It is there.']],
  [false, []],
  [undefined, []],
])('the words of an agent are drafts where that is asked for: %s', async (drafts, shown) => {
  const model = scripted([
    { text: 'A moment.', calls: [{ name: 'ping' }] },
    { text: 'It is there.' },
  ]);
  const chat = converse(deskOf({ model, more: { drafts } }));
  expect(await chat.say('Where is A1?')).toEqual(['A moment.', 'It is there.']);
  expect(chat.drafts).toEqual(shown);
  model.assertComplete();
});
