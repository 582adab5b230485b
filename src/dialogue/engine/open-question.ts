import type { AnyStateNode } from 'xstate';
import { formatReply } from '../../format.ts';
import type { Reply } from '../../reply.ts';
import { optionsOf } from '../parsers/choice.ts';
import { currentStep } from '../text/current-step.ts';
import type { OpenQuestion } from '../text/recognizers.ts';
import { type Snapshot, childrenOf } from './child-ref.ts';
import { Level } from './level.ts';
import { type Question, questionOf } from './question.ts';

/**
 * The question that the user is to answer, as it would be asked now: that of the innermost sub-dialogue that asks. It is
 * called within a step, for a question may say the time, or something in the language of the dialogue around it.
 */
export function openQuestionIn(level: Level): OpenQuestion | undefined {
  const snapshot = level.snapshot as Snapshot;
  if (snapshot.status !== 'active') return undefined;
  for (const { id, src, snapshot: inner } of childrenOf(snapshot)) {
    const logic = level.logic.child(src);
    const found = inner && logic && openQuestionIn(new Level(logic, inner, level, id));
    if (found !== undefined) return found;
  }
  const nodes = snapshot._nodes as readonly AnyStateNode[];
  const question = nodes.map(({ config }) => questionOf(config)).find((each) => each !== undefined);
  return question && asked(question, level);
}

function asked(question: Question, level: Level): OpenQuestion {
  const step = currentStep();
  if (step !== undefined) step.level = level;
  const context = level.snapshot?.context as object;
  try {
    const { question: said } = question;
    const reply = typeof said === 'function' ? said({ context }) : said;
    if (typeof reply === 'string') return { text: reply, options: offeredBy(question, context) };
    if (reply.type === 'choices') return { text: reply.text, options: reply.options };
    return { text: formatReply(reply as Reply), options: offeredBy(question, context) };
  } catch {
    // The turn in which the dialogue asks it reports the error.
    return { text: '', options: [] };
  }
}

function offeredBy({ offers }: Question, context: object): OpenQuestion['options'] {
  return offers === undefined ? [] : optionsOf(offers(context));
}
