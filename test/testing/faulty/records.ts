import { ConflictError } from 'colloquy';
import { type Fault, changing, fault, pause } from './fault.ts';

const BODY = 'a body is kept to the last character';
const LONG = 'a body of a megabyte is kept';

export const recordFaults: readonly Fault[] = [
  fault(
    'an openid that was never saved has no record',
    'gives null for nothing',
    'expected undefined, got null',
    ({ load }) => ({ load: async (openid) => (await load(openid)) ?? (null as never) }),
  ),
  fault(
    'an openid that was never saved has no record',
    'gives the record of another user',
    'beside another',
    ({ load }, { disk }) => ({
      load: async (openid) => (await load(openid)) ?? [...disk.records.values()][0],
    }),
  ),
  fault(
    'a record is read back as it was saved last',
    'keeps the first moment',
    'the record as saved again',
    ({ save }, { disk }) => ({
      save: (record, expected) =>
        save(
          { ...record, wakeAt: disk.records.get(record.openid)?.wakeAt ?? record.wakeAt },
          expected,
        ),
    }),
  ),
  fault(
    'a record is read back as it was saved last',
    'gives numbers as text',
    'a revision is a safe integer',
    ({ save }) => ({
      save: async (record, expected) => String(await save(record, expected)) as never,
    }),
  ),
  fault(
    'a record is read back as it was saved last',
    'loads numbers as text',
    'the record as saved',
    ({ load }) => ({
      async load(openid) {
        const found = await load(openid);
        return found && { ...found, wakeAt: String(found.wakeAt) as never };
      },
    }),
  ),
  ...[
    ['trims it', (body: string) => body.trim()],
    ['composes it', (body: string) => body.normalize()],
    ['cuts it at a NUL', (body: string) => body.split('\0')[0] ?? ''],
    ['takes a byte order mark off', (body: string) => body.replace(/^\ufeff/u, '')],
    ['ends lines in its own way', (body: string) => body.replaceAll('\r\n', '\n')],
    ['keeps 16 bits of a character', (body: string) => body.replaceAll(/[\u{10000}-]/gu, '?')],
    ['parses it', (body: string) => (body === '1e400' ? 'Infinity' : body)],
  ].map(([what, change]) =>
    fault(BODY, what as string, 'a body as it was saved', ({ save }) => ({
      save: (record, expected) =>
        save({ ...record, body: (change as (body: string) => string)(record.body) }, expected),
    })),
  ),
  fault(BODY, 'takes an empty one for none', 'a body as it was saved', ({ load }) => ({
    async load(openid) {
      const found = await load(openid);
      return found?.body ? found : undefined;
    },
  })),
  fault(
    LONG,
    'cuts it',
    'the length of a long body',
    changing((record) => ({ ...record, body: record.body.slice(0, 65_535) })),
  ),
  fault(
    LONG,
    'cuts a character between two chunks of bytes',
    'a long body',
    changing((record) => {
      const bytes = Buffer.from(record.body);
      const chunks = [bytes.subarray(0, 65_536), bytes.subarray(65_536)];
      return { ...record, body: chunks.map((chunk) => chunk.toString()).join('') };
    }),
  ),
  fault(
    'a body with half of a surrogate pair is kept as it is or refused, never changed',
    'writes it as UTF-8',
    'a body that was not refused',
    changing((record) => ({ ...record, body: Buffer.from(record.body).toString() })),
  ),
  fault(
    'a body with half of a surrogate pair is kept as it is or refused, never changed',
    'deletes what was there and refuses the body then',
    'the record after a refused body',
    ({ save, delete: remove }) => ({
      async save(record, expected) {
        if (record.body.isWellFormed()) return save(record, expected);
        await remove(record.openid);
        throw new Error('refused');
      },
    }),
  ),
  fault(
    'a save that expects an older revision is refused and changes nothing',
    'lets the last one win',
    "expected a ColloquyError with the code 'conflict', and the call was answered with",
    ({ save }, { disk }) => ({
      save: (record) => save(record, disk.records.get(record.openid)?.revision),
    }),
  ),
  fault(
    'a save that expects an older revision is refused and changes nothing',
    'refuses with an unknown error',
    'got Error: stale',
    ({ save }) => ({
      save: (record, expected) =>
        save(record, expected).catch(() => {
          throw new Error('stale');
        }),
    }),
  ),
  fault(
    'a save that expects an older revision is refused and changes nothing',
    'writes before it looks',
    'after a refused save',
    ({ save }, { disk }) => ({
      save(record, expected) {
        const found = disk.records.get(record.openid);
        if (found) disk.records.set(record.openid, { ...found, body: record.body });
        return save(record, expected);
      },
    }),
  ),
  fault(
    'a save that expects a revision to come is refused and changes nothing',
    'asks for at least the stored revision',
    'a save that expects a revision to come',
    ({ save }, { disk }) => ({
      save(record, expected) {
        const revision = disk.records.get(record.openid)?.revision;
        return save(record, (expected ?? 0) >= (revision ?? 1) ? revision : expected);
      },
    }),
  ),
  fault(
    'a save that expects a record where there is none is refused',
    'takes the place of what is gone',
    'a save that expects a record where there is none',
    ({ save }, { disk }) => ({
      save: (record, expected) =>
        save(record, disk.records.has(record.openid) ? expected : undefined),
    }),
  ),
  fault(
    'a save that expects a record where there is none is refused',
    'does nothing and says that it did',
    'a save that expects a record where there is none',
    ({ save }, { disk }) => ({
      save: async (record, expected) =>
        expected !== undefined && !disk.records.has(record.openid)
          ? expected + 1
          : save(record, expected),
    }),
  ),
  fault(
    'a save that expects no record where there is one is refused',
    'takes "none expected" for "any"',
    'a second first save',
    ({ save }, { disk }) => ({
      save: (record, expected) =>
        save(record, expected ?? disk.records.get(record.openid)?.revision),
    }),
  ),
  ...['of fifty saves at once that expect the same revision', 'of fifty first saves at once'].map(
    (which) =>
      fault(
        `${which} one is let through`,
        'looks first and writes later',
        'saves let through of 50 that expect the same revision: expected 1, got 50',
        ({ save, load }, { disk }) => ({
          async save(record, expected) {
            const found = await load(record.openid);
            if (found?.revision !== expected) throw new ConflictError(record.openid);
            return save(record, disk.records.get(record.openid)?.revision);
          },
        }),
      ),
  ),
  fault(
    'of fifty first saves at once one is let through',
    'refuses all that come in a crowd',
    'expected 1, got 0',
    ({ save }) => {
      let waiting = 0;
      return {
        async save(record, expected) {
          waiting += 1;
          await pause();
          if (waiting > 1) throw new ConflictError(record.openid);
          return save(record, expected);
        },
      };
    },
  ),
  fault(
    'of fifty first saves at once one is let through',
    'keeps the body of one that was refused',
    'the record that was let through',
    ({ save }, { disk }) => ({
      save: (record, expected) =>
        save(record, expected).catch((error: unknown) => {
          const found = disk.records.get(record.openid);
          if (found) disk.records.set(record.openid, { ...found, body: record.body });
          throw error;
        }),
    }),
  ),
  fault(
    'of fifty first saves at once one is let through',
    'fails in a crowd in its own words',
    'a save that came too late',
    ({ save }) => ({
      save: (record, expected) =>
        save(record, expected).catch(() => {
          throw new TypeError('busy');
        }),
    }),
  ),
];
