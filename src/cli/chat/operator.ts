import type { AnyStateMachine } from 'xstate';
import { systemClock } from '../../clock.ts';
import { formatReply } from '../../format.ts';
import type { Reply } from '../../reply.ts';
import type { Stub } from '../../testing/services.ts';
import { beginning, lineOnDesk } from '../../takeover/desk-lines.ts';
import { nameOfCustomer } from '../../takeover/desk-context.ts';
import { deskWords } from '../../takeover/desk-words.ts';
import type { TakeoverNote } from '../../takeover/notes.ts';
import type { TerminalCommand } from '../../channels/terminal/index.ts';
import { takeoverStubs } from '../../testing/converse-operator.ts';
import { withStubs } from '../../testing/services.ts';
import { parseOperator } from '../../testing/transcript-operator.ts';
import type { ChatSession } from './session.ts';

/** The one operator of a talk: the person who talks. */
const OPERATOR = 'op';

const say = deskWords('en', {
  begun: 'You have {name} now: /op [back] gives the conversation back, /op [leave] leaves it.',
});

/**
 * The same dialogue, whose takeovers tell the person who talks.
 * @param stubs those that go before
 * @param tell is given what an operator reads
 */
export function operated(
  dialogue: AnyStateMachine,
  stubs: Readonly<Record<string, Stub | undefined>>,
  tell: (text: string) => void,
): AnyStateMachine {
  const takeovers = takeoverStubs(dialogue, (note) => {
    const text = wordsOf(note);
    if (text !== undefined) tell(text);
  });
  const all = { ...takeovers, ...stubs };
  if (Object.keys(all).length === 0) return dialogue;
  return withStubs(dialogue, () => ({
    clock: systemClock,
    stubs: all,
    nextStub: () => undefined,
  }));
}

/** What the operator reads of a note; undefined for nothing. */
function wordsOf(note: TakeoverNote): string | undefined {
  const name = nameOfCustomer(note);
  switch (note.kind) {
    case 'waiting':
      return `${name} waits for an operator: /op [take], or /op and what you say.`;
    case 'taken':
      return note.by === OPERATOR ? beginning(say, note) : undefined;
    case 'said':
      return plain(lineOnDesk(say, note, note.line));
    case 'refused':
      return note.problem === 'taken' ? say('taken', { name, by: note.why }) : note.why;
    case 'ended':
      return undefined;
  }
}

function plain(said: string | Reply): string {
  return typeof said === 'string' ? said : formatReply(said);
}

/** Makes the person who talks the operator, with whom the user who talks now has to do. */
export function operatorCommand(talk: ChatSession): TerminalCommand {
  return {
    usage: '/op Hello!',
    does: 'speaks as the operator of a takeover; also [take], [leave], [back], [back result]',
    async run(argument) {
      const line = argument.trim();
      if (line === '') return ['What does the operator do? As in /op [take], or /op Hello!'];
      try {
        const event = parseOperator(OPERATOR, line, (problem) => {
          throw new TypeError(`This line ${problem}.`);
        });
        const { outcome } = await talk.send(event);
        return outcome === 'unhandled' ? [`${talk.openid} does not wait for an operator.`] : [];
      } catch (error) {
        if (error instanceof TypeError) return [error.message];
        throw error;
      }
    },
  };
}
