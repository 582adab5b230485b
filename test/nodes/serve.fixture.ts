import {
  type ContextStoreOptions,
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

export interface Serving {
  readonly persister: PersisterSource;
  readonly lease: NonNullable<ContextStoreOptions['lease']>;
  /** Fewer than there are users, so that the store evicts and loads records. */
  readonly max: number;
}

/** What the parent sends to a node. */
export type Order =
  | ({ readonly type: 'serve' } & Serving)
  | {
      readonly type: 'message';
      /** The answer carries the same number. */
      readonly delivery: number;
      readonly openid: string;
      readonly id: string;
      readonly text: string;
      /** The deadline of the message. */
      readonly deadlineMs: number;
    }
  | { readonly type: 'report'; readonly openids: readonly string[] }
  | { readonly type: 'stop' };

export interface Answer {
  readonly type: 'answer';
  readonly delivery: number;
  readonly outcome: string;
  readonly replies: readonly string[];
  readonly error: string | undefined;
}

/** What a node reports. */
export type News =
  | { readonly type: 'ready' }
  | Answer
  | {
      readonly type: 'said';
      readonly openid: string;
      readonly id: string;
      readonly text: string;
    }
  | { readonly type: 'conflict'; readonly openid: string }
  | { readonly type: 'error'; readonly error: string }
  | { readonly type: 'report'; readonly known: readonly Counted[] }
  | { readonly type: 'stopped' };

const DEADLINE_MS = 4500;

const tell = (news: News): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(news, (error: unknown) => {
      if (error) reject(error as Error);
      else resolve();
    });
  });

async function serve({ persister, lease, max }: Serving): Promise<(order: Order) => Promise<void>> {
  const { openPersister } = (await import(persister.module)) as {
    openPersister(options: unknown): Persister | Promise<Persister>;
  };
  const store = createContextStore<Counted>({
    persister: await openPersister(persister.options),
    lease,
    max,
  });
  const runner = createRunner(dialogue, { store, deadlineMs: DEADLINE_MS });
  const complain = ({ error }: { readonly error: unknown }): void => {
    void tell({ type: 'error', error: describe(error) });
  };
  runner.on('error', complain);
  store.on('error', complain);
  runner.on('conflict', ({ openid }) => tell({ type: 'conflict', openid }));
  runner.on('reply', ({ openid, id, reply }) =>
    tell({ type: 'said', openid, id, text: formatReply(reply) }),
  );
  await runner.start();

  return async (order) => {
    if (order.type === 'message') {
      const { delivery, openid, id, text, deadlineMs } = order;
      const receivedAt = Date.now() - (DEADLINE_MS - deadlineMs);
      const turn = await runner.handle(openid, text, { id, receivedAt });
      const replies = turn.replies.map(formatReply);
      const error = turn.outcome === 'failed' ? describe(turn.error) : undefined;
      await tell({ type: 'answer', delivery, outcome: turn.outcome, replies, error });
    }
    if (order.type === 'report') {
      const known = await Promise.all(
        order.openids.map(async (openid) => (await store.open(openid)).toJSON()),
      );
      await tell({ type: 'report', known });
    }
    if (order.type === 'stop') {
      await runner.stop();
      await store.close();
      await tell({ type: 'stopped' });
    }
  };
}

function describe(error: unknown): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return [name, code, message].filter((part) => part !== undefined).join(' ');
}

let carryOut: ((order: Order) => Promise<void>) | undefined;
process.on('message', (order: Order) => {
  const work = async (): Promise<void> => {
    if (order.type === 'serve') {
      carryOut = await serve(order);
      await tell({ type: 'ready' });
    } else await carryOut?.(order);
  };
  work().catch((error: unknown) => void tell({ type: 'error', error: describe(error) }));
});
// A node without a parent has no user to serve.
process.on('disconnect', () => process.exit());
