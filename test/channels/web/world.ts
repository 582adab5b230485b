import { type Persister, createContextStore, createRunner, setupDialogue } from 'colloquy';
import {
  type GetUser,
  type WebChatHandler,
  type WebChatSettings,
  createWebChat,
} from 'colloquy/channels/web';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { fromPromise } from 'xstate';
import { onTestFinished } from 'vitest';
import { BrowserPage, SECRET } from './browser-page.ts';

const words = setupDialogue({
  types: {} as { context: object },
  actors: { lookUp: fromPromise<string>(async () => gate.then(() => 'Found.')) },
});

let gate: Promise<void> = Promise.resolve();

/** Holds the service of the dialogue until the returned function is called. */
export function holdService(): () => void {
  let open = (): void => {};
  gate = new Promise((resolve) => (open = resolve));
  onTestFinished(() => {
    open();
    gate = Promise.resolve();
  });
  return open;
}

const says =
  (text: string) =>
  ({ event }: { event: { text: string } }) =>
    event.text === text;

/** Echoes; reminds twice a minute after `remind`; looks something up; greets who follows. */
export const talk = words.createDialogue({
  id: 'talk',
  context: {},
  initial: 'idle',
  on: {
    'event.follow': { actions: words.reply('Welcome!') },
    'message.image': { actions: words.reply(({ event }) => `Picture ${event.url}`) },
    'message.file': { actions: words.reply(({ event }) => `File ${event.mediaId}`) },
    'message.location': { actions: words.reply(({ event }) => `At ${event.latitude}`) },
    'message.unknown': { actions: words.reply('What is that?') },
  },
  states: {
    idle: {
      on: {
        'message.text': [
          { guard: says('remind'), target: 'reminding', actions: words.reply('I will.') },
          { guard: says('look'), target: 'looking', actions: words.reply('One moment.') },
          { guard: says('silent') },
          { actions: words.reply(({ event }) => `Echo ${event.text}`) },
        ],
      },
    },
    reminding: {
      on: { 'message.text': { actions: words.reply(({ event }) => `Waiting ${event.text}`) } },
      after: {
        60_000: { target: 'idle', actions: [words.reply('Reminder 1'), words.reply('Reminder 2')] },
      },
    },
    looking: {
      on: { 'message.text': { actions: words.reply(({ event }) => `Looking ${event.text}`) } },
      invoke: {
        src: 'lookUp',
        onDone: { target: 'idle', actions: words.reply(({ event }) => event.output) },
      },
    },
  },
});

export interface ChatWorld {
  readonly clock: ManualClock;
  readonly chat: WebChatHandler;
  readonly runner: ReturnType<typeof createRunner<typeof talk>>;
  readonly errors: unknown[];
  /** A page of a new browser. */
  page(): BrowserPage;
  /** The process is killed: its pages lose their connections, and it does nothing any more. */
  kill(): Promise<void>;
}

/** A process with a web chat, on virtual time. */
export function createChatWorld(
  options: WebChatSettings & {
    readonly secret?: string | readonly string[];
    readonly getUser?: GetUser;
    readonly clock?: ManualClock;
    readonly persister?: Persister;
  } = {},
): ChatWorld {
  const { clock = createManualClock(), persister, secret, getUser, ...chatOptions } = options;
  const store = createContextStore({ clock, ...(persister && { persister }) });
  const runner = createRunner(talk, { store });
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  runner.on('error', ({ error }) => onError(error));
  const identity = getUser === undefined ? { secret: secret ?? SECRET } : { getUser };
  const chat = createWebChat(runner, { onError, ...chatOptions, ...identity });
  onTestFinished(() => {
    chat.close();
    return store.close();
  });
  return {
    clock,
    chat,
    runner,
    errors,
    page: () => new BrowserPage(chat),
    async kill() {
      chat.close();
      await runner.stop();
      await store.close();
    },
  };
}

/** The openid of a page's person, as its cookie says. */
export function openidOf({ jar }: Pick<BrowserPage, 'jar'>): string {
  const [value = ''] = jar.cookies.values();
  return `web:${value.slice(0, 22)}`;
}
