import { ColloquyError } from '../../errors.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  mustConflict,
  mustHold,
  mustHoldNone,
  mustLetOneThrough,
  persisterCases,
  race,
  sampleRecord,
} from './subject.ts';

const OPENID = 'ann';

/** What a body may be: any well-formed string. */
const BODIES: readonly string[] = [
  '',
  ' ',
  '{}',
  'null',
  '{"text":"a \\"quoted\\" \\\\ line\\n"}',
  'a\nb\r\nc\td',
  "'; DROP TABLE records; --",
  '%s %d $1 ? {0} \\x00 \\u0000',
  'Ünïcödé Ελλάδα 微信 ไทย עברית',
  'e\u0301 \u00e9',
  '👩‍👩‍👧‍👦 🇳🇴 𝒳',
  'line\u2028paragraph\u2029end',
  '\ufefftext\ufeff',
  '\ufffd \uffff \ufffe',
  'a\u0000b\u0000',
  '\u0001\u0007\b\u001b\u007f\u0085',
  ' leading and trailing \n',
  '1e400',
  '0012',
];

export const recordCases: readonly PersisterCase[] = persisterCases([], {
  'an openid that was never saved has no record': async ({ persister }) => {
    await mustHoldNone(persister, OPENID, 'the record of an unknown openid');
    await persister.save(sampleRecord('bob'), undefined);
    await mustHoldNone(persister, OPENID, 'the record of an unknown openid, beside another');
  },

  'a record is read back as it was saved last': async ({ persister }) => {
    const first = await persister.save(sampleRecord(OPENID, 'one', 10), undefined);
    mustBe(Number.isSafeInteger(first), `a revision is a safe integer, not ${brief(first)}`);
    await mustHold(persister, sampleRecord(OPENID, 'one', 10), first, 'the record as saved');
    const second = await persister.save(sampleRecord(OPENID, 'two', 20), first);
    await mustHold(persister, sampleRecord(OPENID, 'two', 20), second, 'the record as saved again');
  },

  'a body is kept to the last character': async ({ persister }) => {
    let revision: number | undefined;
    for (const body of BODIES) {
      revision = await persister.save(sampleRecord(OPENID, body), revision);
      await mustHold(persister, sampleRecord(OPENID, body), revision, 'a body as it was saved');
    }
  },

  'a body of a megabyte is kept': async ({ persister }) => {
    // The second is cut within a character wherever it is cut into chunks of 2ⁿ bytes.
    for (const [openid, body] of [
      ['narrow', '0123456789abcdef'.repeat(2 ** 16)],
      ['wide', `x${'👋'.repeat(2 ** 18)}`],
    ] as const) {
      const revision = await persister.save(sampleRecord(openid, body), undefined);
      const found = await persister.load(openid);
      mustEqual(found?.body.length, body.length, 'the length of a long body');
      mustBe(found?.body === body, 'a long body is read back exactly');
      mustEqual(found.revision, revision, 'the revision of a long body');
    }
  },

  'a body with half of a surrogate pair is kept as it is or refused, never changed': async (
    bench,
  ) => {
    const { persister } = bench;
    for (const [index, half] of ['a\ud83d', '\udc4bb', '\udc4b\ud83d'].entries()) {
      const openid = `user-${index}`;
      const before = sampleRecord(openid, 'before');
      const revision = await persister.save(before, undefined);
      const record = sampleRecord(openid, half);
      const { won } = await race([() => persister.save(record, revision)]);
      const [saved] = won;
      if (saved === undefined) {
        await mustHold(persister, before, revision, 'the record after a refused body');
      } else {
        await mustHold(persister, record, saved.value, 'a body that was not refused');
      }
    }
  },

  'a save that expects an older revision is refused and changes nothing': async ({ persister }) => {
    const first = await persister.save(sampleRecord(OPENID, 'one', 10), undefined);
    const second = await persister.save(sampleRecord(OPENID, 'two', 20), first);
    await mustConflict(
      () => persister.save(sampleRecord(OPENID, 'three', 30), first),
      'a save that expects an older revision',
    );
    await mustHold(persister, sampleRecord(OPENID, 'two', 20), second, 'after a refused save');
  },

  'a save that expects a revision to come is refused and changes nothing': async (bench) => {
    const { persister } = bench;
    const revision = await persister.save(sampleRecord(OPENID, 'one'), undefined);
    await mustConflict(
      () => persister.save(sampleRecord(OPENID, 'two'), revision + 1),
      'a save that expects a revision to come',
    );
    await mustHold(persister, sampleRecord(OPENID, 'one'), revision, 'after a refused save');
  },

  'a save that expects a record where there is none is refused': async ({ persister }) => {
    const rule = 'a save that expects a record where there is none';
    await mustConflict(() => persister.save(sampleRecord(OPENID), 1), rule);
    await mustHoldNone(persister, OPENID, rule);
    const revision = await persister.save(sampleRecord(OPENID), undefined);
    await persister.delete(OPENID);
    await mustConflict(() => persister.save(sampleRecord(OPENID), revision), rule);
    await mustHoldNone(persister, OPENID, rule);
  },

  'a save that expects no record where there is one is refused': async ({ persister }) => {
    const revision = await persister.save(sampleRecord(OPENID, 'one'), undefined);
    await mustConflict(
      () => persister.save(sampleRecord(OPENID, 'two'), undefined),
      'a second first save',
    );
    await mustHold(persister, sampleRecord(OPENID, 'one'), revision, 'after a second first save');
  },

  'of fifty saves at once that expect the same revision one is let through': async (bench) => {
    const { persister } = bench;
    let revision = await persister.save(sampleRecord(OPENID), undefined);
    revision = await persister.save(sampleRecord(OPENID), revision);
    await mustLetOneThrough(fifty(persister), revision, persister);
  },

  'of fifty first saves at once one is let through': async ({ persister }) => {
    await mustLetOneThrough(fifty(persister), undefined, persister);
  },

  'of a save and a delete at once that expect the same revision one is let through': async (
    bench,
  ) => {
    const { persister } = bench;
    for (let round = 0; round < 10; round += 1) {
      const openid = `user-${round}`;
      const revision = await persister.save(sampleRecord(openid, 'one'), undefined);
      const save = (): Promise<number> => persister.save(sampleRecord(openid, 'two'), revision);
      const remove = (): Promise<boolean> => persister.delete(openid, revision);
      // Each of them gets to be the first.
      const calls = round % 2 === 0 ? [save, remove] : [remove, save];
      const { won, lost } = await race<number | boolean>(calls);
      const saved = won.map(({ value }) => value).find((value) => typeof value === 'number');
      const deleted = won.some(({ value }) => value === true);
      mustBe(
        deleted !== (saved !== undefined),
        `of a save and a delete at once one is let through; the save ${saved === undefined ? 'was not' : 'was'}, the delete ${deleted ? 'was' : 'was not'}`,
      );
      if (saved === undefined) {
        mustBe(ColloquyError.is(lost[0], 'conflict'), 'a save after a delete is a conflict');
        await mustHoldNone(persister, openid, 'after a delete was let through');
      } else {
        await mustHold(persister, sampleRecord(openid, 'two'), saved, 'after the save got through');
      }
    }
  },

  'revisions of an openid grow, over deletes, too': async ({ persister }) => {
    let last = Number.NEGATIVE_INFINITY;
    const grow = (revision: number): number => {
      mustBe(revision > last, `a revision grows: after ${last} came ${revision}`);
      last = revision;
      return revision;
    };
    for (let round = 0; round < 3; round += 1) {
      const first = grow(await persister.save(sampleRecord(OPENID), undefined));
      const second = grow(await persister.save(sampleRecord(OPENID), first));
      grow(await persister.save(sampleRecord(OPENID), second));
      await persister.delete(OPENID);
    }
  },

  'a save by a revision from before a delete is refused, also over the record that came after':
    async (bench) => {
      const { persister } = bench;
      const old = await persister.save(sampleRecord(OPENID, 'old'), undefined);
      await persister.delete(OPENID);
      const reborn = await persister.save(sampleRecord(OPENID, 'new'), undefined);
      await mustConflict(
        () => persister.save(sampleRecord(OPENID, 'stale'), old),
        'a save by a revision from before a delete',
      );
      await mustHold(persister, sampleRecord(OPENID, 'new'), reborn, 'the record after the delete');
    },

  'delete says whether there was one to delete': async ({ persister }) => {
    mustEqual(await persister.delete(OPENID), false, 'a delete of what is not there');
    await persister.save(sampleRecord(OPENID), undefined);
    mustEqual(await persister.delete(OPENID), true, 'a delete');
    await mustHoldNone(persister, OPENID, 'what was deleted');
    mustEqual(await persister.delete(OPENID), false, 'a second delete');
  },

  'delete with a revision takes that one only': async ({ persister }) => {
    const first = await persister.save(sampleRecord(OPENID, 'one'), undefined);
    const second = await persister.save(sampleRecord(OPENID, 'two'), first);
    for (const other of [first, second + 1]) {
      mustEqual(await persister.delete(OPENID, other), false, 'a delete by another revision');
      await mustHold(persister, sampleRecord(OPENID, 'two'), second, 'after such a delete');
    }
    mustEqual(await persister.delete(OPENID, second), true, 'a delete by its revision');
    await mustHoldNone(persister, OPENID, 'what was deleted by its revision');
  },

  'a record feels nothing of another': async ({ persister }) => {
    const ann = await persister.save(sampleRecord('ann', 'a', 1), undefined);
    const bob = await persister.save(sampleRecord('bob', 'b', 2), undefined);
    await persister.save(sampleRecord('bob', 'bb', 3), bob);
    await mustHold(persister, sampleRecord('ann', 'a', 1), ann, 'after a save of another');
    const again = await persister.save(sampleRecord('ann', 'aa', 4), ann);
    await persister.delete('bob');
    await mustHold(persister, sampleRecord('ann', 'aa', 4), again, 'after a delete of another');
  },
});

function fifty<By>(by: By): { record: ReturnType<typeof sampleRecord>; by: By }[] {
  return Array.from({ length: 50 }, (_, index) => ({
    record: sampleRecord(OPENID, `body ${index}`, index),
    by,
  }));
}
