import { createInterface } from 'node:readline';
import type { AnyStateMachine } from 'xstate';
import { ColloquyError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import { formatState } from '../../testing/converse-state.ts';
import { type Host, printJson } from '../host.ts';
import type { ChatSession } from './session.ts';

/**
 * A talk for programs: a line of input is a message, as a transcript has it after `>`; a line of output is JSON, one for
 * each message and one for what is said later.
 */
export async function talkInLines(
  host: Host,
  talk: ChatSession,
  dialogue: AnyStateMachine,
): Promise<void> {
  const off = talk.on('reply', ({ reply }: { readonly reply: Reply }) => {
    printJson(host, { later: true, replies: [reply] });
  });
  try {
    for await (const line of createInterface({ input: host.stdin })) {
      if (line !== '') printJson(host, await answer(talk, dialogue, line));
    }
  } finally {
    off();
  }
}

async function answer(talk: ChatSession, dialogue: AnyStateMachine, line: string): Promise<object> {
  try {
    const { outcome, replies, error } = await talk.handle(talk.openid, talk.read(line));
    const standing = (await talk.inspect())?.dialogue;
    const problem = error === undefined ? {} : { error: messageOf(error) };
    return { outcome, replies, state: formatState(standing, dialogue), ...problem };
  } catch (error) {
    if (!ColloquyError.is(error) && !(error instanceof TypeError)) throw error;
    return { outcome: 'refused', replies: [], error: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
