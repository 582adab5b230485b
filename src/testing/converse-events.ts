import type { ConversationLog } from './converse-log.ts';
import type { Process } from './converse-process.ts';
import type { User } from './converse-user.ts';

interface Listener {
  readonly log: ConversationLog;
  readonly user: (openid: string) => User;
  readonly onError: (error: unknown, openid?: string) => void;
}

/** Writes down what a process says and what becomes of its users. Of one that has crashed, nothing is heard any more. */
export function listenTo(process: Process, { log, user, onError }: Listener): void {
  const { runner, store } = process;
  runner.on('error', ({ error, openid }) => onError(error, openid));
  store.on('error', ({ error, openid }) => onError(error, openid));
  runner.on('reply', ({ openid, reply }) => {
    if (process.dead) return;
    log.tell(user(openid), [reply]);
    user(openid).hear([reply]);
  });
  runner.on('turn', (turn) => {
    // The caller of a message, or of an event from outside, gets the turn.
    const isBackground = turn.cause === 'timer' || turn.cause === 'service';
    if (!process.dead && isBackground) log.tellFailure(user(turn.openid), turn);
  });
  runner.on('emit', ({ openid, event }) => user(openid).emitted.push(event));
  runner.on('draft', ({ openid, text }) => {
    if (text !== '') user(openid).drafts.push(text);
  });
  runner.on('done', ({ openid, output }) => (user(openid).output = output));
  store.on('expire', ({ openid }) => {
    user(openid).expired = true;
    log.happened(user(openid), 'expired');
  });
}
