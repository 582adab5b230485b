import type { PersistError } from '../../errors.ts';
import type { RunScript, Script } from './client.ts';
import { faultOf } from './faults.ts';

/** The most calls in one command: the server begins with them while the next ones are collected. */
const MAX_TOGETHER = 16;
/** The most characters in one command. */
const MAX_CHARACTERS = 1024 * 1024;

export interface BatchedCall<T> {
  readonly script: Script;
  readonly openid: string;
  /** The number of the shard. Calls of different shards are not sent together. */
  readonly shard: number;
  /** The first keys and arguments, the same for all calls that are sent together. */
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
  readonly shard: number;
  readonly head: Head;
  readonly keys: string[];
  readonly args: string[];
  readonly waiting: Waiting[];
  characters: number;
  isSent: boolean;
}

/**
 * Sends calls of scripts together. Those of one turn of the event loop with the same script and shard are one command: one
 * promise of the client and one start of the script for all of them.
 */
export class Batches {
  readonly #run: RunScript;
  /** The batches that take more calls, by script and shard. */
  readonly #open = new Map<Script, (Batch | undefined)[]>();
  /** The batches of this turn of the event loop. */
  #begun: Batch[] = [];

  constructor(run: RunScript) {
    this.#run = run;
  }

  ask<T>({ script, openid, shard, head, key, argument, read }: BatchedCall<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const batch = this.#batchOf(script, shard, head);
      batch.keys.push(key);
      if (argument !== undefined) {
        batch.args.push(argument);
        batch.characters += argument.length;
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
      const isFull = batch.waiting.length >= MAX_TOGETHER || batch.characters >= MAX_CHARACTERS;
      if (isFull) this.#send(batch);
    });
  }

  #batchOf(script: Script, shard: number, head: Head): Batch {
    let open = this.#open.get(script);
    if (open === undefined) this.#open.set(script, (open = []));
    const last = open[shard];
    if (last !== undefined && hasSameArgs(last.head, head)) return last;
    const batch: Batch = {
      script,
      shard,
      head,
      keys: [...head.keys],
      args: [...head.args],
      waiting: [],
      characters: 0,
      isSent: false,
    };
    open[shard] = batch;
    if (this.#begun.length === 0) process.nextTick(() => this.#sendAll());
    this.#begun.push(batch);
    return batch;
  }

  #sendAll(): void {
    const begun = this.#begun;
    this.#begun = [];
    for (const batch of begun) if (!batch.isSent) this.#send(batch);
  }

  #send(batch: Batch): void {
    const { script, shard, keys, args, waiting } = batch;
    batch.isSent = true;
    const open = this.#open.get(script);
    if (open?.[shard] === batch) open[shard] = undefined;
    this.#run(script, keys, args).then(
      (answers) => settle(waiting, answers as unknown[]),
      (error: unknown) => {
        for (const { openid, fail } of waiting) fail(faultOf(error, openid));
      },
    );
  }
}

/** The keys of a script are the same for all calls in a shard. */
function hasSameArgs(one: Head, other: Head): boolean {
  return one.args.every((arg, index) => arg === other.args[index]);
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
