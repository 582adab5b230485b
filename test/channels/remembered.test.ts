import { expect, it } from 'vitest';
import { createPartSender } from '../../src/channels/part-sender.ts';
import { LastPlaces } from '../../src/channels/slack/last-places.ts';
import { rememberMoved } from '../../src/channels/telegram/moved-chats.ts';
import { postJson } from '../../src/channels/web-api.ts';

it('of over a thousand replies that are sent in part, a channel begins again with the oldest alone', async () => {
  const send = createPartSender();
  const sent: string[] = [];
  let isDown = true;
  const say = (id: string): Promise<string> =>
    send(id, [
      async () => void sent.push(`${id}.1`),
      async () => {
        if (isDown) throw new Error('503');
        sent.push(`${id}.2`);
      },
    ]).then(
      () => 'sent',
      () => 'failed',
    );
  for (let n = 0; n < 1001; n += 1) expect(await say(`${n}`)).toBe('failed');
  isDown = false;
  sent.length = 0;
  for (const id of ['1', '1000', '0']) expect(await say(id)).toBe('sent');
  expect(sent).toEqual(['1.2', '1000.2', '0.1', '0.2']);
});

it('of over 10 000 people on Slack, the place of the one who wrote longest ago is forgotten', () => {
  const places = new LastPlaces();
  for (let n = 0; n < 10_000; n += 1) places.note(`u${n}`, { home: `D${n}` });
  places.note('u0', { home: 'D0' });
  places.note('new', { home: 'D' });
  expect(['u0', 'u1', 'u2', 'new'].map((openid) => places.of(openid).home)).toEqual([
    'D0',
    undefined,
    'D2',
    'D',
  ]);
});

it('of over 10 000 supergroups on Telegram, the group that was upgraded longest ago is forgotten', () => {
  const moved = rememberMoved();
  for (let n = 0; n < 10_001; n += 1) void moved.set(`s${n}`, `g${n}`);
  expect([moved.get('s0'), moved.get('s1'), moved.get('s10000')]).toEqual([
    undefined,
    'g1',
    'g10000',
  ]);
});

it.each([
  ['as long as', 0, 'text'],
  ['longer than', 1, undefined],
])('an answer of an interface %s 256 KiB is read or counts as none', async (_what, more, found) => {
  const frame = JSON.stringify({ text: '' }).length;
  const text = JSON.stringify({ text: 'x'.repeat(256 * 1024 - frame + more) });
  const { data } = await postJson(() => Promise.resolve(new Response(text)), {
    channel: 'x',
    url: 'https://platform.example',
    body: '{}',
    signal: new AbortController().signal,
  });
  expect(Object.keys(data ?? {})[0]).toBe(found);
});
