import type { Clock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { type Data, clone } from '../internal/plain-data.ts';
import { type Expiry, type ExpirySetting, expiresAt, toExpiry } from './record/expiry.ts';
import { type ConversationRecord, expiryOf } from './record/record.ts';

/** What an age or a date is computed from, instead of the current time and the context's own setting. */
export interface ExpiryBasis {
  /** When the context was last changed. Default: now. */
  readonly modification?: Date;
  /** The expiry setting. Default: the context's own. */
  readonly expiry?: ExpirySetting;
}

/**
 * A draft of one user's dictionary. Its changes are visible to others only after `save()`. A draft cannot be saved if its
 * record was changed after the draft was opened. Nested values are the draft's own copies and may be changed in place.
 */
export interface Context<D extends object = Data> extends Iterable<[string, D[keyof D]]> {
  /** The user whose dictionary it is. */
  readonly openid: string;
  /** Whether anything was read or written through this draft. */
  readonly accessed: boolean;
  /** Whether something was written since it was opened or last saved. Changes inside a nested value do not count. */
  readonly modified: boolean;
  /** The revision it was opened at or last saved as; undefined where there was no record. */
  readonly revision: number | undefined;
  /** The number of keys. */
  readonly size: number;
  /** The value of a key; undefined if it is not there. */
  get<K extends keyof D & string>(key: K): D[K] | undefined;
  /** The value of a key; `fallback` if it is not there, or undefined. */
  get<K extends keyof D & string, T>(key: K, fallback: T): Exclude<D[K], undefined> | T;
  /**
   * Puts a value under a key. `save()` says whether it can be stored.
   * @throws UsageError `bad_key` for the key `__proto__`
   */
  set<K extends keyof D & string>(key: K, value: D[K]): this;
  /** Whether the key is there, with any value. */
  has(key: string): boolean;
  /** Removes a key. @returns whether it was there */
  delete(key: keyof D & string): boolean;
  /** Removes a key. @returns its value, or `fallback` where it was not there */
  pop<K extends keyof D & string>(key: K): D[K] | undefined;
  pop<K extends keyof D & string, T>(key: K, fallback: T): D[K] | T;
  /** Sets a key to `value` if it is not there. @returns the value of the key */
  setDefault<K extends keyof D & string>(key: K, value: D[K]): D[K];
  /** Sets every key of `values`. */
  update(values: Partial<D>): this;
  /** All keys. */
  keys(): (keyof D & string)[];
  /** All values, in the order of the keys. */
  values(): D[keyof D][];
  /** All keys with their values. */
  entries(): [string, D[keyof D]][];
  /** Removes every key. The record stays. */
  clear(): void;
  /** A copy of the dictionary. */
  toJSON(): D;
  /**
   * When this context expires: a number of seconds after each save, a fixed moment (`Date`, or a duration from now),
   * or `null` or `0` for the store's age.
   * @throws UsageError `bad_expiry`
   */
  setExpiry(setting: ExpirySetting): void;
  /** Whole seconds from `modification` until it expires. */
  getExpiryAge(basis?: ExpiryBasis): number;
  /** The moment at which it expires. */
  getExpiryDate(basis?: ExpiryBasis): Date;
  /**
   * Commits the draft, which can be used again afterwards.
   * @throws ConflictError `conflict` where the record was changed after this draft was opened; nothing is changed.
   * @throws ColloquyError `context_not_plain`, `context_too_big`
   * @throws PersistError `unavailable`, `timeout`
   */
  save(): Promise<void>;
  /** Deletes everything that is kept for this user, everywhere and in any revision. The draft is empty afterwards. */
  flush(): Promise<void>;
}

/** What a draft needs of its store. */
export interface DraftHost {
  readonly ageSeconds: number;
  readonly clock: Clock;
  save(draft: Draft): Promise<ConversationRecord>;
  flush(openid: string): Promise<unknown>;
}

/** The one implementation of `Context`, on untyped data. */
export class Draft implements Context {
  readonly openid: string;
  readonly #host: DraftHost;
  #base: ConversationRecord | undefined;
  #data: Data | undefined;
  #expiry: Expiry | undefined;
  #accessed = false;
  #modified = false;
  #flushed = false;

  constructor(host: DraftHost, openid: string, base: ConversationRecord | undefined) {
    this.#host = host;
    this.openid = openid;
    this.#base = base;
    this.#expiry = expiryOf(base);
  }

  get accessed(): boolean {
    return this.#accessed;
  }

  get modified(): boolean {
    return this.#modified;
  }

  get revision(): number | undefined {
    return this.#base?.absent === undefined ? this.#base?.revision : undefined;
  }

  /** The committed record that the draft started from. */
  get base(): ConversationRecord | undefined {
    return this.#base;
  }

  get expiry(): Expiry | undefined {
    return this.#expiry;
  }

  /** The current dictionary. This does not count as an access. */
  get data(): Data {
    this.#data ??= this.#base === undefined ? {} : clone(this.#base.data);
    return this.#data;
  }

  /** Whether the record was flushed through this draft and nothing was written since. */
  get flushed(): boolean {
    return this.#flushed;
  }

  get size(): number {
    return Object.keys(this.#read()).length;
  }

  get(key: string, fallback?: unknown): unknown {
    const data = this.#read();
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    return value === undefined ? fallback : value;
  }

  set(key: string, value: unknown): this {
    checkKey(key);
    this.#write()[key] = value;
    return this;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#read(), key);
  }

  delete(key: string): boolean {
    if (!this.has(key)) return false;
    return delete this.#write()[key];
  }

  pop(key: string, fallback?: unknown): unknown {
    if (!this.has(key)) return fallback;
    const data = this.#write();
    const value = data[key];
    delete data[key];
    return value;
  }

  setDefault(key: string, value: unknown): unknown {
    if (!this.has(key)) this.set(key, value);
    return this.data[key];
  }

  update(values: Data): this {
    const keys = Object.keys(values);
    for (const key of keys) checkKey(key);
    const data = this.#write();
    for (const key of keys) data[key] = values[key];
    return this;
  }

  keys(): string[] {
    return Object.keys(this.#read());
  }

  values(): unknown[] {
    return Object.values(this.#read());
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#read());
  }

  [Symbol.iterator](): IterableIterator<[string, unknown]> {
    return this.entries()[Symbol.iterator]();
  }

  clear(): void {
    this.#write();
    this.#data = {};
  }

  toJSON(): Data {
    return clone(this.#read());
  }

  setExpiry(setting: ExpirySetting): void {
    const expiry = toExpiry(setting, this.#host.clock.now());
    this.#accessed = true;
    if (expiry === undefined && this.#expiry === undefined) return;
    this.#expiry = expiry;
    this.#modified = true;
    this.#flushed = false;
  }

  getExpiryAge(basis: ExpiryBasis = {}): number {
    return Math.floor((this.#expiresAt(basis) - this.#modification(basis)) / 1000);
  }

  getExpiryDate(basis: ExpiryBasis = {}): Date {
    return new Date(this.#expiresAt(basis));
  }

  async save(): Promise<void> {
    const wasModified = this.#modified;
    const saving = this.#host.save(this);
    // A change during the save is not part of it.
    this.#modified = false;
    try {
      this.#base = await saving;
      this.#flushed = false;
    } catch (error) {
      this.#modified ||= wasModified;
      throw error;
    }
  }

  async flush(): Promise<void> {
    await this.#host.flush(this.openid);
    this.clear();
    this.#base = undefined;
    this.#expiry = undefined;
    this.#flushed = true;
  }

  #read(): Data {
    this.#accessed = true;
    return this.data;
  }

  #write(): Data {
    this.#accessed = true;
    this.#modified = true;
    this.#flushed = false;
    return this.data;
  }

  #modification({ modification }: ExpiryBasis): number {
    return modification?.getTime() ?? this.#host.clock.now();
  }

  #expiresAt(basis: ExpiryBasis): number {
    const modification = this.#modification(basis);
    let expiry = this.#expiry;
    if (basis.expiry === undefined) this.#accessed = true;
    else expiry = toExpiry(basis.expiry, modification);
    return expiresAt(expiry, modification, this.#host.ageSeconds);
  }
}

function checkKey(key: string): void {
  if (typeof key === 'string' && key !== '__proto__') return;
  throw new UsageError(
    'bad_key',
    'A key of a context is a string other than `__proto__`, which would reach the prototype of the dictionary.',
  );
}
