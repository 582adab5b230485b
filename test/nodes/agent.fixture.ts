import { setTimeout as pause } from 'node:timers/promises';
import {
  type Clock,
  type Persister,
  type SentTurn,
  type Turn,
  createContextStore,
  createRunner,
  formatReply,
  systemClock,
} from 'colloquy';
import { deskWith } from '../crash/agent-desk.ts';
import { noteIn } from '../crash/agent-ledger.ts';
import type { ToDesk } from '../crash/agent-user.ts';
import type { PersisterSource } from './serve.fixture.ts';

/** A node that serves the desk with the agent, and notes each call that begins before it does anything. */

export interface AgentServing {
  readonly persister: PersisterSource;
  /** Where the ledger is. */
  readonly folder: string;
  /** How many times as fast as the wall its clock is: half a minute of grace need not take half a minute. */
  readonly speed: number;
  /** Epoch ms, the same for all nodes: at that time their clock and that of the wall agree. */
  readonly epoch: number;
}

export interface Delivery extends ToDesk {
  /** The answer carries the same number. */
  readonly delivery: number;
  /** How long the answer waits for services, by the wall. */
  readonly patienceMs: number;
}

export interface Answer {
  readonly type: 'answer';
  readonly delivery: number;
  /** Whether the message counts: a platform does not deliver it again. */
  readonly counts: boolean;
  readonly outcome: string;
  readonly replies: readonly string[];
}

export type AgentNews =
  | { readonly type: 'ready' }
  | Answer
  | {
      readonly type: 'said';
      readonly openid: string;
      readonly id: string;
      readonly text: string;
    }
  | { readonly type: 'draft'; readonly id: string; readonly text: string }
  | { readonly type: 'asked'; readonly openid: string; readonly id: string; readonly of: string }
  | { readonly type: 'conflict' }
  | { readonly type: 'error'; readonly error: string };

const LEASE_MS = 1000;
const WAIT_MS = 20_000;
/** The platform counts by the wall. */
const SEEN_MS = 600_000;
const MAX_IN_MEMORY = 8;
/** The longest time of most calls. */
const SHORT_MS = 40;
/** Some calls last longer than the grace in which a process has to say that it works on them. */
const LONG = 0.03;
const LONG_MS = 40_000;

const tell = (news: AgentNews): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(news, (error: unknown) => {
      if (error) reject(error as Error);
      else resolve();
    });
  });

function fastClock({ speed, epoch }: AgentServing): Clock {
  return {
    now: () => epoch + (Date.now() - epoch) * speed,
    wake: (at, callback, options) =>
      systemClock.wake(Math.ceil(epoch + (at - epoch) / speed), callback, options),
  };
}

/** The persister for processes whose clock is fast: it gives no time of its own, and its leases end by that clock. */
function hastened(persister: Persister, speed: number): Persister {
  const { lease } = persister;
  if (lease === undefined) throw new Error('Two nodes need a persister with leases.');
  return {
    load: (openid) => persister.load(openid),
    save: (record, expected) => persister.save(record, expected),
    delete: (openid, expected) => persister.delete(openid, expected),
    due: (until, limit) => persister.due(until, limit),
    close: () => persister.close(),
    lease: {
      async take(openid, owner, ttlMs) {
        const leased = await lease.take(openid, owner, Math.ceil(ttlMs / speed));
        return leased.taken ? leased : { ...leased, heldForMs: leased.heldForMs * speed };
      },
      save: (record, expected, owner) => lease.save(record, expected, owner),
      release: (openid, owner) => lease.release(openid, owner),
    },
  };
}

/** The outcomes by which a turn counts. */
const COUNTS: ReadonlySet<string> = new Set(['replied', 'pending', 'silent', 'duplicate']);

async function serve(serving: AgentServing): Promise<(delivery: Delivery) => Promise<void>> {
  const { persister: source, folder, speed } = serving;
  const { openPersister } = (await import(source.module)) as {
    openPersister(options: unknown): Persister | Promise<Persister>;
  };
  let runs = 0;
  const dialogue = deskWith({
    async begin(call) {
      runs += 1;
      const run = `${process.pid}.${runs}`;
      noteIn(folder, { ...call, run });
      await pause(Math.random() < LONG ? LONG_MS / speed : Math.random() * SHORT_MS);
      return run;
    },
    ask: ({ id, of }) => tell({ type: 'asked', openid: of.split('/')[0] ?? '', id, of }),
  });
  const opened = await openPersister(source.options);
  const store = createContextStore({
    persister: speed === 1 ? opened : hastened(opened, speed),
    persistTimeoutMs: WAIT_MS * speed,
    lease: { ttlMs: LEASE_MS * speed, waitMs: WAIT_MS * speed },
    max: MAX_IN_MEMORY,
    ...(speed !== 1 && { clock: fastClock(serving) }),
  });
  const runner = createRunner(dialogue, { store, seen: { ageMs: SEEN_MS * speed } });
  const complain = ({ error }: { readonly error: unknown }): void => {
    void tell({ type: 'error', error: describe(error) });
  };
  runner.on('error', complain);
  store.on('error', complain);
  runner.on('conflict', () => tell({ type: 'conflict' }));
  runner.on('draft', ({ id, text }) => void tell({ type: 'draft', id, text }));
  runner.on('reply', ({ openid, id, reply }) =>
    tell({ type: 'said', openid, id, text: formatReply(reply) }),
  );
  await runner.start();

  return async ({ delivery, openid, id, text = '', approval, patienceMs }) => {
    const turn: Turn | SentTurn =
      approval === undefined
        ? await runner.handle(openid, text, { id, deadlineMs: patienceMs * speed })
        : await runner.send(openid, { type: 'event.approval', ...approval }, { id });
    if (turn.error !== undefined) complain({ error: turn.error });
    const { outcome } = turn;
    const counts = COUNTS.has(outcome) && !('uncommitted' in turn);
    const replies = 'replies' in turn ? turn.replies.map(formatReply) : [];
    await tell({ type: 'answer', delivery, counts, outcome, replies });
  };
}

function describe(error: unknown): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return [name, code, message].filter((part) => part !== undefined).join(' ');
}

let serving: ReturnType<typeof serve> | undefined;
process.on('message', (order: AgentServing | Delivery) => {
  const work = async (): Promise<void> => {
    if ('delivery' in order) return (await serving)?.(order);
    serving = serve(order);
    await serving;
    await tell({ type: 'ready' });
  };
  work().catch((error: unknown) => void tell({ type: 'error', error: describe(error) }));
});
// A node without a parent has no user to serve.
process.on('disconnect', () => process.exit());
