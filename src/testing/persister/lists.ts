import type { ListPage, Persister } from '../../persist/persister.ts';
import { ContractError, brief, mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  type PersisterHarness,
  mustRefuse,
  persisterCases,
} from './subject.ts';
import { sampleRecord } from './user.ts';

/** Openids whose order, length or bytes a driver may get wrong at the end of a page. */
const OPENIDS: readonly string[] = [
  ...[
    'a',
    'a\0',
    'a\0\0',
    'ab',
    'B',
    'b',
    '\0',
    '\u0001',
    ' ',
    '~',
    '0',
    '00',
    '1:a',
    ':',
    '%',
    '[',
  ],
  ...['é', 'e\u0301', '微信', '微', '\u{10ffff}', '\uffff', '👋', '__proto__', '(', '-', '+', '*'],
  ...['x'.repeat(512), 'x'.repeat(511), `${'微'.repeat(170)}ab`, '\0'.repeat(512)],
];

const always = persisterCases(['lists'], {
  'list gives every openid that has a record, once': async ({ persister, user }) => {
    mustEqual(await listAll(persister, 10), [], 'all openids of nothing');
    for (const openid of OPENIDS) await user(openid).save();
    await user('gone').save();
    await user('gone').delete();
    for (const limit of [1000, OPENIDS.length, 7, 1]) {
      const listed = await listAll(persister, limit);
      mustEqual(listed.toSorted(), OPENIDS.toSorted(), `all openids, in pages of ${limit}`);
    }
  },

  'list gives no more than it is asked for': async ({ list, user }) => {
    for (let index = 0; index < 40; index += 1) await user(`user-${index}`).save();
    for (const limit of [1, 3, 39, 40, 41]) {
      const { openids } = await list(undefined, limit);
      mustBe(openids.length <= limit, `${openids.length} openids in a page of ${limit}`);
    }
  },

  'list has one order, whatever is saved and however long the pages are': async (bench) => {
    const { persister, user } = bench;
    for (let index = 0; index < 30; index += 1) await user(`user-${(index * 17) % 30}`).save();
    const first = await listAll(persister, 1000);
    for (const [index, openid] of first.toReversed().entries()) {
      const found = await persister.load(openid);
      await persister.save(sampleRecord(openid, 'again', index), found?.revision);
    }
    for (const limit of [1000, 11, 4]) {
      mustEqual(await listAll(persister, limit), first, `the openids, in pages of ${limit}`);
    }
  },

  'of the pages, what is written between them takes nothing away and gives nothing twice': async (
    bench,
  ) => {
    const { persister, user } = bench;
    const staying = Array.from({ length: 24 }, (_, index) => `stays-${(index * 7) % 24}`);
    for (const openid of staying) await user(openid).save('body', 500);
    for (let index = 0; index < 24; index += 1) await user(`${index}-goes`).save('body', 500);
    let round = 0;
    const listed = await listAll(persister, 3, async (page) => {
      round += 1;
      // Around the place where the next page begins, and at both ends of any order.
      const last = page.openids.at(-1) ?? 'a';
      for (const openid of [`${last}\0${round}`, `0${round}`, `z${round}`, `stays-${round}\0`]) {
        await persister.save(sampleRecord(openid, 'new', round), undefined);
      }
      for (const openid of staying) {
        const found = await persister.load(openid);
        const wakeAt = (openid.length * 31 + round * 17) % 1000;
        await persister.save(sampleRecord(openid, `of ${round}`, wakeAt), found?.revision);
      }
      await persister.delete(`${round}-goes`);
      const gone = page.openids.filter((openid) => !staying.includes(openid));
      for (const openid of gone) await persister.delete(openid);
    });
    const twice = listed.filter((openid, index) => listed.indexOf(openid) !== index);
    mustEqual(twice, [], 'the openids that were given twice');
    const found = listed.filter((openid) => staying.includes(openid));
    mustEqual(found.toSorted(), staying.toSorted(), 'the openids that were there all the time');
  },

  'a list begins anew with every first page': async ({ persister, list, user }) => {
    for (let index = 0; index < 8; index += 1) await user(`user-${index}`).save();
    await list(undefined, 3);
    await user('later').save();
    await user('user-0').delete();
    const listed = await listAll(persister, 3);
    mustEqual(listed.includes('later'), true, 'whether a later record is in the next list');
    mustEqual(listed.includes('user-0'), false, 'whether a deleted record is in the next list');
  },

  'a closed one lists nothing': async ({ persister, list, user }) => {
    await user('ann').save();
    await persister.close();
    await mustRefuse(() => list(undefined, 10), 'closed', 'list() after close()');
  },
});

const withLeases = persisterCases(['lists', 'leases'], {
  'an openid that has a lease and no record is not listed': async ({ persister, user }) => {
    await user('ann').save();
    await user('bob').take('one');
    await user('cid').take('one');
    await user('cid').saveAs('one', undefined);
    await user('dan').save();
    await user('dan').take('one');
    await user('dan').delete();
    mustEqual((await listAll(persister, 2)).toSorted(), ['ann', 'cid'], 'what is listed');
  },
});

const reopened = persisterCases(['lists', 'reopen'], {
  'a list goes on after a restart': async ({ list, user, restart }) => {
    const openids = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    for (const openid of openids) await user(openid).save();
    const page = await list(undefined, 7);
    const left = await listAll(await restart(), 7, undefined, page.next);
    mustEqual([...page.openids, ...left].toSorted(), openids.toSorted(), 'all pages together');
  },
});

const onOnePlace = persisterCases(['lists', 'processes'], {
  'two on one place give the pages of one list': async ({ persister, user, another }) => {
    const other = await another();
    const openids = Array.from({ length: 30 }, (_, index) => `user-${index}`);
    for (const [index, openid] of openids.entries()) {
      await (index % 2 === 0 ? persister : other).save(sampleRecord(openid), undefined);
    }
    await user('gone').save();
    await other.delete('gone');
    const listed: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
      const by = page % 2 === 0 ? persister : other;
      const { openids: some, next } = await listOf(by)(cursor, 4);
      listed.push(...some);
      // The other begins another list in between.
      await listOf(by)(undefined, 2);
      cursor = next;
    }
    mustEqual(listed.toSorted(), openids.toSorted(), 'what was listed by the two in turn');
  },
});

export const listCases: readonly PersisterCase[] = [
  ...always,
  ...withLeases,
  ...reopened,
  ...onOnePlace,
];

type List = PersisterHarness['list'];

function listOf(persister: Persister): List {
  mustBe(persister.list !== undefined, 'lists are declared, and the persister has no `list`');
  return persister.list.bind(persister);
}

/** More pages than any list here can need, also where each of them has one openid or none. */
const MAX_PAGES = 2000;

/** All pages together, from the first or from one on. */
async function listAll(
  persister: Persister,
  limit: number,
  between?: (page: ListPage) => Promise<void>,
  from?: string,
): Promise<string[]> {
  const list = listOf(persister);
  const listed: string[] = [];
  let cursor = from;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const page = await list(cursor, limit);
    listed.push(...page.openids);
    if (page.next === undefined) return listed;
    mustBe(typeof page.next === 'string', `\`next\` is a string, not ${brief(page.next)}`);
    await between?.(page);
    cursor = page.next;
  }
  throw new ContractError(`after ${MAX_PAGES} pages of ${limit} there was still a next one`, {
    actual: cursor,
  });
}
