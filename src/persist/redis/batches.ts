import type { PersistError } from '../../errors.ts';
import type { RunScript, Script } from './client.ts';
import { faultOf } from './faults.ts';

/** Of so many calls that wait, none waits for another one: the server begins with them while the next ones are made. */
const MAX_WAITING = 64;
/** Nor do calls with so many characters. */
const MAX_CHARACTERS = 1024 * 1024;

/** What one call asks of a script. */
export interface Question<T> {
  readonly script: Script;
  readonly openid: string;
  /** The shard, by its number: what goes together is of one. */
  readonly shard: number;
  /** The keys and arguments that come first, the same for all that go together. */
  readonly head: Head;
  readonly key: string;
  readonly argument?: string;
  /** @throws PersistError */
  readonly read: (answer: unknown) => T;
}

export interface Head {
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

interface Waiting {
  readonly openid: string;
  readonly answer: (answer: unknown) => void;
  readonly fail: (error: unknown) => void;
}

interface Batch {
  readonly script: Script;
  readonly head: Head;
  readonly keys: string[];
  readonly args: string[];
  readonly waiting: Waiting[];
}

/**
 * Calls of scripts, sent together. Those that are made until the event loop goes on, and are of one script and shard,
 * become one command: one promise of the client and one start of the script for all of them.
 */
export class Batches {
  readonly #run: RunScript;
  /** Those that take more, by script and shard. */
  readonly #open = new Map<Script, (Batch | undefined)[]>();
  #ready: Batch[] = [];
  #waiting = 0;
  #characters = 0;
  #isDue = false;

  constructor(run: RunScript) {
    this.#run = run;
  }

  ask<T>({ script, openid, shard, head, key, argument, read }: Question<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const batch = this.#batchOf(script, shard, head);
      batch.keys.push(key);
      if (argument !== undefined) {
        batch.args.push(argument);
        this.#characters += argument.length;
      }
      batch.waiting.push({
        openid,
        answer(answer) {
          try {
            resolve(read(answer));
          } catch (error) {
            reject(error as PersistError);
          }
        },
        fail: reject,
      });
      this.#waiting += 1;
      if (this.#waiting >= MAX_WAITING || this.#characters >= MAX_CHARACTERS) this.#send();
      else if (!this.#isDue) {
        this.#isDue = true;
        process.nextTick(() => this.#send());
      }
    });
  }

  #batchOf(script: Script, shard: number, head: Head): Batch {
    let open = this.#open.get(script);
    if (open === undefined) this.#open.set(script, (open = []));
    const last = open[shard];
    if (last !== undefined && last.head === head) return last;
    const batch: Batch = { script, head, keys: [...head.keys], args: [...head.args], waiting: [] };
    open[shard] = batch;
    this.#ready.push(batch);
    return batch;
  }

  #send(): void {
    this.#isDue = false;
    const ready = this.#ready;
    if (ready.length === 0) return;
    this.#ready = [];
    for (const open of this.#open.values()) open.length = 0;
    this.#waiting = 0;
    this.#characters = 0;
    for (const { script, keys, args, waiting } of ready) {
      this.#run(script, keys, args).then(
        (answers) => settle(waiting, answers as unknown[]),
        (error: unknown) => {
          for (const { openid, fail } of waiting) fail(faultOf(error, openid));
        },
      );
    }
  }
}

function settle(waiting: readonly Waiting[], answers: readonly unknown[]): void {
  for (let index = 0; index < waiting.length; index += 1) {
    const { openid, answer, fail } = waiting[index] as Waiting;
    const given = answers[index];
    if (Array.isArray(given) && given.length === 1) {
      fail(faultOf(new Error(String(given[0])), openid));
    } else answer(given);
  }
}
