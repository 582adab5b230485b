import { describe, expect, it } from 'vitest';
import { type Wire, many, open, quoted, wires } from './wires.ts';

const list =
  (item: string) =>
  (room: number): string =>
    `[${`${item},`.repeat(Math.floor(room / (item.length + 1)) - 1)}0]`;
const keys =
  (key: (at: number) => string) =>
  (room: number): string =>
    `{${many((at) => `"${key(at)}":0`, Math.floor(room / 14))}}`;

const values: readonly (readonly [what: string, make: (room: number) => string])[] = [
  ['arrays', list('[]')],
  ['arrays of arrays', list('[[[[[[]]]]]]')],
  ['objects', list('{"a":1}')],
  ['as many arrays as are taken', (room) => list('[]')(Math.min(room, 14_700))],
  ['as many keys as are taken', (room) => keys((at) => `k${at}`)(Math.min(room, 14 * 3900))],
  [
    'as many shapes as are taken',
    (room) => `[${many((at) => `{"k${at}":0}`, Math.min(room / 16, 3900))}]`,
  ],
  [
    'as many keys to a prototype as are taken',
    (room) => list('{"__proto__":0}')(Math.min(room, 16 * 3900)),
  ],
  ['keys', keys((at) => `k${at}`)],
  ['integer keys', keys(String)],
  ['integer keys far apart', keys((at) => String((at * 7_919_777) % 4_294_967_291))],
  ['keys to a prototype', list('{"__proto__":0}')],
  ['an escape before many numbers', (room) => `["\\u005f",${list('0')(room - 20).slice(1)}`],
  ['a thousand files', () => `[${'{"id":"F1"},'.repeat(999)}{}]`],
  ['one number', (room) => '1'.repeat(room)],
];

const unit =
  (text: string) =>
  (room: number): string =>
    text.repeat(Math.floor(room / quoted(text).length));

const texts: readonly (readonly [what: string, make: (room: number) => string])[] = [
  ['spaces with accents', unit(' \u0301')],
  ['accents', unit('\u0301\u0323')],
  ['spaces', unit(' ')],
  ['links', unit('<a|b>')],
  ['half links', unit('<a')],
  ['references', unit('&amp;')],
  ['emoji by name', unit(':+1:')],
  ['half emoji', unit(`:${'a'.repeat(79)}`)],
  ['mentions', unit('<@UBOT> ')],
  ['marks', unit('_ ')],
  ['names', unit(' @a')],
  ['letters of many parts', unit('\ufdfa')],
];

/** The longest body that the channel takes of those that a function makes for some room. */
function longest({ subject, maxBytes, room }: Wire, make: (room: number) => string): string {
  for (let size = room; size > 0; size = Math.floor(size * 0.8)) {
    const body = make(size);
    if (subject.sign({ body }, 0).body.length <= maxBytes) return body;
  }
  throw new Error('No body is short enough.');
}

/** Milliseconds of the processor for one run if they are few enough, otherwise the least of five runs. */
async function costOf(wire: Wire, body: string, enoughMs: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5 && least >= enoughMs; round += 1) {
    const { deliver } = await open(wire);
    const before = process.cpuUsage();
    expect([200, 400]).toContain(await deliver(body));
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** A server has taken many bodies before: without compiled code, 150 turns of one body take longer than any of its values. */
async function warmUp(wire: Wire): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const { deliver } = await open(wire);
    await deliver(wire.withValue('0'));
  }
}

/** A hostile body may take this many times as long as a harmless body of the maximum length. */
const FACTOR = 6;
/** Below it, equal runs differ by more than the body adds. */
const LEAST_MS = 6;

describe.each(wires)('%s costs about as much as one long text, if it is full of', (_name, wire) => {
  let most: Promise<number> | undefined;

  /** What the turns of the body cost in any case, and some times what a long text costs. */
  async function measureMost(): Promise<number> {
    await warmUp(wire);
    const turns = await costOf(wire, wire.withValue('0'), 0);
    const text = longest(wire, (room) => wire.withText('x'.repeat(room)));
    return turns + FACTOR * Math.max(await costOf(wire, text, 0), LEAST_MS);
  }
  const mostMs = (): Promise<number> => (most ??= measureMost());

  it.each(values)('%s', async (_what, make) => {
    const body = longest(wire, (room) => wire.withValue(make(room)));
    const enough = await mostMs();
    expect(await costOf(wire, body, enough)).toBeLessThan(enough);
  });

  it.each(texts)('a text of %s', async (_what, make) => {
    const body = longest(wire, (room) => wire.withText(make(room)));
    const enough = await mostMs();
    expect(await costOf(wire, body, enough)).toBeLessThan(enough);
  });
});
