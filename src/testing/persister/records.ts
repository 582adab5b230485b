import { ColloquyError } from '../../errors.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  mustConflict,
  mustLetOneThrough,
  persisterCases,
  race,
} from './subject.ts';

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
  'an openid that was never saved has no record': async ({ user }) => {
    await user('ann').mustHold('the record of an unknown openid');
    await user('bob').save();
    await user('ann').mustHold('the record of an unknown openid, beside another');
  },

  'a record is read back as it was saved last': async ({ ann }) => {
    const first = await ann.save('one', 10);
    mustBe(Number.isSafeInteger(first), `a revision is a safe integer, not ${brief(first)}`);
    await ann.mustHold('the record as saved');
    await ann.save('two', 20);
    await ann.mustHold('the record as saved again');
  },

  'a body is kept to the last character': async ({ ann }) => {
    for (const body of BODIES) {
      await ann.save(body);
      await ann.mustHold('a body as it was saved');
    }
  },

  'a body of a megabyte is kept': async ({ persister, user }) => {
    // The second is cut within a character wherever it is cut into chunks of 2ⁿ bytes.
    for (const [openid, body] of [
      ['narrow', '0123456789abcdef'.repeat(2 ** 16)],
      ['wide', `x${'👋'.repeat(2 ** 18)}`],
    ] as const) {
      const revision = await user(openid).save(body);
      const found = await persister.load(openid);
      mustEqual(found?.body.length, body.length, 'the length of a long body');
      mustBe(found?.body === body, 'a long body is read back exactly');
      mustEqual(found.revision, revision, 'the revision of a long body');
    }
  },

  'a body with half of a surrogate pair is kept as it is or refused, never changed': async (
    bench,
  ) => {
    for (const [index, half] of ['a\ud83d', '\udc4bb', '\udc4b\ud83d'].entries()) {
      const ann = bench.user(`user-${index}`);
      await ann.save('before');
      const { won } = await race([() => ann.save(half)]);
      await ann.mustHold(
        won.length === 0 ? 'the record after a refused body' : 'a body that was not refused',
      );
    }
  },

  'a save that expects an older revision is refused and changes nothing': async ({ ann }) => {
    const first = await ann.save('one', 10);
    await ann.save('two', 20);
    const rule = 'a save that expects an older revision';
    await mustConflict(() => ann.saveOver(first, 'three', 30), rule);
    await ann.mustHold('after a refused save');
  },

  'a save that expects a revision to come is refused and changes nothing': async ({ ann }) => {
    const revision = await ann.save('one');
    const rule = 'a save that expects a revision to come';
    await mustConflict(() => ann.saveOver(revision + 1, 'two'), rule);
    await ann.mustHold('after a refused save');
  },

  'a save that expects a record where there is none is refused': async ({ ann }) => {
    const rule = 'a save that expects a record where there is none';
    await mustConflict(() => ann.saveOver(1), rule);
    await ann.mustHold(rule);
    const revision = await ann.save();
    await ann.delete();
    await mustConflict(() => ann.saveOver(revision), rule);
    await ann.mustHold(rule);
  },

  'a save that expects no record where there is one is refused': async ({ ann }) => {
    await ann.save('one');
    await mustConflict(() => ann.saveOver(undefined, 'two'), 'a second first save');
    await ann.mustHold('after a second first save');
  },

  'of fifty saves at once that expect the same revision one is let through': async ({
    persister,
    ann,
  }) => {
    await ann.save();
    const revision = await ann.save();
    await mustLetOneThrough([persister], revision);
  },

  'of fifty first saves at once one is let through': async ({ persister }) => {
    await mustLetOneThrough([persister], undefined);
  },

  'of a save and a delete at once that expect the same revision one is let through': async (
    bench,
  ) => {
    for (let round = 0; round < 10; round += 1) {
      const ann = bench.user(`user-${round}`);
      const revision = await ann.save('one');
      const save = (): Promise<number> => ann.saveOver(revision, 'two');
      const remove = (): Promise<boolean> => bench.persister.delete(ann.openid, revision);
      // Each of them gets to be the first.
      const calls = round % 2 === 0 ? [save, remove] : [remove, save];
      const { won, lost } = await race<number | boolean>(calls);
      const isSaved = won.some(({ value }) => typeof value === 'number');
      const isDeleted = won.some(({ value }) => value === true);
      mustBe(
        isDeleted !== isSaved,
        `of a save and a delete at once one is let through; the save ${isSaved ? 'was' : 'was not'}, the delete ${isDeleted ? 'was' : 'was not'}`,
      );
      if (isSaved) {
        await ann.mustHold('after the save got through');
      } else {
        mustBe(ColloquyError.is(lost[0], 'conflict'), 'a save after a delete is a conflict');
        const found = await bench.persister.load(ann.openid);
        mustEqual(found, undefined, 'after a delete was let through');
      }
    }
  },

  'revisions of an openid grow, over deletes, too': async ({ ann }) => {
    let last = Number.NEGATIVE_INFINITY;
    for (let round = 0; round < 3; round += 1) {
      for (let save = 0; save < 3; save += 1) {
        const revision = await ann.save();
        mustBe(revision > last, `a revision grows: after ${last} came ${revision}`);
        last = revision;
      }
      await ann.delete();
    }
  },

  'a save by a revision from before a delete is refused, also over the record that came after':
    async ({ ann }) => {
      const old = await ann.save('old');
      await ann.delete();
      await ann.save('new');
      const rule = 'a save by a revision from before a delete';
      await mustConflict(() => ann.saveOver(old, 'stale'), rule);
      await ann.mustHold('the record after the delete');
    },

  'delete says whether there was one to delete': async ({ ann }) => {
    mustEqual(await ann.delete(), false, 'a delete of what is not there');
    await ann.save();
    mustEqual(await ann.delete(), true, 'a delete');
    await ann.mustHold('what was deleted');
    mustEqual(await ann.delete(), false, 'a second delete');
  },

  'delete with a revision takes that one only': async ({ ann }) => {
    const first = await ann.save('one');
    const second = await ann.save('two');
    for (const other of [first, second + 1]) {
      mustEqual(await ann.delete(other), false, 'a delete by another revision');
      await ann.mustHold('after such a delete');
    }
    mustEqual(await ann.delete(second), true, 'a delete by its revision');
    await ann.mustHold('what was deleted by its revision');
  },

  'a record feels nothing of another': async ({ ann, user }) => {
    const bob = user('bob');
    await ann.save('a', 1);
    await bob.save('b', 2);
    await bob.save('bb', 3);
    await ann.mustHold('after a save of another');
    await ann.save('aa', 4);
    await bob.delete();
    await ann.mustHold('after a delete of another');
  },
});
