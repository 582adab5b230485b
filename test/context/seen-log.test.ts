import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NOTHING_SEEN,
  type SeenLog,
  isSeenLog,
  pushSeen,
  recall,
  remember,
  seenEntries,
  seenList,
  withoutReplies,
} from '../../src/context/record/seen-log.ts';
import type { Reply } from '../../src/reply.ts';

const LIMITS = { max: 4, ageMs: 60_000 };

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
          expect(textOf(stored)).toBe(JSON.stringify(plain));
          expect(textOf(stored)).toBe(JSON.stringify(plain));
          for (const other of messages) {
            expect(recall(stored, other.id, now, LIMITS)).toEqual(
              recall(plain, other.id, now, LIMITS),
            );
          }
        }
        expect(seenList(stored)).toEqual(plain);
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
