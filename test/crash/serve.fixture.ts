import { setTimeout as pause } from 'node:timers/promises';
import {
  ColloquyError,
  type Persister,
  createContextStore,
  createRunner,
  formatReply,
} from 'colloquy';
import { type Counted, dialogue } from './dialogue.ts';

/** The source of the persister: a module with `openPersister`, and the argument of that function. */
export interface PersisterSource {
  readonly module: string;
  readonly options: unknown;
}

/** What the parent sends to the serving process. */
export type Order =
  | { readonly type: 'serve'; readonly persister: PersisterSource }
  | {
      readonly type: 'message';
      readonly openid: string;
      readonly id: string;
      readonly text: string;
    }
  | { readonly type: 'report'; readonly openids: readonly string[] };

/** What the serving process reports. */
export type News =
  | { readonly type: 'ready' }
  /** The turn of a message ended. Only `replied` and `duplicate` acknowledge it. */
  | {
      readonly type: 'turn';
      readonly id: string;
      readonly outcome: string;
      readonly replies: readonly string[];
    }
  /** The runner emitted the reply of a timer. */
  | { readonly type: 'said'; readonly id: string; readonly text: string }
  /** An operation failed; with `passing` it may succeed the next time. */
  | { readonly type: 'error'; readonly error: string; readonly passing: boolean }
  /** Every timer has fired, and these are the data of the conversations. */
  | { readonly type: 'report'; readonly known: readonly Counted[] };

const tell = (news: News): Promise<void> =>
  new Promise((resolve, reject) => {
    // The parent receives everything that this process wrote before it died: the pipe outlives the process.
    process.send?.(news, (error: unknown) => {
      if (error) reject(error as Error);
      else resolve();
    });
  });

async function serve(persister: PersisterSource): Promise<(order: Order) => Promise<void>> {
  const { openPersister } = (await import(persister.module)) as {
    openPersister(options: unknown): Persister | Promise<Persister>;
  };
  const store = createContextStore<Counted>({
    persister: await openPersister(persister.options),
    // Fewer than there are users, so that the store evicts and loads records.
    max: 5,
  });
  const runner = createRunner(dialogue, { store });
  const complain = ({ error }: { readonly error: unknown }): void => {
    tell(complaint(error)).catch(() => {});
  };
  runner.on('error', complain);
  store.on('error', complain);
  runner.on('reply', ({ id, reply }) => tell({ type: 'said', id, text: formatReply(reply) }));

  const know = (openids: readonly string[]): Promise<Counted[]> =>
    Promise.all(openids.map(async (openid) => (await store.open(openid)).toJSON()));
  /** Whether timers run, or their replies still wait in the outbox, where a retry can take half a minute. */
  const isBusy = async (openids: readonly string[]): Promise<boolean> => {
    const kept = await Promise.all(openids.map((openid) => store.export(openid)));
    return kept.some((data) => [...(data?.timers ?? []), ...(data?.outbox ?? [])].length > 0);
  };
  const settle = async (openids: readonly string[]): Promise<Counted[]> => {
    while (await isBusy(openids)) await pause(20);
    return know(openids);
  };

  await runner.start();
  return async (order) => {
    if (order.type === 'message') {
      const { openid, id, text } = order;
      const { outcome, replies } = await runner.handle(openid, text, { id });
      await tell({ type: 'turn', id, outcome, replies: replies.map(formatReply) });
    }
    if (order.type === 'report') {
      const known = await settle(order.openids);
      await tell({ type: 'report', known });
    }
  };
}

function complaint(error: unknown): News {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  const text = [name, code, message].filter((part) => part !== undefined).join(' ');
  return { type: 'error', error: text, passing: ColloquyError.is(error) && error.retryable };
}

let carryOut: ((order: Order) => Promise<void>) | undefined;
process.on('message', (order: Order) => {
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
