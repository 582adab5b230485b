import {
  ColloquyError,
  type Reply,
  createContextStore,
  createRunner,
  formatReply,
  setupDialogue,
} from 'colloquy';
import { type MessageSource, type SourceChannel, createSource } from 'colloquy/channels/source';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type Fault, type ManualClock, createManualClock, faulty } from 'colloquy/testing';
import { onTestFinished } from 'vitest';
import type { PersisterCall } from '../../src/testing/faults.ts';

export const PREFIX = 'line:';

/** What a user said, as the platform keeps it. */
export interface Sent {
  readonly user: string;
  readonly text: string;
}

/** A platform that nothing can be called by. It gives all that follows a cursor, again and again. */
export class Platform {
  readonly log: Sent[] = [];
  /** What users saw: a push with an id that it knows is not shown again. */
  readonly shown: string[] = [];
  /** How many processes ask at the same time, at most. */
  mostAtOnce = 0;
  /** What the next calls are answered with in place of messages, and when each call came. */
  readonly faults: Error[] = [];
  readonly askedAt: number[] = [];
  /** The largest cursor that it was asked with. */
  confirmed = 0;
  readonly #clock: ManualClock;
  readonly #pushed = new Set<string>();
  readonly #waiting = new Set<() => void>();
  readonly #asking = new Set<() => boolean>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  say(user: string, text: string): void {
    this.log.push({ user, text });
    for (const wake of this.#waiting) wake();
  }

  /** @param isAlive false when the process was killed: nothing that it does reaches the platform */
  channel(isAlive: () => boolean = () => true, batch = 10): SourceChannel {
    return {
      name: 'line',
      prefix: PREFIX,
      push: async (openid, reply, { id }) => {
        if (!isAlive()) return new Promise(() => {});
        this.#show(openid, reply, id);
      },
      source: {
        needsCursor: true,
        open: async ({ take, cursor, signal }) => {
          this.#asking.add(isAlive);
          const asking = [...this.#asking].filter((each) => each()).length;
          this.mostAtOnce = Math.max(this.mostAtOnce, asking);
          try {
            let at = Number(cursor ?? 0);
            while (!signal.aborted) {
              const messages = await this.#after(at, batch, signal);
              if (messages === undefined) return;
              at += messages.length;
              await take(
                { type: 'messages', messages, acknowledge: { status: 200, body: '' } },
                String(at),
              );
              if (isAlive()) this.confirmed = Math.max(this.confirmed, at);
            }
          } finally {
            this.#asking.delete(isAlive);
          }
        },
      },
    };
  }

  #show(openid: string, reply: Reply, id: string): void {
    const key = `${openid} ${id}`;
    if (this.#pushed.has(key)) return;
    this.#pushed.add(key);
    this.shown.push(`${openid.slice(PREFIX.length)}: ${formatReply(reply)}`);
  }

  async #after(at: number, batch: number, signal: AbortSignal) {
    this.askedAt.push(this.#clock.now());
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    while (this.log.length <= at && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
    if (signal.aborted) return undefined;
    return this.log.slice(at, at + batch).map(({ user, text }, index) => ({
      openid: PREFIX + user,
      id: String(at + index),
      message: { type: 'message.text', text } as const,
    }));
  }
}

interface Data {
  readonly heard: readonly string[];
}

const { assign, createDialogue, reply } = setupDialogue({ types: {} as { context: Data } });

/** Remembers all that it was told, and says it back. */
export const echo = createDialogue({
  id: 'echo',
  version: '1',
  context: { heard: [] },
  on: {
    'message.text': {
      actions: [
        assign({ heard: ({ context, event }) => [...context.heard, event.text] }),
        reply(({ event }) => event.text),
      ],
    },
  },
});

export interface SourceProcess {
  readonly source: MessageSource;
  readonly runner: ReturnType<typeof createRunner>;
  readonly errors: string[];
  /** Ends it as it should. */
  stop(): Promise<void>;
  /** From now on, nothing that it does has an effect. */
  kill(): void;
}

export interface StartOptions {
  readonly dialogue?: Parameters<typeof createRunner>[0];
  /** What comes of a call of the persister. */
  readonly choose?: (call: PersisterCall) => Fault | undefined;
  readonly store?: Parameters<typeof createContextStore>[0];
  readonly batch?: number;
}

/** A platform, and the disk and the clock that processes share. */
export interface SourceWorld {
  readonly clock: ManualClock;
  readonly disk: Disk;
  readonly platform: Platform;
  start(options?: StartOptions): SourceProcess;
  /** Lets time pass, and then all work come to rest. */
  pass(ms?: number): Promise<void>;
  /** What the conversation of a user has heard, as it is on the disk. */
  heard(user: string): Promise<readonly string[]>;
}

export function createSourceWorld({
  shared = true,
}: { readonly shared?: boolean } = {}): SourceWorld {
  const clock = createManualClock();
  const disk = createDisk();
  const platform = new Platform(clock);
  const open = () => memory(disk, { shared, clock });
  return {
    clock,
    disk,
    platform,
    async pass(ms = 0) {
      await clock.advance(ms);
      for (let i = 0; i < 5; i += 1) await clock.advance(1);
    },
    start({ dialogue = echo, choose = () => undefined, store: more = {}, batch } = {}) {
      let isAlive = true;
      const persister = faulty(open(), {
        clock,
        choose: (call) => (isAlive ? choose(call) : { outcome: 'dropped' }),
      });
      const store = createContextStore({ persister, clock, ...more });
      const runner = createRunner(dialogue, { store });
      const errors: string[] = [];
      const onError = (error: unknown): void =>
        void errors.push(ColloquyError.is(error) ? error.code : String(error));
      runner.on('error', () => {});
      store.on('error', () => {});
      const source = createSource(
        runner,
        platform.channel(() => isAlive, batch),
        { onError },
      );
      const stop = async (): Promise<void> => {
        await source.stop();
        await runner.stop();
        await store.close();
      };
      onTestFinished(async () => {
        // What waits for a persister that is gone never ends.
        if (!isAlive) return;
        const stopping = stop();
        // A call that has no answer is given up by the clock.
        await clock.advance(10_000);
        await stopping;
      });
      return {
        source,
        runner,
        errors,
        stop,
        kill() {
          isAlive = false;
          void source.stop();
        },
      };
    },
    async heard(user) {
      const store = createContextStore<{ heard?: string[] }>({ persister: memory(disk), clock });
      try {
        return (await store.open(PREFIX + user)).get('heard') ?? [];
      } finally {
        await store.close();
      }
    },
  };
}
