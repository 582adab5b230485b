import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST } from './browser-page.ts';
import { createChatWorld } from './world.ts';

/** `FUZZ_RUNS=1000000 npx vitest run --project system test/channels/web/fuzz.test.ts` for a night. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5000);

const text = { type: 'message.text', text: 'hi' };
const bodies = [
  { type: 'hello' },
  { type: 'ack', shown: ['r1', 'r2'] },
  { type: 'message', id: 'm1', message: text, shown: ['r1'] },
  { type: 'message', id: 'm2', message: { type: 'message.image', url: 'https://a.example/1' } },
  { id: 'c', messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'hi' }] }] },
].map((body) => JSON.stringify(body));

const token = fc.constantFrom(
  ...['"', '\\', '{', '}', '[', ']', ':', ',', 'null', 'true', '-1', '1e999', '""', '\\ud800'],
  ...['"__proto__":{"a":1},', '"constructor"', '\u0000', '\ufeff', 'javascript:', '"type":"ack",'],
);
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  out: fc.nat(6),
  in: fc.oneof(token, fc.string({ maxLength: 4, unit: 'binary' })),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 4 });

function edited(
  whole: string,
  changes: readonly (typeof edit extends fc.Arbitrary<infer T> ? T : never)[],
): string {
  return changes.reduce((before, { at, out, in: added }) => {
    const from = Math.floor(at * before.length);
    return before.slice(0, from) + added + before.slice(from + out);
  }, whole);
}

/** Limits that a fuzzer does not reach. */
const WIDE = { perMinute: 1e9, burst: 1e9, sessionsPerMinute: 1e9 };

describe('requests that went wrong', () => {
  it('crash nothing where a session proves them, and are answered as they should', async () => {
    const { page: open, errors } = createChatWorld({ rate: WIDE });
    const page = open();
    await page.hello();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bodies), edits, async (body, changes) => {
        const { status } = await page.post(edited(body, changes));
        expect([200, 204, 400]).toContain(status);
      }),
      { numRuns: RUNS },
    );
    expect(errors).toEqual([]);
  });

  it('reach no turn with a forged session, or from a page of another site', async () => {
    const { page: open, runner, errors } = createChatWorld({ rate: WIDE });
    const page = open();
    await page.hello();
    const [[name = '', value = ''] = []] = page.jar.cookies;
    const foreign = fc.constantFrom<Record<string, string>>(
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: HOST, 'sec-fetch-site': 'cross-site' },
      { origin: `${HOST}.evil.example`, 'sec-fetch-site': 'same-site' },
    );
    const printable = fc.string({ maxLength: 6, unit: 'grapheme-ascii' });
    const forgery = fc.oneof(
      foreign.map((headers) => ({ ...headers, cookie: `${name}=${value}` })),
      fc
        .tuple(fc.nat(value.length), fc.nat(6), printable)
        .map(([at, out, added]) => value.slice(0, at) + added + value.slice(at + out))
        .filter((forged) => forged.split(';')[0]?.trim() !== value)
        .map((forged) => ({ origin: HOST, cookie: `${name}=${forged}` })),
    );
    await fc.assert(
      fc.asyncProperty(forgery, fc.constantFrom(...bodies.slice(1, 4)), async (headers, body) => {
        page.headers = {};
        const posted = await page.post(body, headers);
        const got = await page.get(headers);
        expect([401, 403]).toContain(posted.status);
        expect(got.status).toBe(posted.status);
        expect(posted.headers.get('set-cookie')).toBeNull();
        expect(posted.headers.get('access-control-allow-origin')).toBeNull();
      }),
      { numRuns: RUNS },
    );
    expect([runner.stats().records, errors]).toEqual([0, []]);
  });
});
