import type { AnyStateMachine } from 'xstate';
import { createWebhook } from '../channels/webhook.ts';
import type { Turn } from '../runner/events.ts';
import type { Incoming } from '../runner/calls.ts';
import type { Runner } from '../runner/runner.ts';
import type { ConverseOptions } from './converse-options.ts';
import type { Process } from './converse-process.ts';
import type { User } from './converse-user.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How the message of a user reaches the runner of a process, and what comes back. */
export type MessageWay = (user: User, message: Incoming, id: string) => Promise<Turn>;

/** @param deadlineMs how long an answer waits for services, if it is not the runner's own deadline */
export function toRunner(runner: Runner, deadlineMs: () => number | undefined): MessageWay {
  return ({ openid }, message, id) => {
    const limit = deadlineMs();
    if (limit === undefined) return runner.handle(openid, message, { id });
    // The turn itself is waited for in any case.
    const wait = limit > 0 ? { deadlineMs: limit } : { awaitServices: false };
    return runner.handle(openid, message, { id, ...wait });
  };
}

interface ChannelPlace {
  readonly channel: NonNullable<ConverseOptions<AnyStateMachine>['channel']>;
  readonly time: VirtualTime;
  readonly onError: (error: unknown, openid?: string) => void;
}

/** Delivers through the webhook of a platform, as its requests and responses. */
export function throughChannel(
  { runner, clock }: Process,
  { channel, time, onError }: ChannelPlace,
): MessageWay {
  const turns = new Map<string, Turn>();
  runner.on('turn', (turn) => {
    if (turn.cause === 'message') turns.set(turn.openid, turn);
  });
  // What is not in an answer is heard as what is said later.
  const handler = createWebhook(runner, channel.channel, { clock, onError, late: 'leave' });
  return async (user, message, id) => {
    const { openid } = user;
    turns.delete(openid);
    const request = await channel.toRequest({ openid, message, id, at: time.now() });
    const replies = await channel.fromResponse(await handler(request));
    const turn = turns.get(openid);
    // A channel may have made a text of it.
    user.offers.note(turn?.replies ?? []);
    return { openid, id, outcome: 'silent', ...turn, replies };
  };
}
