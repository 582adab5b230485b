import type { AnyStateMachine } from 'xstate';
import { type LoadedRecord, formatReply, setupDialogue } from 'colloquy';
import { type SourceChannel, createSource } from 'colloquy/channels/source';
import type { Disk } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import type { Process } from './process.ts';
import { type ProcessCommand, Processes, type ProcessesOptions } from './processes.ts';
import { WatchedRecords } from './watched-records.ts';

/** Longer than a history lasts. */
const AGE_SECONDS = 1800;
const SECOND = 1000;
const PREFIX = 'line:';
/** Messages that the platform gives at a time. */
const BATCH = 3;
export const USERS = ['ann', 'bob'] as const;

export type SourceCommand =
  { readonly do: 'say'; readonly user: string; readonly count: number } | ProcessCommand;

/** What a user said, as the platform keeps it until it is confirmed. */
interface Sent {
  readonly user: string;
  readonly text: string;
}

/** A dialogue that writes down everything it takes, and says it back. */
function createEcho(): AnyStateMachine {
  const words = setupDialogue({ types: {} as { context: { log: readonly string[] } } });
  return words.createDialogue({
    id: 'echo',
    version: '1',
    context: { log: [] },
    on: {
      'message.text': {
        actions: [
          words.assign({ log: ({ context, event }) => [...context.log, event.text] }),
          words.reply(({ event }) => event.text),
        ],
      },
    },
  }) as unknown as AnyStateMachine;
}

/** A platform that processes ask for messages, and that forgets those before the place from which it is asked. */
class SourceWorld {
  readonly clock: ManualClock = createManualClock();
  readonly wrong: string[] = [];
  readonly #processes: Processes;
  /** All that users have said. */
  readonly #sent: Sent[] = [];
  /** How many of them the platform has forgotten. */
  #confirmed = 0;
  /** What counted, by user. */
  readonly #logs = new Map<string, readonly string[]>();
  readonly #shown: string[] = [];
  readonly #pushed = new Set<string>();
  readonly #waiting = new Set<() => void>();
  /** The processes that are asking now. */
  readonly #asking = new Set<Process>();
  /** Those that were paused: they learn only later that another one has the source. */
  readonly #paused = new Set<Process>();

  constructor(options: ProcessesOptions) {
    const { clock } = this;
    const disk: Disk = {
      records: new WatchedRecords((record) => this.#write(record)),
      lastRevision: 0,
    };
    this.#processes = new Processes(options, {
      clock,
      disk,
      age: AGE_SECONDS,
      dialogue: createEcho,
      onStart: (process) => this.#ask(process),
      blame: (what) => void this.wrong.push(what),
    });
    this.#processes.start();
  }

  async do(command: SourceCommand): Promise<void> {
    switch (command.do) {
      case 'say':
        for (let n = 0; n < command.count; n += 1) this.#say(command.user);
        break;
      case 'pause':
        this.#paused.add(this.#processes.at(command.node));
        await this.#processes.do(command);
        break;
      default:
        await this.#processes.do(command);
    }
    this.#processes.mustHaveRoom();
  }

  /** Lets all work end without any further fault, and looks at what has become of each message. */
  async end(): Promise<readonly string[]> {
    this.#processes.calmDown();
    await this.clock.advance(300 * SECOND);
    for (const user of USERS) {
      const sent = this.#sent.filter((each) => each.user === user).map(({ text }) => text);
      const counted = this.#logs.get(user) ?? [];
      if (counted.join() !== sent.join()) {
        this.wrong.push(`${user} said ${sent.join()}, and ${counted.join()} counted`);
      }
      const lines = sent.map((text) => `${user}: ${text}`);
      const shown = this.#shown.filter((line) => line.startsWith(`${user}: `));
      if (shown.toSorted().join() !== lines.toSorted().join()) {
        this.wrong.push(`${user} saw ${shown.join()} instead of ${lines.join()}`);
      }
      if (!this.#processes.disturbed && shown.join() !== lines.join()) {
        this.wrong.push(`${user} saw in another order: ${shown.join()}`);
      }
    }
    if (this.#confirmed < this.#sent.length) this.wrong.push('what counted was not confirmed');
    await this.#processes.end();
    return this.wrong;
  }

  #say(user: string): void {
    this.#sent.push({ user, text: String(this.#sent.length + 1) });
    for (const wake of this.#waiting) wake();
  }

  #ask(process: Process): void {
    process.store.on('error', () => {});
    process.runner.on('error', () => {});
    const source = createSource(process.runner, this.#channelOf(process), { onError: () => {} });
    process.ending.push(() => source.stop());
  }

  #channelOf(process: Process): SourceChannel {
    return {
      name: 'line',
      prefix: PREFIX,
      push: async (openid, reply, { id }) => {
        await running(process);
        const key = `${openid} ${id}`;
        // The platform does not show a push again that it knows.
        if (this.#pushed.has(key)) return;
        this.#pushed.add(key);
        this.#shown.push(`${openid.slice(PREFIX.length)}: ${formatReply(reply)}`);
      },
      source: {
        needsCursor: true,
        open: async ({ take, cursor, signal }) => {
          let at = Number(cursor ?? 0);
          while (!signal.aborted) {
            await running(process);
            const messages = await this.#asked(process, at, signal);
            await running(process);
            if (messages === undefined) return;
            at = messages.next;
            await take(
              {
                type: 'messages',
                messages: messages.given,
                acknowledge: { status: 200, body: '' },
              },
              String(at),
            );
          }
        },
      },
    };
  }

  /** A process asks for what follows a place, and so confirms everything before it. Who has lost the source may take what it got. */
  async #asked(process: Process, at: number, signal: AbortSignal) {
    this.#asking.add(process);
    const owners = [...this.#asking].filter(
      (each) => each.state === 'running' && !this.#paused.has(each),
    );
    if (owners.length > 1) {
      this.wrong.push(`${owners.map(({ name }) => name).join(' and ')} ask at the same time`);
    }
    for (const { user, text } of this.#sent.slice(this.#confirmed, at)) {
      if (this.#logs.get(user)?.includes(text) !== true) {
        this.wrong.push(`${text} of ${user} was confirmed, and is not on the disk`);
      }
    }
    this.#confirmed = Math.max(this.#confirmed, at);
    return this.#after(at, signal).finally(() => this.#asking.delete(process));
  }

  async #after(at: number, signal: AbortSignal) {
    const start = Math.max(at, this.#confirmed);
    while (this.#sent.length <= start && !signal.aborted) {
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
    const given = this.#sent.slice(start, start + BATCH).map(({ user, text }, index) => ({
      openid: PREFIX + user,
      id: String(start + index),
      message: { type: 'message.text', text } as const,
    }));
    return { given, next: start + given.length };
  }

  #write({ openid, body }: LoadedRecord): void {
    if (!openid.startsWith(PREFIX)) return;
    const user = openid.slice(PREFIX.length);
    const before = this.#logs.get(user) ?? [];
    const { data } = JSON.parse(body) as { readonly data: { readonly log?: readonly string[] } };
    const log = data.log ?? [];
    this.#logs.set(user, log);
    const isKept = before.every((text, index) => log[index] === text);
    if (!isKept || log.length > before.length + 1 || new Set(log).size < log.length) {
      this.wrong.push(`${before.join()} of ${user} became ${log.join()}`);
    }
  }
}

/** Resolves when the process runs; never, if it is dead. */
function running(process: Process): Promise<void> | undefined {
  if (process.state === 'running') return undefined;
  return new Promise((resolve) => process.whenRunning(resolve));
}

/** @returns the broken promises */
export async function playSources(
  commands: readonly SourceCommand[],
  options: ProcessesOptions,
): Promise<readonly string[]> {
  const world = new SourceWorld(options);
  for (const command of commands) await world.do(command);
  return world.end();
}
