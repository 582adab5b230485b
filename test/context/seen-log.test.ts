import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isSeenLog,
  openSeen,
  pushSeen,
  recall,
  remember,
  seenBytes,
  seenBlocks,
  seenEntries,
  seenList,
  withIdsOf,
  withoutReplies,
} from '../../src/context/record/seen-log.ts';
import { NOTHING_SEEN, type SeenLog } from '../../src/context/record/seen-parts.ts';
import {
  type IdBlocks,
  areIdBlocks,
  countInBlocks,
  pushBlocks,
} from '../../src/context/record/id-block.ts';
import { hashesOf } from '../../src/context/record/id-key.ts';
import {
  NO_IDS,
  addId,
  hasId,
  joinIds,
  newestIds,
  openIds,
  storedIds,
} from '../../src/context/record/seen-ids.ts';
import type { Reply } from '../../src/reply.ts';

const LIMITS = { max: 4, ageMs: 60_000, replyBytes: 65_536 };

function textOf(log: SeenLog): string {
  const parts: string[] = [];
  pushSeen(parts, log);
  return `[${parts.join('')}]`;
}

const replies = fc.oneof(
  fc.string({ unit: 'binary' }).map((text): Reply[] => [{ type: 'text', text }]),
  fc.constant<Reply[]>([]),
  fc.string().map((text): Reply[] => [
    { type: 'text', text },
    { type: 'text', text: '2' },
  ]),
);
const message = fc.record({ id: fc.string({ minLength: 1, unit: 'binary' }), replies });

describe('a log that was turned into text', () => {
  it('is the text of its list, and remembers the same as a log that was not', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        let plain = NOTHING_SEEN;
        let stored = NOTHING_SEEN;
        for (const [index, { id, replies: said }] of messages.entries()) {
          const now = index * 20_000;
          plain = remember(plain, { id, replies: said }, now, LIMITS);
          stored = remember(stored, { id, replies: said }, now, LIMITS);
          expect(textOf(stored)).toBe(JSON.stringify(seenList(plain)));
          expect(textOf(stored)).toBe(JSON.stringify(seenList(plain)));
          for (const other of messages) {
            expect(recall(stored, other.id, now, LIMITS)).toEqual(
              recall(plain, other.id, now, LIMITS),
            );
          }
        }
        expect(seenList(stored)).toEqual(seenList(plain));
        expect(seenBlocks(stored)).toEqual(seenBlocks(plain));
        expect(isSeenLog(seenList(stored))).toBe(true);
        expect(seenEntries(stored)).toEqual(seenEntries(plain));
        expect(withoutReplies(stored)).toEqual(withoutReplies(plain));
      }),
    );
  });

  it('replaces the answer to its newest message', () => {
    const first = remember(
      NOTHING_SEEN,
      { id: 'm', replies: [{ type: 'text', text: 'one' }] },
      0,
      LIMITS,
    );
    textOf(first);
    const next = remember(first, { id: 'm', replies: [{ type: 'text', text: 'two' }] }, 0, LIMITS);
    expect(seenEntries(next)).toEqual([{ id: 'm', replies: [{ type: 'text', text: 'two' }] }]);
  });
});

/** What a process reads of what another one has written. */
function stored(log: SeenLog): SeenLog {
  const hashes = seenBlocks(log);
  const parts: string[] = [];
  if (hashes !== undefined) pushBlocks(parts, hashes);
  expect(parts.join('')).toBe(JSON.stringify(hashes) ?? '');
  const [entries, ids] = JSON.parse(JSON.stringify([seenList(log), hashes])) as [
    unknown[],
    unknown,
  ];
  expect(isSeenLog(entries)).toBe(true);
  expect(ids === null || areIdBlocks(ids)).toBe(true);
  return openSeen(entries, areIdBlocks(ids) ? ids : undefined);
}

/** The log after another one has moved to its user, whose earlier conversation was forgotten. */
function moved(log: SeenLog): SeenLog {
  const end = Math.floor(seenEntries(log).length / 2) * 4;
  const list = seenList(log);
  const first = openSeen(list.slice(0, end), undefined);
  const last = openSeen(list.slice(end), seenBlocks(log));
  return withIdsOf(last, withoutReplies(first));
}

const happening = fc.record({
  count: fc.integer({ min: 1, max: 24 }),
  /** The length of the answers; 0 is silence, and a list of replies otherwise. */
  length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 }), fc.constant(9000)),
  isList: fc.boolean(),
  pauseMs: fc.constantFrom(0, 1, 999, 10_000, 59_000, 61_000, 400_000_000),
  before: fc.constantFrom('nothing', 'text', 'restart', 'move', 'twice'),
});

function answer(length: number, isList: boolean): readonly Reply[] {
  if (length === 0) return [];
  const text = 'x'.repeat(length);
  if (!isList) return [{ type: 'text', text }];
  return [
    { type: 'choices', text, options: [{ value: 'yes', label: 'Yes' }] },
    { type: 'raw', channel: 'x', payload: [text] },
  ];
}

describe('an id', () => {
  it.each([
    { max: 1, ageMs: 60_000 },
    { max: 3, ageMs: 0 },
    { max: 4, ageMs: 60_000 },
    { max: 16, ageMs: 600_000 },
    { max: 100, ageMs: 600_000 },
    { max: 300, ageMs: 500_000_000 },
  ])(
    'is remembered for the time and number of %o, whatever was answered, through restarts and moves',
    ({ max, ageMs }) => {
      const limits = { max, ageMs, replyBytes: 8000 };
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
          const sent: { readonly id: string; readonly second: number }[] = [];
          let log = NOTHING_SEEN;
          let now = 1_700_000_000_000;
          for (const { count, length, isList, pauseMs, before } of happenings) {
            now += pauseMs;
            if (before === 'text') textOf(log);
            if (before === 'restart') log = stored(log);
            if (before === 'move') log = moved(log);
            for (let n = 0; n < count; n += 1) {
              const id = `m${sent.length}`;
              expect(recall(log, id, now, limits)).toBe(undefined);
              const replies = answer(length, isList);
              if (before === 'twice') log = remember(log, { id, replies: [] }, now, limits);
              log = remember(log, { id, replies }, now, limits);
              if (ageMs > 0) expect([[], replies]).toContainEqual(recall(log, id, now, limits));
              sent.push({ id, second: Math.ceil(now / 1000) });
              now += 7;
            }
            // Of an entry that was stored, what JSON adds counts as well.
            expect(seenBytes(log)).toBeLessThanOrEqual(limits.replyBytes + 16 * 400 + 12 * max);
            expect(seenEntries(log).length).toBeLessThanOrEqual(Math.min(max, 16));
            const answered = new Set(seenEntries(log).map(({ id }) => id));
            for (const [index, { id, second }] of sent.toReversed().entries()) {
              const isOld = second * 1000 + ageMs <= now;
              const isKnown = !isOld && (index < max || answered.has(id));
              expect([id, recall(log, id, now, limits) !== undefined]).toEqual([id, isKnown]);
            }
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it('is still known behind 2000 others, and takes fourteen bytes', () => {
    const limits = { max: 2048, ageMs: 86_400_000, replyBytes: 65_536 };
    let log = NOTHING_SEEN;
    for (let n = 0; n < 2000; n += 1) {
      log = remember(log, { id: `wamid.${n}`, replies: answer(20, false) }, n * 40_000, limits);
    }
    for (let n = 0; n < 2000; n += 1) {
      expect(recall(log, `wamid.${n}`, 80_000_000, limits)).toEqual(
        n < 1984 ? [] : answer(20, false),
      );
    }
    const ids = seenBlocks(log) ?? [];
    expect(countInBlocks(ids)).toBe(2000);
    expect(JSON.stringify(ids).length).toBeLessThan(14 * 2000);
    expect(recall(log, 'wamid.0', 86_400_001, limits)).toBe(undefined);
    expect(recall(log, 'wamid.1', 86_400_001, limits)).toEqual([]);
  });

  it('is forgotten behind `max` others: after 10 000, the newest 2048 are known', () => {
    const limits = { max: 2048, ageMs: 86_400_000, replyBytes: 65_536 };
    let log = NOTHING_SEEN;
    for (let n = 0; n < 10_000; n += 1) log = remember(log, { id: `${n}`, replies: [] }, n, limits);
    const known = Array.from({ length: 10_000 }, (_, n) => recall(log, `${n}`, 10_000, limits));
    expect(known.findIndex((replies) => replies !== undefined)).toBe(10_000 - 2048);
    expect(known.slice(10_000 - 2048).every((replies) => replies?.length === 0)).toBe(true);
  });

  it('takes no place of an answer where nothing was said to it', () => {
    let log = NOTHING_SEEN;
    const limits = { max: 100, ageMs: 60_000, replyBytes: 65_536 };
    log = remember(log, { id: 'm', replies: answer(3, false) }, 0, limits);
    for (let n = 0; n < 50; n += 1) log = remember(log, { id: `say:${n}`, replies: [] }, 0, limits);
    expect(recall(log, 'm', 0, limits)).toEqual(answer(3, false));
    expect(recall(log, 'say:0', 0, limits)).toEqual([]);
  });

  it('of a turn whose replies are delivered in the end has none, though an earlier commit kept some', () => {
    const limits = { max: 100, ageMs: 60_000, replyBytes: 65_536 };
    let log = remember(NOTHING_SEEN, { id: 'm', replies: answer(3, false) }, 0, limits);
    log = remember(log, { id: 'other', replies: answer(4, false) }, 0, limits);
    log = remember(log, { id: 'm', replies: [] }, 0, limits);
    expect(recall(log, 'm', 0, limits)).toEqual([]);
    expect(recall(log, 'other', 0, limits)).toEqual(answer(4, false));
  });

  it.each(['m', 'é', '消息', '\n,"', 'x'.repeat(127), 'y'.repeat(128), '消'.repeat(512)])(
    'is exact: %j is not taken for one that begins or ends like it',
    (id) => {
      const limits = { max: 100, ageMs: 60_000, replyBytes: 65_536 };
      let log = NOTHING_SEEN;
      for (const other of [`${id}1`, `1${id}`, `${id}${id}`, id.slice(1) || 'n', id]) {
        log = remember(
          log,
          { id: other, replies: [{ type: 'text', text: `,${other}` }] },
          0,
          limits,
        );
      }
      for (const known of [log, stored(log)]) {
        expect(recall(known, id, 0, limits)).toEqual([{ type: 'text', text: `,${id}` }]);
        expect(recall(known, `${id}2`, 0, limits)).toBe(undefined);
      }
    },
  );

  it('of a log in the older form, without hashes, is known like any other', () => {
    const limits = { max: 100, ageMs: 60_000, replyBytes: 65_536 };
    let old: unknown[] = [];
    for (let n = 0; n < 40; n += 1) {
      const one = remember(NOTHING_SEEN, { id: `m${n}`, replies: answer(n % 3, false) }, 0, limits);
      const [entry = [0, `m${n}`, 0, []]] = [seenList(one)].filter(({ length }) => length > 0);
      if (n % 3 > 0) old = [...old, ...entry];
    }
    expect(isSeenLog(old)).toBe(true);
    const log = remember(openSeen(old, undefined), { id: 'new', replies: [] }, 0, limits);
    for (let n = 0; n < 40; n += 1) {
      expect(recall(log, `m${n}`, 0, limits) !== undefined).toBe(n % 3 > 0);
    }
  });
});

describe('replies', () => {
  const limits = { max: 100, ageMs: 60_000, replyBytes: 1000 };

  it('are kept for the last messages, as far as they take no more than their bytes together', () => {
    let log = NOTHING_SEEN;
    for (let n = 0; n < 20; n += 1) {
      log = remember(log, { id: `m${n}`, replies: answer(100, false) }, 0, limits);
    }
    const kept = seenEntries(log).map(({ id }) => id);
    expect(kept).toEqual(['m16', 'm17', 'm18', 'm19']);
  });

  it('that take more than all bytes alone are not kept, and push out no others', () => {
    let log = remember(NOTHING_SEEN, { id: 'a', replies: answer(100, false) }, 0, limits);
    log = remember(log, { id: 'b', replies: answer(501, false) }, 0, limits);
    expect([recall(log, 'a', 0, limits), recall(log, 'b', 0, limits)]).toEqual([
      answer(100, false),
      [],
    ]);
  });

  it('in a form that is long as JSON are measured as JSON', () => {
    const payload = new Map([['k', 'x'.repeat(600)]]);
    const said: Reply[] = [{ type: 'raw', channel: 'x', payload }];
    const roomy = { ...limits, replyBytes: 8000 };
    expect(
      recall(remember(NOTHING_SEEN, { id: 'a', replies: said }, 0, limits), 'a', 0, limits),
    ).toEqual([]);
    expect(
      recall(remember(NOTHING_SEEN, { id: 'a', replies: said }, 0, roomy), 'a', 0, roomy),
    ).toEqual(said);
  });
});

describe('hashes of ids', () => {
  it('differ for 200 000 ids of the forms that platforms use', () => {
    const forms = [
      (n: number) => `${n}`,
      (n: number) => `say:${n}`,
      (n: number) => `${n}-${'0'.repeat(36)}`,
      (n: number) => `2398${n}`,
    ];
    const keys = new Set<unknown>();
    const ids = new Set<string>();
    for (const form of forms) {
      for (let n = 0; n < 50_000; n += 1) {
        ids.add(form(n));
        const { one, two } = hashesOf(form(n));
        keys.add(`${one} ${two}`);
      }
    }
    expect(keys.size).toBe(ids.size);
  });

  it('are found with their second, also where the clock was set back or rested for weeks', () => {
    const seconds = [100, 50, 50, 3_000_000, 3_000_001, 2_999_999];
    let ids = NO_IDS;
    for (const [n, second] of seconds.entries()) ids = addId(ids, hashesOf(`m${n}`), second);
    const stored: unknown = JSON.parse(JSON.stringify(storedIds(ids)));
    expect(areIdBlocks(stored)).toBe(true);
    const opened = openIds(stored as IdBlocks);
    for (const [n, second] of seconds.entries()) {
      const key = hashesOf(`m${n}`);
      for (const known of [ids, opened]) {
        expect([hasId(known, key, second - 1), hasId(known, key, second)]).toEqual([true, false]);
      }
    }
    expect(hasId(newestIds(ids, 2, 0), hashesOf('m3'), 0)).toBe(false);
    expect(hasId(newestIds(ids, 3, 0), hashesOf('m3'), 0)).toBe(true);
  });

  it('of a record that took over the ids of another one are all found once blocks are joined', () => {
    let ids = joinIds(
      addId(NO_IDS, hashesOf('earlier'), 100),
      addId(addId(NO_IDS, hashesOf('m0'), 100), hashesOf('m1'), 100),
    );
    for (let n = 2; n < 200; n += 1) ids = addId(ids, hashesOf(`m${n}`), 100);
    const lost = ['earlier', ...Array.from({ length: 200 }, (_, n) => `m${n}`)].filter(
      (id) => !hasId(ids, hashesOf(id), 0),
    );
    expect(lost).toEqual([]);
  });

  it('of two records that follow the same one are not mixed', () => {
    let ids = NO_IDS;
    for (let n = 0; n < 40; n += 1) {
      const other = addId(ids, hashesOf(`other ${n}`), 100);
      const next = addId(ids, hashesOf(`m${n}`), 100);
      for (const [known, own, foreign] of [
        [other, `other ${n}`, `m${n}`],
        [next, `m${n}`, `other ${n}`],
      ] as const) {
        expect([hasId(known, hashesOf(own), 0), hasId(known, hashesOf(foreign), 0)]).toEqual([
          true,
          false,
        ]);
      }
      ids = next;
    }
  });

  it.each([
    ['no list', 'x'],
    ['half a block', ['0'.repeat(12)]],
    ['a text of another length', ['0'.repeat(13), 1]],
    ['an empty text', ['', 1]],
    ['another character', [`${'0'.repeat(11)}\\`, 1]],
    ['no second', ['0'.repeat(12), null]],
  ])('are not read from %s', (_what, list) => {
    expect(areIdBlocks(list)).toBe(false);
  });
});
