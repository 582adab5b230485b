import { raise } from 'xstate';
import { UsageError } from '../../errors.ts';
import { settled } from '../engine/settled.ts';
import type { Question } from '../engine/question.ts';
import type { AskArgs } from './answer-reading.ts';

/**
 * How a question begins. One with `when` begins in `start`, which leads to `waiting`, or to `skipped` or `skippedBack`;
 * these send an event that leads out of the question. The question that it leads to sees that event, so a user who goes
 * back over several questions goes back through each of them.
 */

const BACK = 'intent.back';
const SKIP = 'ask.skip';
const SKIP_BACK = 'ask.back';

interface Beginning {
  readonly initial: string;
  readonly entry: readonly unknown[];
  /** What leads out of the question. */
  readonly on: Readonly<Record<string, unknown>>;
  readonly states: Readonly<Record<string, object>>;
}

/**
 * @param entry what is done when the question is asked
 * @throws UsageError `bad_ask`
 */
export function beginningOf(question: Question, entry: readonly unknown[]): Beginning {
  const { when, back, on = {}, target } = question;
  const { skipTo = typeof target === 'string' ? target : undefined } = question;
  const toPrevious = { target: back, reenter: true, description: 'back' };
  const leading = back === undefined ? {} : { [BACK]: [...[on[BACK] ?? []].flat(), toPrevious] };
  if (when === undefined) {
    if (question.skipTo !== undefined) throw refusal('a `skipTo`, but no `when`');
    return { initial: 'waiting', entry, on: leading, states: {} };
  }
  if (skipTo === undefined) {
    throw refusal('a `when`, but no one state to go to. Say where as `skipTo`');
  }
  const isAsked = ({ context }: AskArgs): boolean =>
    settled(when({ context }), '`when` of a question');
  const goesBack = ({ event: { type } }: AskArgs): boolean => type === BACK || type === SKIP_BACK;
  return {
    initial: 'start',
    entry: [],
    on: {
      ...leading,
      [SKIP]: { target: skipTo, reenter: true, description: 'skipped' },
      ...(back !== undefined && { [SKIP_BACK]: toPrevious }),
    },
    states: {
      start: {
        always: [
          { guard: isAsked, target: 'waiting', actions: entry },
          ...(back === undefined ? [] : [{ guard: goesBack, target: 'skippedBack' }]),
          { target: 'skipped' },
        ],
      },
      skipped: { entry: raise({ type: SKIP } as never) },
      ...(back !== undefined && { skippedBack: { entry: raise({ type: SKIP_BACK } as never) } }),
    },
  };
}

function refusal(problem: string): UsageError {
  return new UsageError('bad_ask', `A question has ${problem}.`);
}
