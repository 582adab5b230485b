import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Turn, createContextStore, createRunner, formatReply } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';
import { deskWith } from './agent-desk.ts';
import { noteIn } from './agent-ledger.ts';
import type { ToDesk } from './agent-user.ts';

/** A process that serves the desk with the agent, and notes each call that begins before it does anything. */

export type AgentNews =
  | { readonly type: 'ready' }
  | { readonly type: 'taken'; readonly id: string }
  | { readonly type: 'said'; readonly openid: string; readonly text: string }
  | { readonly type: 'asked'; readonly openid: string; readonly id: string; readonly of: string }
  | { readonly type: 'error'; readonly error: string };

const LONGEST_CALL_MS = 8;
const RETRY_MS = 20;
const folder = process.argv[2] ?? '';
/** A reply is delivered when the parent has it: the pipe outlives the process. */
const tell = (news: AgentNews): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(news, (error: unknown) => {
      if (error) reject(error as Error);
      else resolve();
    });
  });
let runs = 0;

const dialogue = deskWith({
  async begin(call) {
    runs += 1;
    const run = `${process.pid}.${runs}`;
    noteIn(folder, { ...call, run });
    await pause((runs * 7) % LONGEST_CALL_MS);
    return run;
  },
  ask: ({ id, of }) => tell({ type: 'asked', openid: of.split('/')[0] ?? '', id, of }),
});
const store = createContextStore({ persister: lmdb(join(folder, 'records')), max: 3 });
const runner = createRunner(dialogue, { store, deadlineMs: 20 });
const complain = ({ error }: { readonly error: unknown }): void => {
  tell({ type: 'error', error: String(error) }).catch(() => {});
};
runner.on('error', complain);
store.on('error', complain);
runner.on('reply', ({ openid, reply }) => tell({ type: 'said', openid, text: formatReply(reply) }));

/** The outcomes by which a turn counts. */
const COUNTS: ReadonlySet<string> = new Set(['replied', 'pending', 'silent', 'duplicate']);

/** A message that may not count is handled again, as a webhook has a platform do. */
const isAcknowledged = ({ outcome, uncommitted }: Pick<Turn, 'outcome' | 'uncommitted'>): boolean =>
  COUNTS.has(outcome) && uncommitted !== true;

/** @returns the replies, once the message counts */
const handle = async ({ openid, id, text = '', approval }: ToDesk): Promise<Turn['replies']> => {
  for (;;) {
    const turn: Pick<Turn, 'outcome' | 'uncommitted'> & Partial<Turn> =
      approval === undefined
        ? await runner.handle(openid, text, { id })
        : await runner.send(openid, { type: 'event.approval', ...approval }, { id });
    if (isAcknowledged(turn)) return turn.replies ?? [];
    await pause(RETRY_MS);
  }
};

const take = async (message: ToDesk): Promise<void> => {
  const { openid, id } = message;
  for (const reply of await handle(message)) {
    await tell({ type: 'said', openid, text: formatReply(reply) });
  }
  await tell({ type: 'taken', id });
};
process.on('message', (message: ToDesk) => {
  take(message).catch((error: unknown) => complain({ error }));
});
process.on('disconnect', () => process.exit());
await runner.start();
await tell({ type: 'ready' });
