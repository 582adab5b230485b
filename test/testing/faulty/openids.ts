import { MessageError } from 'colloquy';
import { type Fault, fault, keyed } from './fault.ts';

const LANGUAGE = 'openids that are names of something in the language are kept apart';
const LOOKS = 'openids that only look the same are kept apart';
const LONG = 'openids of 512 bytes that share all but the last are kept apart';
const EMPTY = 'an empty openid is refused';
const ODD =
  'an openid that is not well-formed or too long is refused or kept as it is, never taken for another';

export const openidFaults: readonly Fault[] = [
  fault(
    'openids with separators in them are kept apart',
    'joins its keys by a colon and takes them apart again',
    'the record of "a:b", before it was saved',
    keyed((openid) => openid.split(':')[0] || ':'),
  ),
  fault(
    'openids with separators in them are kept apart',
    'makes file names of them',
    '"./a"',
    keyed((openid) => openid.replace(/^\.\//u, '')),
  ),
  fault(LANGUAGE, 'keeps them in an object', '"__proto__", before it was saved', ({ load }) => {
    const cache: Record<string, never> = {};
    return { load: async (openid) => cache[openid] ?? (await load(openid)) };
  }),
  fault(
    LANGUAGE,
    'reads numbers out of them',
    '"00"',
    keyed((openid) => (Number.isNaN(Number(openid)) ? openid : `${Number(openid)}`)),
  ),
  ...(
    [
      ['ignores case', (openid: string) => openid.toLowerCase(), '"Ann"'],
      ['trims the end', (openid: string) => openid.replace(/(?<=.) +$/u, ''), '"ann "'],
      ['composes', (openid: string) => openid.normalize(), String.raw`"e\u{301}"`],
      ['goes by compatibility', (openid: string) => openid.normalize('NFKD'), String.raw`"\u{a0}"`],
      ['takes a byte order mark off', (openid: string) => openid.replace(/^\ufeff/u, ''), 'ann"'],
    ] as const
  ).map(([what, toKey, says]) => fault(LOOKS, what, says, keyed(toKey))),
  fault(
    LOOKS,
    'sorts them by name where it should by moment',
    'the openids that are due',
    ({ due }) => ({
      due: async (until, limit) =>
        (await due(until, limit)).sort((a, b) => (a.openid < b.openid ? -1 : 1)),
    }),
  ),
  fault(
    LOOKS,
    'deletes by what looks the same',
    'after the delete of another',
    ({ delete: remove }, { disk }) => ({
      async delete(openid) {
        const alike = [...disk.records.keys()].filter(
          (key) => key.toLowerCase() === openid.toLowerCase(),
        );
        for (const key of alike) await remove(key);
        return alike.length > 0;
      },
    }),
  ),
  fault(
    'openids with a NUL in them are kept apart',
    'ends them at a NUL',
    'before it was saved',
    keyed((openid) => openid.split('\0')[0] || '\0'),
  ),
  fault(
    'openids with a NUL in them are kept apart',
    'refuses a NUL',
    '"a\\u0000" is an openid like any other, and was refused',
    ({ save }) => ({
      async save(record, expected) {
        if (record.openid.includes('\0')) throw new Error('invalid byte sequence');
        return save(record, expected);
      },
    }),
  ),
  fault(
    LONG,
    'keeps 500 of them',
    'before it was saved',
    keyed((openid) => openid.slice(0, 500)),
  ),
  fault(
    LONG,
    'has no room for that',
    'is an openid like any other, and was refused',
    ({ save }) => ({
      async save(record, expected) {
        if (record.openid.length > 255) throw new Error('key too long');
        return save(record, expected);
      },
    }),
  ),
  fault(
    EMPTY,
    'keeps it',
    'load() with an empty openid',
    keyed((openid) => openid || 'empty'),
  ),
  ...(['load', 'save', 'delete'] as const).map((name) =>
    fault(EMPTY, `forgets about it at ${name}()`, `${name}() with an empty openid`, () => ({
      [name]: async () => undefined,
    })),
  ),
  ...(['take', 'save', 'release'] as const).map((name) =>
    fault(
      EMPTY,
      `forgets about it at lease.${name}()`,
      `lease.${name}() with an empty`,
      ({ lease }) => ({
        lease: { ...lease, [name]: async () => undefined },
      }),
    ),
  ),
  fault(EMPTY, 'refuses it in its own words', "'bad_openid', got TypeError: empty", ({ load }) => ({
    async load(openid) {
      if (openid === '') throw new TypeError('empty');
      return load(openid);
    },
  })),
  fault(
    EMPTY,
    'refuses it when it has been written',
    'what is due after that',
    ({ save }, { disk }) => ({
      async save(record, expected) {
        if (record.openid !== '') return save(record, expected);
        disk.records.set('', { ...record, revision: 1 });
        throw new MessageError('bad_openid', 'empty');
      },
    }),
  ),
  fault(
    ODD,
    'writes it as UTF-8',
    'the record of an odd openid that was never saved',
    keyed((openid) => Buffer.from(openid).toString().slice(0, 512)),
  ),
  fault(
    ODD,
    'cuts it',
    'the record of an odd openid that was never saved',
    keyed((openid) => (openid.isWellFormed() ? openid.slice(0, 512) : 'odd')),
  ),
];
