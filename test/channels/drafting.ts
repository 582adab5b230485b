import {
  type DraftEvent,
  type Runner,
  createContextStore,
  createRunner,
  draft,
  formatReply,
  setupDialogue,
} from 'colloquy';
import { type WebhookHandler, type WebhookOptions, createWebhook } from 'colloquy/channels/webhook';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import type { Channel } from '../../src/channels/channel.ts';

const { createDialogue, reply } = setupDialogue({
  types: {} as { context: object },
  actors: { answer: fromPromise<string, unknown, DraftEvent>(() => new Promise(() => {})) },
});

/** `stop` leaves the state of a service without a word, `halt` with one; `both` runs two services, `chain` one by one. */
export const drafting = createDialogue({
  id: 'drafting',
  context: {},
  initial: 'ready',
  states: {
    ready: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'both', target: 'both' },
          { guard: ({ event }) => event.text === 'chain', target: 'first' },
          { guard: ({ event }) => event.text === 'hello', actions: reply('hi') },
          { target: 'asking' },
        ],
      },
    },
    asking: {
      invoke: {
        src: 'answer',
        onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
        onError: { target: 'ready', actions: reply('failed') },
      },
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'stop', target: 'ready' },
          { guard: ({ event }) => event.text === 'halt', target: 'ready', actions: reply('Well.') },
          { actions: reply('one moment') },
        ],
      },
    },
    both: {
      type: 'parallel',
      onDone: 'ready',
      states: {
        left: {
          initial: 'busy',
          states: { busy: { invoke: { src: 'answer', onDone: 'over' } }, over: { type: 'final' } },
        },
        right: {
          initial: 'busy',
          states: { busy: { invoke: { src: 'answer', onDone: 'over' } }, over: { type: 'final' } },
        },
      },
    },
    first: { invoke: { src: 'answer', onDone: 'asking' } },
  },
});

export interface Draft {
  readonly openid: string;
  readonly text: string;
  readonly signal: AbortSignal;
}

/** A service that the test runs by hand. */
export interface HandRun {
  /** Emits a draft, and lets what it sets off come to rest. */
  draft(text: string): Promise<void>;
  end(result: string | Error): Promise<void>;
}

export interface ProcessOptions {
  readonly disk?: Disk;
  /** Whether other processes work on the disk at the same time. */
  readonly isShared?: boolean;
  readonly clock?: ManualClock;
}

export interface DraftingProcess {
  readonly clock: ManualClock;
  readonly disk: Disk;
  readonly runner: Runner;
  readonly handler: WebhookHandler;
  readonly errors: unknown[];
  /** Lets what was set off come to rest. */
  rest(): Promise<void>;
  /** The service that started as the given one, from 0. */
  run(at?: number): HandRun;
}

/** A runner of the dialogue, whose services the test runs by hand. */
export function startRunner({
  disk = createDisk(),
  clock = createManualClock(),
  isShared = false,
}: ProcessOptions = {}): Omit<DraftingProcess, 'handler'> {
  const errors: unknown[] = [];
  const runs: HandRun[] = [];
  const rest = async (): Promise<void> => {
    await clock.advance(0);
    await clock.advance(0);
  };
  const answer = fromPromise<string, unknown, DraftEvent>(
    ({ emit }) =>
      new Promise<string>((resolve, reject) => {
        runs.push({
          draft(text) {
            emit(draft(text));
            return rest();
          },
          end(result) {
            if (typeof result === 'string') resolve(result);
            else reject(result);
            return rest();
          },
        });
      }),
  );
  const store = createContextStore({ clock, persister: memory(disk, { shared: isShared, clock }) });
  const runner = createRunner(drafting.provide({ actors: { answer } }), { store });
  runner.on('error', ({ error }) => errors.push(error));
  onTestFinished(async () => {
    const closed = store.close();
    await clock.advance({ seconds: 10 });
    await closed;
  });
  return {
    clock,
    disk,
    runner,
    errors,
    rest,
    run(at = 0) {
      const run = runs[at];
      if (run === undefined) throw new Error(`${runs.length} services have started`);
      return run;
    },
  };
}

/** A process of a bot over a channel, whose services the test runs by hand. */
export function startDrafting(
  channel: Channel,
  {
    disk = createDisk(),
    clock = createManualClock(),
    isShared = false,
    ...options
  }: ProcessOptions & WebhookOptions = {},
): DraftingProcess {
  const { runner, errors, rest, run } = startRunner({ disk, clock, isShared });
  const handler = createWebhook(runner, channel, {
    clock,
    drafts: true,
    onError: (error) => errors.push(error),
    ...options,
  });
  return { clock, disk, runner, handler, errors, rest, run };
}

export interface ScreenOptions extends ProcessOptions, Omit<WebhookOptions, 'clock'> {
  /** What a call of `draft` does, besides being noted. */
  readonly onDraft?: (draft: Draft) => Promise<void>;
  readonly limits?: Channel['limits'];
  readonly answers?: boolean;
}

export interface Screen extends DraftingProcess {
  readonly seen: readonly string[];
  /** Sends a message; an answer is seen, too. */
  send(openid: string, text: string, id?: string): Promise<void>;
}

/** A bot whose channel notes what users see, as `1.3 ann (It is)` for a draft and `1.5 ann: It is late.` for a reply. */
export function openScreen({
  onDraft = async () => {},
  limits = {},
  answers = true,
  clock = createManualClock(),
  ...options
}: ScreenOptions = {}): Screen {
  const startedAt = clock.now();
  const seen: string[] = [];
  const note = (what: string): void => {
    seen.push(`${(clock.now() - startedAt) / 1000} ${what}`);
  };
  const channel: Channel = {
    name: 'chat',
    prefix: '',
    limits: { answerMs: 5000, ...limits },
    async receive(request) {
      const body = new TextDecoder().decode(await request.readBody());
      const [openid = '', text = '', id] = body.split(': ');
      return {
        type: 'messages',
        messages: [{ openid, message: { type: 'message.text', text }, ...(id && { id }) }],
        acknowledge: { status: 200, body: '' },
        ...(answers && {
          render: (replies) => ({
            answer: { status: 200, body: replies.map(formatReply).join('|') },
            unsent: [],
          }),
        }),
      };
    },
    async push(openid, said) {
      note(`${openid}: ${formatReply(said)}`);
    },
    async draft(openid, { text, signal }) {
      note(`${openid} (${text})`);
      await onDraft({ openid, text, signal });
    },
  };
  const bot = startDrafting(channel, { ...options, clock });
  return {
    ...bot,
    seen,
    async send(openid, text, id) {
      const body = [openid, text, ...(id === undefined ? [] : [id])].join(': ');
      const request = new Request('http://bot.example', { method: 'POST', body });
      void bot.handler(request).then(async (response) => {
        const answer = await response.text();
        if (answer !== '') note(`${openid}: ${answer}`);
      });
      await bot.rest();
    },
  };
}
