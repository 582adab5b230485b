import { type Cancel, type Clock, systemClock } from '../clock.ts';

/** Milliseconds in which a code is printed once. Further warnings with it are counted. */
const QUIET_MS = 60_000;
/** The maximum of codes that are counted apart. A dialogue may throw errors with any number of codes. */
const MAX_CODES = 64;
/** All codes beyond that are counted together under this key, which no code of a warning is. */
const OTHERS = '';

type Write = (code: string, text: string) => void;

/** A code that was printed within the last minute. */
interface Said {
  /** Epoch ms at which it was printed. */
  readonly at: number;
  /** Number of warnings since then, none of which was printed. */
  count: number;
  /** The code and the text of the last of them. */
  code: string;
  text: string;
  cancel: Cancel | undefined;
}

/**
 * Prints one warning for each code and minute: the first one at once, and after a minute the number of those that followed,
 * with the text of the last one. Thousands of users may meet the same fault, and a log with a line for each would show nothing
 * else.
 */
export class Warnings {
  readonly #clock: Clock;
  readonly #write: Write;
  readonly #said = new Map<string, Said>();

  constructor(clock: Clock, write: Write) {
    this.#clock = clock;
    this.#write = write;
  }

  say(code: string, text: string): void {
    const key = this.#said.has(code) || this.#said.size < MAX_CODES ? code : OTHERS;
    const said = this.#said.get(key);
    if (said === undefined) return this.#first(key, code, text);
    said.count += 1;
    said.code = code;
    said.text = text;
    // A runtime may end timers with the request that armed them, and a clock may be set back.
    if (Math.abs(this.#clock.now() - said.at) >= QUIET_MS) this.#again(key, said);
  }

  /** Forgets what was printed. */
  clear(): void {
    for (const { cancel } of this.#said.values()) cancel?.();
    this.#said.clear();
  }

  #first(key: string, code: string, text: string): void {
    this.#keep(key, code, text);
    this.#write(code, text);
  }

  #again(key: string, said: Said): void {
    const { count, code, text, cancel } = said;
    cancel?.();
    this.#said.delete(key);
    if (count === 0) return;
    this.#keep(key, code, text);
    this.#write(code, `${count} more in the last minute. The last one: ${text}`);
  }

  #keep(key: string, code: string, text: string): void {
    const at = this.#clock.now();
    const said: Said = { at, count: 0, code, text, cancel: undefined };
    this.#said.set(key, said);
    said.cancel = this.#clock.wake(at + QUIET_MS, () => this.#again(key, said));
  }
}

const warnings = new Warnings(systemClock, write);

/**
 * The last resort for a fault without a listener: a process warning with a code, never with a payload. Each code has one line
 * in a minute.
 */
export function warn(code: string, text: string): void {
  warnings.say(code, text);
}

/** Forgets which codes were printed, so that a test sees each of them at once. */
export function forgetWarnings(): void {
  warnings.clear();
}

function write(code: string, text: string): void {
  const { process } = globalThis as { readonly process?: Process };
  if (process?.emitWarning) process.emitWarning(text, { type: 'ColloquyWarning', code });
  // eslint-disable-next-line no-console -- a browser has no other place for it
  else console.warn(`ColloquyWarning ${code}: ${text}`);
}

interface Process {
  readonly emitWarning?: (text: string, options: { type: string; code: string }) => void;
}
