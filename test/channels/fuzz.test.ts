import fc from 'fast-check';
import type { ChannelSubject, UnsignedRequest, WireRequest } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import type { ChannelRequest, Reception } from '../../src/channels/reception.ts';
import { toMessage } from '../../src/message-check.ts';
import { checkOpenid } from '../../src/openid.ts';
import { proofOf } from '../../src/testing/channel/subject.ts';
import { jsonSubject } from './subjects/json.ts';
import { slackSubject } from './subjects/slack.ts';
import { telegramSubject } from './subjects/telegram.ts';
import { wechatSubject } from './subjects/wechat.ts';
import { wecomSubject } from './subjects/wecom.ts';

/** For each channel; `FUZZ_RUNS=1000000 npx vitest run --project system test/channels/fuzz.test.ts` for a night. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000);
const NOW = Date.UTC(2026, 0, 1);

const subjects: Readonly<Record<string, ChannelSubject>> = {
  json: jsonSubject,
  slack: slackSubject,
  telegram: telegramSubject,
  wechat: wechatSubject,
  wecom: wecomSubject,
};

/** Text that means something to a parser. */
const token = fc.constantFrom(
  ...['"', '\\', '{', '}', '[', ']', ':', ',', 'null', 'true', '-1', '1e999', '9007199254740993'],
  ...['"__proto__":{"a":1},', '\\u005f_proto__', '"constructor"', '\\ud800', '\u0000', '\ufeff'],
  ...['<', '>', '&lt;', '&#0;', '<![CDATA[', ']]>', '<!DOCTYPE a>', '<@U1|', '%', '+', '&', '='],
  ...['/start', '"update_id"', '"from"', '"type"', 'payload=', '👩‍👩‍👧‍👦', ' ', '\n'],
);

/** A change of bytes: at a place, a number of them leave and others enter. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  out: fc.nat(6),
  in: fc.oneof(
    token.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 4 }),
    fc.constant(Buffer.from('[{"a":'.repeat(40))),
  ),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function edited(body: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce<Uint8Array>((bytes, { at, out, in: added }) => {
    const from = Math.floor(at * bytes.length);
    return Buffer.concat([bytes.subarray(0, from), added, bytes.subarray(from + out)]);
  }, body);
}

const bytesOf = ({ body = '' }: UnsignedRequest): Uint8Array =>
  typeof body === 'string' ? new TextEncoder().encode(body) : body;

const toChannelRequest = (wire: WireRequest): ChannelRequest => ({
  method: wire.method,
  url: new URL(wire.url),
  headers: new Headers(wire.headers),
  receivedAt: NOW,
  readBody: async () => wire.body,
});

/** Checks that a webhook can use the result. */
function checkReception(reception: Reception, prefix: string): void {
  if (reception.type !== 'messages') return;
  for (const { openid, message, id } of reception.messages) {
    checkOpenid(openid);
    expect(openid.startsWith(prefix)).toBe(true);
    const isEvent = message.type.startsWith('event.');
    toMessage(message, new Set(isEvent ? [message.type] : []), NOW);
    if (id !== undefined) expect(id.length).toBeLessThanOrEqual(512);
  }
}

describe.each(Object.entries(subjects))('requests to %s that went wrong', (_name, subject) => {
  const channel = subject.open({
    fetch: async () => new Response(),
    clock: { now: () => NOW, wake: () => () => {} },
  });
  const payload = fc.constantFrom(...subject.payloads);

  it('crash nothing where they are proven, and what is made of them is sound', async () => {
    await fc.assert(
      fc.asyncProperty(
        payload,
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (one, edits) => {
          const signed = subject.sign({ ...one, body: edited(bytesOf(one), edits) }, NOW);
          checkReception(await channel.receive(toChannelRequest(signed)), channel.prefix);
        },
      ),
      { numRuns: RUNS / 2 },
    );
  });

  it('are rejected where they are not', async () => {
    const { headers, query } = proofOf(subject, subject.sign({}, NOW));
    const places = fc.constantFrom(
      ...headers.map((name) => ['header', name] as const),
      ...query.map((name) => ['query', name] as const),
      ...(subject.capabilities?.includes('signed-body') ? [['body', ''] as const] : []),
    );
    const attack = fc.record({
      one: payload,
      place: places,
      edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
    });
    let rejected = 0;
    await fc.assert(
      fc.asyncProperty(attack, async ({ one, place: [kind, name], edits }) => {
        const signed = subject.sign(one, NOW);
        const forged = forge(signed, kind, name, edits);
        if (forged === undefined) return;
        const reception = await channel.receive(toChannelRequest(forged));
        expect(reception).toEqual({ type: 'reject', status: expect.any(Number) });
        rejected += 1;
      }),
      { numRuns: RUNS / 2 },
    );
    expect(rejected).toBeGreaterThan(RUNS / 8);
  });
});

/** The request with something else for its proof, or for its body; undefined where that would be no request, or the same. */
function forge(
  signed: WireRequest,
  kind: 'header' | 'query' | 'body',
  name: string,
  edits: readonly Edit[],
): WireRequest | undefined {
  if (kind === 'body') {
    const body = edited(signed.body, edits);
    return Buffer.compare(body, signed.body) === 0 ? undefined : { ...signed, body };
  }
  const url = new URL(signed.url);
  const value = kind === 'header' ? signed.headers[name] : url.searchParams.get(name);
  const other = Buffer.from(edited(Buffer.from(value ?? ''), edits)).toString('latin1');
  if (kind === 'query') {
    url.searchParams.set(name, other);
    return other === value ? undefined : { ...signed, url: url.href };
  }
  // What HTTP does not carry never arrives, and white space at the ends of a header is no part of it.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(other) || other.trim() === value) return undefined;
  return { ...signed, headers: { ...signed.headers, [name]: other } };
}
