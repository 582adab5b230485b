import { ColloquyError } from '../errors.ts';
import {
  type Data,
  type PlainRules,
  jsonSize,
  isDictionary,
  isExactly,
  findOddity,
  PLAIN_DATA,
  oddityText,
} from './plain-data.ts';
import { utf8Size } from './utf8-size.ts';

/** A dictionary as a record holds it. */
export interface FrozenData {
  /** Frozen at every depth; no other code has a reference into it. */
  readonly data: Data;
  /**
   * Whether all of it is frozen. A `Date`, `Map` or `Set` cannot be, so a dictionary that holds one is handed out as a
   * copy, every time.
   */
  readonly shareable: boolean;
}

const CONTEXT_RULES: PlainRules = { maxDepth: 64 };

/**
 * A copy of a context for a record: frozen at every depth, so that no other code holds a reference into a committed
 * record. What is in `base` at the same place was frozen before, and is not copied again.
 *
 * @param maxBytes the most that the dictionary may take as JSON in UTF-8
 * @param base the dictionary from which `data` was made: frozen itself, and shareable
 * @throws ColloquyError `context_not_plain` for functions, symbols, class instances, a `__proto__` key, and nesting of
 *   over 64 levels, which is what a cycle looks like; `context_too_big` over `maxBytes`.
 */
export function freezeCopy(data: Data, maxBytes: number, base?: Data): FrozenData {
  return new Freezing(data, undefined, maxBytes).freeze(base);
}

/**
 * The same for a dictionary that only this caller has, of plain properties: the dictionary itself is frozen, not a
 * copy. V8 copies a dictionary of many keys one key at a time, which for a thousand of them takes longer than the rest
 * of a turn.
 * @throws ColloquyError as `freezeCopy` does; then a part of it may be frozen
 */
export function freezeInPlace(data: Data, maxBytes: number, base?: Data): FrozenData {
  const isOwn = Object.isExtensible(data) && Object.getOwnPropertySymbols(data).length === 0;
  return new Freezing(data, isOwn ? data : undefined, maxBytes).freeze(base);
}

/** One walk over a dictionary. What it finds out is in its fields: a result for each node would cost more than the walk. */
class Freezing {
  readonly #whole: Data;
  /** The dictionary that is frozen in place. */
  readonly #inPlace: Data | undefined;
  readonly #maxBytes: number;
  /** An estimate over which the data is certainly too big: the walk ends there. */
  readonly #enough: number;
  #bytes = 0;
  #shareable = true;
  /** Whether JSON can write all of it. */
  #isJson = true;

  constructor(whole: Data, inPlace: Data | undefined, maxBytes: number) {
    this.#whole = whole;
    this.#inPlace = inPlace;
    this.#maxBytes = maxBytes;
    this.#enough = maxBytes * MOST_OVERESTIMATED;
  }

  freeze(base: Data | undefined): FrozenData {
    const maxBytes = this.#maxBytes;
    const data = this.#value(this.#whole, base, 0) as Data;
    // Three bytes a character and no escapes is only an estimate; near the limit the bytes are counted.
    if (this.#bytes * 2 > maxBytes) {
      const size = this.#isJson ? utf8Size(JSON.stringify(data)) : jsonSize(data);
      if (size > maxBytes) throw tooBig(size, maxBytes);
    }
    return { data, shareable: this.#shareable };
  }

  #value(value: unknown, base: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.#bytes += value.length * 3 + 2;
        return value;
      case 'number':
        this.#bytes += MOST_OVERESTIMATED;
        return value;
      case 'bigint':
        this.#bytes += value.toString().length;
        this.#isJson = false;
        return value;
      case 'boolean':
      case 'undefined':
        this.#bytes += 9;
        return value;
      case 'object':
        if (value === null) {
          this.#bytes += 4;
          return null;
        }
        if (depth > CONTEXT_RULES.maxDepth) throw contextNotPlain(this.#whole);
        this.#bytes += 2;
        if (this.#bytes > this.#enough) throw tooBig(undefined, this.#maxBytes);
        if (Array.isArray(value)) return this.#array(value, base, depth);
        if (isDictionary(value)) return this.#dictionary(value, base, depth);
        return this.#instance(value, depth);
      default:
        throw contextNotPlain(this.#whole);
    }
  }

  #array(value: readonly unknown[], base: unknown, depth: number): readonly unknown[] {
    if (!isExactly(value, Array.prototype)) throw contextNotPlain(this.#whole);
    // A list that is sparse may be longer than memory has room for.
    if (value.length > this.#maxBytes) throw tooBig(undefined, this.#maxBytes);
    const copy = value === base ? undefined : new Array<unknown>(value.length);
    const before = Array.isArray(base) ? (base as readonly unknown[]) : NO_ITEMS;
    for (let index = 0; index < value.length; index += 1) {
      const frozen = this.#value(value[index], before[index], depth + 1);
      if (copy !== undefined) copy[index] = frozen;
    }
    return copy === undefined ? value : Object.freeze(copy);
  }

  #dictionary(value: Data, base: unknown, depth: number): Data {
    const isInPlace = value === this.#inPlace;
    let copy: Data | undefined;
    if (value !== base) copy = isInPlace ? value : {};
    const before = typeof base === 'object' && base !== null ? (base as Data) : NO_FIELDS;
    for (const key in value) {
      if (key === '__proto__') throw contextNotPlain(this.#whole);
      const item = value[key];
      // JSON leaves it out.
      if (item === undefined) {
        if (copy !== undefined && !isInPlace) copy[key] = item;
        continue;
      }
      if (this.#bytes > this.#enough) throw tooBig(undefined, this.#maxBytes);
      // Most are a text or a number: to look up what was there before would only take time.
      const frozen =
        typeof item === 'string' || typeof item === 'number'
          ? this.#value(item, undefined, depth)
          : this.#value(item, before[key], depth + 1);
      this.#bytes += key.length * 3 + 4;
      if (copy !== undefined && (!isInPlace || frozen !== item)) copy[key] = frozen;
    }
    return copy === undefined ? value : Object.freeze(copy);
  }

  #instance(value: object, depth: number): object {
    this.#shareable = false;
    if (isExactly(value, Date.prototype)) {
      this.#bytes += 24;
      return new Date(value.getTime());
    }
    this.#isJson = false;
    const freezeItem = (item: unknown): unknown => {
      if (this.#bytes > this.#enough) throw tooBig(undefined, this.#maxBytes);
      return this.#value(item, undefined, depth + 1);
    };
    if (isExactly(value, Set.prototype)) return new Set(Array.from(value, freezeItem));
    if (!isExactly(value, Map.prototype)) throw contextNotPlain(this.#whole);
    return new Map(Array.from(value, ([key, item]) => [freezeItem(key), freezeItem(item)]));
  }
}

/** The estimate of a number, which may take a single byte. No other estimate is so far above the least that a value takes. */
const MOST_OVERESTIMATED = 24;
const NO_ITEMS: readonly unknown[] = [];
const NO_FIELDS: Data = {};

/** The place of the oddity is found by a second walk: paths would make the first one slower. */
function contextNotPlain(data: Data): ColloquyError {
  const oddity = findOddity(data, CONTEXT_RULES);
  const path = oddity?.path ?? '';
  return new ColloquyError(
    'context_not_plain',
    `A context holds ${PLAIN_DATA}; at '${path}' it held ${oddityText(oddity, CONTEXT_RULES)}.`,
    { details: { path } },
  );
}

/** @param size undefined where it was not worth counting all of it */
function tooBig(size: number | undefined, limit: number): ColloquyError {
  const bytes = size === undefined ? 'too many bytes' : `${size} bytes`;
  return new ColloquyError(
    'context_too_big',
    `The context would take ${bytes} as JSON, over the limit of ${limit}. Keep references in it rather than documents, or raise the limit.`,
    { details: { limit, ...(size !== undefined && { size }) } },
  );
}
