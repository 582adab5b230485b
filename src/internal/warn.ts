import { type Cancel, type Clock, systemClock } from '../clock.ts';

/** Milliseconds in which one code has one warning. Those that follow within it are counted. */
const QUIET_MS = 60_000;
/** The maximum of codes that are counted apart. A dialogue may throw errors with any number of codes. */
const MAX_CODES = 64;
/** What the codes beyond that are counted as. No code of a warning has such a name. */
const OTHERS = '';

type Write = (code: string, text: string) => void;

/** A code that was said within the last minute. */
interface Said {
  /** Epoch ms at which it was said. */
  readonly at: number;
  /** Number of warnings that were not said since then, and what the last of them says. */
  count: number;
  code: string;
  text: string;
  cancel: Cancel | undefined;
}

/**
 * Says warnings once for each code and minute: the first at once, and after a minute how many more came. Thousands of users
 * meet the same fault of a program or a server, and a log with a line for each of them shows nothing else.
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

  /** Begins again, as if nothing was said. */
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
 * The last resort for a fault without a listener: a process warning with a code, never with a payload. One line for each
 * code and minute.
 */
export function warn(code: string, text: string): void {
  warnings.say(code, text);
}

/** Says each code again at once: for a test. */
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
