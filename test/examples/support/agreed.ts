import { type Incoming, confirm, formatReply } from 'colloquy';
import type { WalkView } from 'colloquy/testing';
import { type AnyStateMachine, createMachine } from 'xstate';

/** What an invariant of an example asks about a walk, and examples with a hole in them. */

const yesOrNo = confirm();

/** Whether the user said yes on this step, in words or by a button. */
export function isYes(heard: Incoming | undefined): boolean {
  const said = heard === undefined || typeof heard === 'string' ? heard : wordsIn(heard);
  if (said === undefined) return false;
  const about = { locale: 'zh-CN', timeZone: 'UTC', now: 0 };
  const answer = yesOrNo({ type: 'message.text', text: said }, about);
  return 'value' in answer && answer.value;
}

function wordsIn(heard: Exclude<Incoming, string>): string | undefined {
  const { text, value } = heard as { readonly text?: string; readonly value?: string };
  return text ?? value;
}

/** The last thing that was said before this step and looks like this. */
export function lastSaid({ before }: WalkView, mark: RegExp): string {
  for (let view = before; view !== undefined; view = view.before) {
    const found = view.replies.map(formatReply).findLast((text) => mark.test(text));
    if (found !== undefined) return found;
  }
  return '';
}

/** What this step started by the name of a service, but not what it tried again. */
export function startedOf({ started, before }: WalkView, name: string): readonly unknown[] {
  if (before?.state.includes('backoff') === true) return [];
  return started.flatMap(({ service, input }) => (service === name ? [input] : []));
}

type Config = Readonly<Record<string, unknown>>;

/** The same dialogue with another state at a path, and with further actors: for a hole. */
export function changed(
  dialogue: AnyStateMachine,
  path: string,
  change: (state: Config) => Config,
  actors: object = {},
): AnyStateMachine {
  const [first = '', ...rest] = path.split('.');
  const inside = (config: Config, name: string, below: readonly string[]): Config => {
    const states = config['states'] as Readonly<Record<string, Config>>;
    const state = states[name] ?? {};
    const [next, ...further] = below;
    const made = next === undefined ? change(state) : inside(state, next, further);
    return { ...config, states: { ...states, [name]: made } };
  };
  const { implementations, config } = dialogue;
  return createMachine(
    inside(config as unknown as Config, first, rest) as never,
    { ...implementations, actors: { ...implementations.actors, ...actors } } as never,
  ) as AnyStateMachine;
}
