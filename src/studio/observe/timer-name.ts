import type { AnyStateMachine } from 'xstate';
import { toMilliseconds } from '../../clock.ts';
import { type StateDescription, describeDialogues } from '../../dialogue/engine/description.ts';
import { eventLabel } from '../../dialogue/engine/event-label.ts';
import type { Question, Silence } from '../../dialogue/engine/question.ts';

const AFTER = /^xstate\.after\.(\d+)\./u;

/** A timer as a person calls it: `reminder of people`, `silence of people`, `after 10m in pizza.paying`. */
export function timerName(type: string, dialogue: AnyStateMachine): string {
  const [, delay] = AFTER.exec(type) ?? [];
  if (delay !== undefined) {
    const asking = askingOf(type.slice(`xstate.after.${delay}.`.length), dialogue);
    const stage = asking?.question && stageOf(asking.question, Number(delay));
    if (asking !== undefined && stage !== undefined) {
      return `${stage.target === undefined ? 'reminder' : 'silence'} of ${asking.key}`;
    }
  }
  return eventLabel(type, dialogue);
}

/** The question that a state belongs to. */
function askingOf(id: string, dialogue: AnyStateMachine): StateDescription | undefined {
  for (const { states } of describeDialogues(dialogue)) {
    let state = states.find((each) => each.id === id);
    while (state !== undefined && state.question === undefined) state = state.parent;
    if (state !== undefined) return state;
  }
  return undefined;
}

function stageOf({ timeout = [] }: Question, delayMs: number): Silence<object, string> | undefined {
  const stages = (Array.isArray(timeout) ? timeout : [timeout]) as Silence<object, string>[];
  return stages.find(({ after }) => toMilliseconds(after) === delayMs);
}
