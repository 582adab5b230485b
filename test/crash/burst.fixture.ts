import { setTimeout as pause } from 'node:timers/promises';
import {
  ColloquyError,
  type Persister,
  createContextStore,
  createRunner,
  formatReply,
  setupDialogue,
} from 'colloquy';
import type { PersisterSource } from './serve.fixture.ts';

/** What the parent sends to the process that gathers. */
export type BurstOrder =
  | { readonly type: 'serve'; readonly persister: PersisterSource }
  | {
      readonly type: 'message';
      readonly openid: string;
      readonly id: string;
      /** None: a picture, which ends a burst. */
      readonly text?: string;
      /** Whether the platform waits with the next message until this one is answered. */
      readonly isSequential: boolean;
    }
  | { readonly type: 'report'; readonly openids: readonly string[] };

export type BurstNews =
  | { readonly type: 'ready' }
  | {
      readonly type: 'turn';
      readonly id: string;
      readonly outcome: string;
      readonly isStored: boolean;
      readonly replies: readonly string[];
    }
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'error'; readonly error: string; readonly passing: boolean }
  /** No burst is left, and these are the turns of the users. */
  | { readonly type: 'report'; readonly turns: readonly (readonly string[])[] };

const words = setupDialogue({ types: {} as { context: { turns: readonly string[] } } });
const note = words.assign({
  turns: ({ context, event }) => [...context.turns, 'text' in event ? event.text : event.type],
});
/** Writes down each turn, and says it. */
const dialogue = words.createDialogue({
  id: 'diary',
  version: '1',
  context: { turns: [] },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': { actions: [note, words.reply(({ event }) => event.text)] },
        'message.image': { actions: note },
      },
    },
  },
});

const tell = (news: BurstNews): Promise<void> =>
  new Promise((resolve, reject) => {
    // The parent receives everything that this process wrote before it died: the pipe outlives the process.
    process.send?.(news, (error: unknown) => {
      if (error) reject(error as Error);
      else resolve();
    });
  });

async function serve(persister: PersisterSource): Promise<(order: BurstOrder) => Promise<void>> {
  const { openPersister } = (await import(persister.module)) as {
    openPersister(options: unknown): Persister | Promise<Persister>;
  };
  const store = createContextStore<{ turns: readonly string[] }>({
    persister: await openPersister(persister.options),
    // Fewer than there are users, so that the store evicts and loads records.
    max: 5,
  });
  const runner = createRunner(dialogue, {
    store,
    gather: { quietMs: 30, maxMs: 150, max: 5 },
    deadlineMs: 1000,
  });
  const complain = ({ error }: { readonly error: unknown }): void => {
    tell(complaint(error)).catch(() => {});
  };
  runner.on('error', complain);
  store.on('error', complain);
  runner.on('reply', ({ reply }) => tell({ type: 'said', text: formatReply(reply) }));

  const settle = async (openids: readonly string[]): Promise<(readonly string[])[]> => {
    for (;;) {
      const kept = await Promise.all(openids.map((openid) => store.export(openid)));
      const left = kept.flatMap((data) => [...(data?.gathering ?? []), ...(data?.outbox ?? [])]);
      if (left.length === 0) break;
      await pause(20);
    }
    return Promise.all(openids.map(async (openid) => (await store.open(openid)).get('turns', [])));
  };

  await runner.start();
  return async (order) => {
    if (order.type === 'message') {
      const { openid, id, text, isSequential } = order;
      const message = text === undefined ? ({ type: 'message.image' } as const) : text;
      const options = { id, awaitBurst: !isSequential };
      const { outcome, replies, uncommitted, error } = await runner.handle(
        openid,
        message,
        options,
      );
      // Who joined a turn that fails has its error as well.
      const isStored = uncommitted !== true && error === undefined && outcome !== 'shed';
      await tell({ type: 'turn', id, outcome, isStored, replies: replies.map(formatReply) });
    }
    if (order.type === 'report') await tell({ type: 'report', turns: await settle(order.openids) });
  };
}

function complaint(error: unknown): BurstNews {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  const text = [name, code, message].filter((part) => part !== undefined).join(' ');
  return { type: 'error', error: text, passing: ColloquyError.is(error) && error.retryable };
}

let carryOut: ((order: BurstOrder) => Promise<void>) | undefined;
process.on('message', (order: BurstOrder) => {
  const work = async (): Promise<void> => {
    if (order.type === 'serve') {
      carryOut = await serve(order.persister);
      await tell({ type: 'ready' });
    } else await carryOut?.(order);
  };
  work().catch((error: unknown) => {
    tell(complaint(error)).catch(() => {});
  });
});
// A process without a parent has no user to serve.
process.on('disconnect', () => process.exit());
