import { UsageError } from '../../errors.ts';
import { builtin } from '../../internal/builtin.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { type Codec, corrupt } from './envelope.ts';
import { type Crypto, MARKS, SealingKey } from './sealing-key.ts';

/** A secret, under the name that records carry. */
export interface SealKey {
  /** A maximum of 64 letters, digits, `_` and `-`. It is stored unencrypted, and always names the same secret. */
  readonly id: string;
  /**
   * At least 32 random bytes (of a string: in UTF-8), for example of `openssl rand -base64 32`. Keys are derived from it
   * directly, so that a password would stay as easy to guess as it is.
   */
  readonly secret: string | Uint8Array;
}

/** Options of `sealed()`: the keys, and whether records are signed or encrypted. */
export interface SealOptions {
  /** The first one seals, all of them open. To rotate, put a new one first and leave the others. */
  readonly keys: readonly SealKey[];
  /**
   * `sign` leaves records readable and detects every change; `encrypt` also hides them. Each opens what the other sealed.
   */
  readonly mode: 'sign' | 'encrypt';
  /**
   * Accepts records without a seal, and seals them at their next save. Use it only while a store changes to sealed
   * records: until then, everyone who can write to the persister can write any record. Default false.
   */
  readonly acceptUnsealed?: boolean | undefined;
}

const OPTION_KEYS = {
  keys: keyTable('id secret'),
  ...keyTable('mode acceptUnsealed'),
} satisfies KeysOf<SealOptions>;

const MIN_SECRET_BYTES = 32;
/** The mark, the id of the key, and the rest. No JSON begins like that. */
const SEALED = /^(colloquy:[se]1):([\w-]{1,64}):/u;

/**
 * A codec that seals the text of another codec, so that a person who can write to the database can neither change a
 * record nor give it to another user: HMAC-SHA-256 (`sign`) or AES-256-GCM (`encrypt`) over the text, its openid and the id
 * of the key. It cannot detect that an older record of the same user was restored.
 *
 * AES-GCM has a random nonce of 96 bits for each save, which is safe for 2^32 saves with one key. Rotate before that: a
 * hundred saves a second reach it in sixteen months.
 *
 * A record that does not open is a PersistError `corrupt`, which counts as absent (see `onCorrupt`). Its
 * `details.reason` is `unsealed`, `unknown_key` or `bad_seal`, or the reason of the inner codec.
 * @example
 * const key = { id: '2026', secret: 'a'.repeat(32) };
 * const sealing = createContextStore({ codec: sealed(jsonCodec, { keys: [key], mode: 'encrypt' }) });
 * await sealing.close();
 * @throws UsageError `bad_option`, `unsupported_runtime` where there is no `node:crypto`
 */
export function sealed(codec: Codec, options: SealOptions): Codec {
  checkOptions('sealed()', options, OPTION_KEYS);
  const { mode, acceptUnsealed = false } = options;
  const keys = toKeys(options);
  const [writer] = keys.values();
  if (writer === undefined) throw badOption('`keys` must hold at least one key.');
  if (mode !== 'sign' && mode !== 'encrypt') throw badOption("`mode` must be 'sign' or 'encrypt'.");

  const codecOfRecords: Codec = {
    encode(value, about) {
      const text = codec.encode(value, about);
      const head = `${MARKS[mode]}:${writer.id}:`;
      return head + writer[mode](boundTo(head, about.openid), text);
    },
    decode(body, about) {
      const { openid } = about;
      const [head, mark, id = ''] = SEALED.exec(body) ?? [];
      if (head === undefined) {
        if (acceptUnsealed) return codec.decode(body, about);
        throw corrupt(openid, 'unsealed', 'carries no seal');
      }
      const key = keys.get(id);
      if (key === undefined) {
        throw corrupt(openid, 'unknown_key', 'is sealed with a key that is not among `keys`');
      }
      const way = mark === MARKS.encrypt ? 'decrypt' : 'verify';
      const text = key[way](boundTo(head, openid), body.slice(head.length));
      if (text === undefined) {
        throw corrupt(openid, 'bad_seal', 'was changed, or sealed for another openid');
      }
      return codec.decode(text, about);
    },
  };
  if (mode === 'encrypt') encrypting.add(codecOfRecords);
  return codecOfRecords;
}

const encrypting = new WeakSet<Codec>();

/** Whether records of this codec can be read with its key only. */
export function isEncrypting(codec: Codec): boolean {
  return encrypting.has(codec);
}

/** What a seal covers beside the text. JSON, in which two different openids are never the same text. */
function boundTo(head: string, openid: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([head, openid]));
}

function toKeys({ keys }: SealOptions): ReadonlyMap<string, SealingKey> {
  if (!Array.isArray(keys)) throw badOption('`keys` must be a list of { id, secret }.');
  const crypto = nodeCrypto();
  const byId = new Map<string, SealingKey>();
  for (const { id, secret } of keys as readonly SealKey[]) {
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/u.test(id)) {
      throw badOption("The id of a key has 1 to 64 letters, digits, '_' and '-'.");
    }
    if (byId.has(id)) throw badOption(`The key '${id}' is given twice.`);
    const isBytes = secret instanceof Uint8Array;
    if ((!isBytes && typeof secret !== 'string') || Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
      throw badOption(
        `The secret of key '${id}' must be a string or Uint8Array of at least ${MIN_SECRET_BYTES} random bytes.`,
      );
    }
    byId.set(id, new SealingKey(crypto, id, secret));
  }
  return byId;
}

function nodeCrypto(): Crypto {
  const crypto = builtin('node:crypto') as Crypto | undefined;
  if (crypto !== undefined) return crypto;
  throw new UsageError(
    'unsupported_runtime',
    'sealed() needs the module node:crypto, which this runtime does not have. Run it on Node.js, Bun or Deno, or on Workers with nodejs_compat; elsewhere leave records unsealed.',
  );
}

function badOption(message: string): UsageError {
  return new UsageError('bad_option', message);
}
