import { mustBe, mustEqual } from '../contract.ts';
import {
  EVER,
  type PersisterCase,
  dueOf,
  mustBeDue,
  mustConflict,
  persisterCases,
} from './subject.ts';

export const dueCases: readonly PersisterCase[] = persisterCases([], {
  'due gives what is due by then, the earliest first': async ({ persister, user }) => {
    await mustBeDue(persister, {}, 'what is due of nothing');
    for (const wakeAt of [300, 9, 20, 1_000, 100]) await user(`at-${wakeAt}`).save('body', wakeAt);
    const three = { 'at-9': 9, 'at-20': 20, 'at-100': 100 };
    const all = { ...three, 'at-300': 300, 'at-1000': 1_000 };
    await mustBeDue(persister, {}, 'what is due before the first', 8);
    await mustBeDue(persister, { 'at-9': 9 }, 'what is due at the very moment of the first', 9);
    await mustBeDue(persister, three, 'what is due just before the fourth', 299);
    await mustBeDue(persister, all, 'what is ever due');
  },

  'due gives no more than it is asked for': async ({ persister, user }) => {
    for (const wakeAt of [5, 4, 3, 2, 1]) await user(`at-${wakeAt}`).save('body', wakeAt);
    for (const limit of [1, 2, 4, 5, 6]) {
      const moments = (await dueOf(persister, EVER, limit)).map(({ wakeAt }) => wakeAt);
      mustEqual(moments, [1, 2, 3, 4, 5].slice(0, limit), `the moments of due(…, ${limit})`);
    }
  },

  'due changes nothing': async ({ persister, user }) => {
    await user('ann').save('body', 1);
    await user('bob').save('body', 2);
    const first = await dueOf(persister, 10);
    mustEqual(await dueOf(persister, 10), first, 'what is due, asked again');
    mustBe((await persister.load('ann')) !== undefined, 'what is due is still there');
  },

  'due forgets what was deleted': async ({ persister, ann, user }) => {
    const cid = user('cid');
    const revision = await ann.save('body', 1);
    await user('bob').save('body', 2);
    await cid.save('body', 3);
    await ann.delete(revision);
    await cid.delete();
    await mustBeDue(persister, { bob: 2 }, 'after two deletes');
    await ann.save('body', 4);
    const rule = 'what is due after a deleted record was saved again';
    await mustBeDue(persister, { bob: 2, ann: 4 }, rule);
  },

  'due goes by the last save, once for each record': async ({ persister, ann, user }) => {
    await ann.save('body', 10);
    await user('bob').save('body', 20);
    for (const [wakeAt, order] of [
      [30, ['bob', 'ann']],
      [5, ['ann', 'bob']],
      [5, ['ann', 'bob']],
      [1_000, ['bob', 'ann']],
    ] as const) {
      await ann.save('body', wakeAt);
      const due = await dueOf(persister);
      const openids = due.map(({ openid }) => openid);
      mustEqual(openids, order, `who is due, after a save to ${wakeAt}`);
      mustEqual(due.find(({ openid }) => openid === 'ann')?.wakeAt, wakeAt, 'the moment');
    }
    await mustBeDue(persister, {}, 'what is due at a moment that was moved', 10);
  },

  'due feels nothing of a save or a delete that was refused': async ({ persister, ann, user }) => {
    const bob = user('bob');
    const first = await ann.save('body', 10);
    await ann.save('body', 20);
    await mustConflict(() => ann.saveOver(first, 'body', 5), 'a save');
    await mustConflict(() => bob.saveOver(1, 'body', 1), 'a save');
    await ann.delete(first);
    await bob.delete();
    await mustBeDue(persister, { ann: 20 }, 'what is due');
  },

  'due keeps every whole moment exactly, in its order': async ({ persister, user }) => {
    // From the first to the last moment of a Date, and the one that stands for never.
    const moments = [
      ...[-8_640_000_000_000_000, -1_700_000_000_001, -10, -9, -1, 0, 1, 9, 10],
      ...[999_999_999_999, 1_000_000_000_000, 1_700_000_000_001, 8_640_000_000_000_000],
      ...[Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER],
    ];
    for (const [index, wakeAt] of moments.toReversed().entries()) {
      await user(`user-${index}`).save('body', wakeAt);
    }
    const all = (await dueOf(persister)).map(({ wakeAt }) => wakeAt);
    mustEqual(all, moments, 'every moment');
    for (const [index, until] of moments.entries()) {
      const due = (await dueOf(persister, until)).map(({ wakeAt }) => wakeAt);
      mustEqual(due, moments.slice(0, index + 1), `the moments until ${until}`);
    }
    const last = await persister.load('user-0');
    mustEqual(last?.wakeAt, EVER, 'the moment of a loaded record');
  },

  'due gives equal moments in one order, however many are asked for': async (bench) => {
    const { persister } = bench;
    const openids = Array.from({ length: 60 }, (_, index) => `user-${(index * 37) % 60}`);
    for (const openid of openids) await bench.user(openid).save('body', 7);
    const all = await dueOf(persister, 7);
    const found = all.map(({ openid }) => openid).toSorted();
    mustEqual(found, openids.toSorted(), 'everyone who is due at the same moment');
    for (const limit of [59, 31, 30, 10, 1]) {
      const some = await dueOf(persister, 7, limit);
      mustEqual(some, all.slice(0, limit), `the first ${limit} of equal moments`);
    }
  },
});
