import { ContractError, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  type PersisterHarness,
  dueOf,
  mustBeDue,
  mustRefuseCalls,
  persisterCases,
  race,
} from './subject.ts';

/** Openids that a driver may take for one another, or for something else; each group is one case. */
const ALIKE: Readonly<Record<string, readonly string[]>> = {
  'openids with separators in them are kept apart': [
    ...['a', 'a:b', 'a:', ':a', 'a::b', 'a/b', '../a', './a', 'a\\b', 'a.b', 'a|b', 'a,b'],
    ...['a*', 'a?', 'a%', 'a_', '[a]', '{a}', '(a)', "a'b", 'a"b', 'a`b', '$a', '$1', '--', ';'],
  ],
  'openids that are names of something in the language are kept apart': [
    ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'],
    ...['null', 'undefined', 'true', 'NaN', '0', '00', '-0', '1', '1.0', '1e0', '+1', '0x1'],
  ],
  'openids that only look the same are kept apart': [
    ...['ann', 'Ann', 'ANN', 'ann ', ' ann', 'ann\n', 'ann\t', ' ', '  ', '\u00a0', '\u200b'],
    ...['\u00e9', 'e\u0301', '\ufb01', 'fi', 'ß', 'ss', 'SS', 'ı', 'i', 'İ', 'I', '\ufeffann'],
    ...['微信', '微', '微信 ', '👋', '👋🏽', '\u2028', '\u2029', '\ufffd', '\uffff', '\u{10ffff}'],
  ],
  'openids with a NUL in them are kept apart': ['a', 'a\0', 'a\0b', '\0', '\0a', 'a\0\0', 'ab'],
  'openids of 512 bytes that share all but the last are kept apart': [
    'x'.repeat(512),
    `${'x'.repeat(511)}y`,
    'x'.repeat(511),
    'x'.repeat(500),
    `${'x'.repeat(500)}${'y'.repeat(12)}`,
    `${'微'.repeat(170)}ab`,
    `${'微'.repeat(170)}ac`,
    '微'.repeat(170),
    '👋'.repeat(128),
    `${'👋'.repeat(127)}👍`,
    '\0'.repeat(512),
    '\0'.repeat(511),
  ],
};

export const openidCases: readonly PersisterCase[] = persisterCases([], {
  ...Object.fromEntries(
    Object.entries(ALIKE).map(([name, openids]) => [
      name,
      async (bench: PersisterHarness) => mustKeepApart(bench, openids),
    ]),
  ),

  'an empty openid is refused': async (bench) => {
    await mustRefuseCalls(bench, '', 'bad_openid', 'with an empty openid');
    await mustBeDue(bench.persister, {}, 'what is due after that');
  },

  'an openid that is not well-formed or too long is refused or kept as it is, never taken for another':
    async (bench) => {
      const { persister } = bench;
      const long = 'x'.repeat(4_000);
      const odd = ['\ud800', '\ud801', '\udc00a', '\ufffd', `${long}y`, `${long}z`];
      const kept: string[] = [];
      for (const openid of odd) {
        const loaded = await race([() => persister.load(openid)]);
        for (const { value } of loaded.won) {
          mustEqual(value, undefined, 'the record of an odd openid that was never saved');
        }
        const { won } = await race([() => bench.user(openid).save(openid)]);
        if (won.length > 0) kept.push(openid);
      }
      for (const openid of kept) {
        const found = await persister.load(openid);
        mustEqual([found?.openid, found?.body], [openid, openid], 'an odd openid and its body');
      }
    },
});

async function mustKeepApart(
  { persister, user }: PersisterHarness,
  openids: readonly string[],
): Promise<void> {
  const users = openids.map((openid) => user(openid));
  for (const [index, each] of users.entries()) {
    const name = quote(each.openid);
    await each.mustHold(`the record of ${name}, before it was saved`);
    const { lost } = await race([() => each.save(`of ${index}`, index)]);
    if (lost.length === 0) continue;
    throw new ContractError(`${name} is an openid like any other, and was refused`, {
      cause: lost[0],
    });
  }
  for (const each of users) await each.mustHold(`of ${quote(each.openid)}`);
  mustEqual(
    await dueOf(persister, openids.length),
    openids.map((openid, index) => ({ openid, wakeAt: index })),
    'the openids that are due',
  );
  for (const [index, each] of users.entries()) {
    const name = quote(each.openid);
    mustEqual(await each.delete(), true, `delete of ${name}`);
    await each.mustHold(`the record of ${name}, after its delete`);
    const next = users[index + 1];
    await next?.mustHold(`of ${quote(next.openid)}, after the delete of another`);
  }
}

/** With everything spelt out that does not print, or looks like something else. */
function quote(openid: string): string {
  const text = JSON.stringify(openid).replaceAll(
    /[^ -~]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
  return text.length > 60 ? `${text.slice(0, 20)}…${text.slice(-20)}` : text;
}
