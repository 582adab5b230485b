import type { AnyStateMachine } from 'xstate';
import type { StateDescription } from '../../dialogue/engine/description.ts';
import { intentsOf } from '../../dialogue/engine/intents.ts';
import type { Question } from '../../dialogue/engine/question.ts';
import { normalize } from '../../dialogue/text/normalize.ts';
import type { ChoiceOption } from '../../reply.ts';
import { initialContextOf } from './content.ts';
import { type FamilyMember, lineageOf } from './family.ts';
import type { ReportFinding } from './rule.ts';

/** Options that a command is called like: what is offered is an answer, and a user may mean the command by it. */
export function sharedWords(member: FamilyMember, report: ReportFinding): void {
  const context = initialContextOf(member) ?? {};
  const spoken = intentsOf(machinesAbove(member)).named;
  for (const state of member.states) {
    const { question } = state;
    if (question === undefined) continue;
    const heard = intentsAround(member, state);
    for (const option of optionsOf(question, context)) {
      const names = [option.value, option.label ?? option.value].map(normalize);
      for (const [intent, recognizer] of spoken) {
        if (!heard.has(intent) || leadsAlike(state, option.value, intent)) continue;
        const word = recognizer?.samples?.find((sample) =>
          names.some((name) => hasWord(name, normalize(sample))),
        );
        if (word === undefined) continue;
        report(state, {
          message: `The question '${state.path}' offers '${option.label ?? option.value}', and '${word}' is how users say the intent '${intent}'.`,
          remedy: `Give the option another value and label, or the intent other words: what is offered is an answer, and the intent is not heard by it.`,
        });
        break;
      }
    }
  }
}

/** The machine, and those that invoke it: the commands of all of them are heard in it. */
function machinesAbove({ dialogue, hosts }: FamilyMember): AnyStateMachine[] {
  return [dialogue.machine, ...hosts.flatMap(({ member }) => machinesAbove(member))];
}

/** The intents that the states around a question take. What it takes itself was written for it. */
function intentsAround({ hosts }: FamilyMember, state: StateDescription): ReadonlySet<string> {
  const around = lineageOf(state).slice(1).flatMap(intentsOfState);
  const outside = hosts.flatMap(({ member, state: host }) => [
    ...intentsOfState(host),
    ...intentsAround(member, host),
  ]);
  const own = intentsOfState(state);
  return new Set([...around, ...outside].filter((intent) => !own.includes(intent)));
}

function intentsOfState({ on }: StateDescription): string[] {
  const types = [...on.keys()].filter((type) => type.startsWith('intent.'));
  return types.map((type) => type.slice('intent.'.length));
}

/** Whether the way of an option leads where the intent leads that is heard around the question. */
function leadsAlike(state: StateDescription, value: string, intent: string): boolean {
  const way = state.on.get('message.*')?.find(({ description }) => description === value);
  const around = lineageOf(state).slice(1);
  const heard = around.find(({ on }) => on.has(`intent.${intent}`))?.on.get(`intent.${intent}`);
  if (way?.targets === undefined || heard === undefined) return false;
  const places = way.targets.map(({ id }) => id).join();
  return heard.every(({ targets = [] }) => targets.map(({ id }) => id).join() === places);
}

/** What a question offers, as far as is known before a conversation. */
function optionsOf({ question }: Question, context: object): readonly ChoiceOption[] {
  try {
    const said = typeof question === 'function' ? question({ context }) : question;
    return typeof said === 'object' && said.type === 'choices' ? said.options : [];
  } catch {
    return [];
  }
}

/** Scripts that put no space between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Whether a name is a word or begins with it: who says the word alone may mean either. */
function hasWord(name: string, word: string): boolean {
  if (name === word) return true;
  if (!/[\p{L}\p{N}]/u.test(word) || !name.startsWith(word)) return false;
  return UNSPACED.test(word) || /^[^\p{L}\p{M}\p{N}]/u.test(name.slice(word.length));
}
