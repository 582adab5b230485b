import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { parseForm } from '../../src/channels/slack/form.ts';
import { xml } from './wechat/pushes.ts';
import { type Wire, KIB, many, ofSlack, ofTelegram, open, quoted, wires } from './wires.ts';

const jsonWith = (value: string): string =>
  `{"user":"ann","id":"1","message":{"type":"message.text","text":"hi","x":${value}}}`;
const [json, slackEvent, , , telegram] = wires.map(([, wire]) => wire) as [
  Wire,
  Wire,
  Wire,
  Wire,
  Wire,
];
const wechat = wires.at(-2)?.[1] as Wire;

const zeros = (count: number): string => `[${'0,'.repeat(count - 1)}0]`;

describe('a body has a maximum of', () => {
  it.each<[what: string, wire: Wire, body: string, status: number]>([
    ['10 000 values', json, jsonWith(zeros(9994)), 200],
    ['10 000 values, and no more', json, jsonWith(zeros(9995)), 400],
    ['4000 keys', json, jsonWith(`{${many((at) => `"${at}":0`, 3990)}}`), 200],
    ['4000 keys, and no more', json, jsonWith(`{${many((at) => `"${at}":0`, 4001)}}`), 400],
    [
      '100 fields in a form',
      slackEvent,
      `team_id=T1&user_id=U1&command=/a${'&a=1'.repeat(97)}`,
      200,
    ],
    ['100 fields in a form, and no more', slackEvent, `command=/a${'&a=1'.repeat(100)}`, 400],
    ['512 KiB of JSON', json, jsonWith(`"${'x'.repeat(512 * KIB - 100)}"`), 200],
    ['512 KiB of JSON, and no more', json, jsonWith(`"${'x'.repeat(512 * KIB)}"`), 413],
    ['512 KiB of Slack', slackEvent, ofSlack(`"text":"${'x'.repeat(512 * KIB - 300)}"`), 200],
    [
      '512 KiB of Slack, and no more',
      slackEvent,
      ofSlack(`"text":"${'x'.repeat(512 * KIB)}"`),
      413,
    ],
    ['256 KiB of Telegram', telegram, ofTelegram(`"text":"${'x'.repeat(256 * KIB - 300)}"`), 200],
    [
      '256 KiB of Telegram, and no more',
      telegram,
      ofTelegram(`"x":"${'x'.repeat(256 * KIB)}"`),
      413,
    ],
    ['64 KiB of WeChat, and no more', wechat, xml({ Content: 'x'.repeat(64 * KIB) }), 413],
  ])('%s', async (_what, wire, body, status) => {
    const { deliver, errors } = await open(wire);
    expect(await deliver(body)).toBe(status);
    expect(errors).toEqual(status === 400 ? ['bad_body'] : []);
  });

  it('as many bytes as the program allows', async () => {
    const body = ofTelegram(`"text":"${'x'.repeat(300 * KIB)}"`);
    expect(await (await open(telegram, { maxBodyBytes: 400 * KIB })).deliver(body)).toBe(200);
    expect(await (await open(telegram, { maxBodyBytes: 100 })).deliver(ofTelegram('"x":1'))).toBe(
      413,
    );
  });

  it.each([0, -1, 1.5, Number.NaN, '1'])('bytes, and not %j of them', async (maxBodyBytes) => {
    await expect(open(json, { maxBodyBytes: maxBodyBytes as number })).rejects.toMatchObject({
      code: 'bad_option',
    });
  });
});

const NOW = 1_700_000_000_000;

describe('of what one request tells', () => {
  async function heardOf(wire: Wire, body: string) {
    const channel = wire.subject.open({
      fetch: async () => Response.json({}),
      clock: createManualClock(),
    });
    const { url, headers, body: bytes } = wire.subject.sign({ body }, NOW);
    const reception = await channel.receive({
      method: 'POST',
      url: new URL(url),
      headers: new Headers(headers),
      receivedAt: NOW,
      readBody: async () => bytes,
    });
    return reception.type === 'messages' ? reception.messages : [];
  }

  it('the first 50 files are messages', async () => {
    const files = `[${many((at) => `{"id":"F${at}"}`, 1000)}]`;
    const heard = await heardOf(slackEvent, ofSlack(`"text":"x","files":${files}`));
    expect(heard).toHaveLength(51);
    expect(heard.at(-1)?.message).toMatchObject({ part: { mediaId: 'F49' } });
  });

  it('the first 100 new members are', async () => {
    const members = `[${many((at) => `{"id":${at + 1}}`, 1000)}]`;
    const heard = await heardOf(telegram, ofTelegram(`"new_chat_members":${members}`));
    expect(heard).toHaveLength(100);
  });

  it('all messages share everything that was sent, which none of them can change', async () => {
    const [first, , last] = await heardOf(
      slackEvent,
      ofSlack('"text":"x","files":[{"id":"F1"},{}]'),
    );
    const { event } = (last?.message.raw ?? {}) as { event: { files: { id: string }[] } };
    expect(first?.message.raw).toBe(last?.message.raw);
    expect(event.files).toEqual([{ id: 'F1' }, {}]);
    expect(() => event.files.pop()).toThrow(TypeError);
  });

  it('a text longer than the maximum of Slack is left as it is written', async () => {
    const texts = ['&amp;'.repeat(8000), `${'&amp;'.repeat(8000)}!`];
    const bodies = texts.map((text) => ofSlack(`"text":${quoted(text)}`));
    const heard = await Promise.all(bodies.map((body) => heardOf(slackEvent, body)));
    expect(heard.map(([said]) => (said?.message as { text?: string } | undefined)?.text)).toEqual([
      '&'.repeat(8000),
      texts[1],
    ]);
  });
});

describe('a form', () => {
  const parsed = (text: string): unknown[] => [...parseForm(Buffer.from(text))];

  it.each([
    'a=1&b=2',
    'a=%E4%BD%A0%E5%A5%BD+%2B&b=a+b++c',
    'a&b=&=c&&d==e',
    'a=%&b=%4&c=%zz&d=%4G%41',
    'a=%f0%9f%91%8d',
    '',
    '&',
  ])('is read as URLSearchParams reads it: %s', (text) => {
    expect(parsed(text)).toEqual([...new URLSearchParams(text)]);
  });

  it('keeps the first of two fields with a name, and none that reaches a prototype', () => {
    expect(parsed('a=1&a=2&__proto__=3&%5f_proto__=4')).toEqual([['a', '1']]);
  });

  it('in another encoding than UTF-8 is refused', () => {
    expect(() => parsed('a=%ff')).toThrow(expect.objectContaining({ code: 'bad_body' }) as Error);
  });
});
