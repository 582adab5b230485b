import type { PromiseActorLogic } from 'xstate';
import { setupDialogue } from '../../dialogue/define/setup.ts';
import type { Dialogue, DialogueTypes } from '../../dialogue/define/setup-types.ts';
import { createWords } from '../../dialogue/text/localize.ts';
import { UsageError } from '../../errors.ts';
import { isKeyed } from '../../internal/closed.ts';
import type { ModelMessage } from '../model.ts';
import {
  type ModelCall,
  type NoticeInput,
  type ToolCallInput,
  agentServices,
  modelService,
  notifyService,
} from './actors.ts';
import type { AgentWords } from './agent-words.ts';
import type { ModelAnswer } from './answer.ts';
import { type AgentContext, keptText, withinLimits } from './conversation.ts';
import { type AgentMark, withAgent } from './mark.ts';
import { type AgentOptions, type AgentPlan, planOf } from './options.ts';
import type { AgentOutput } from './output.ts';
import type { ApprovalEvent } from './tool.ts';
import { workingState } from './working.ts';

/** What an agent begins with. */
export type AgentInput<About = undefined> = {
  /** The first words of the user, or what the agent has to do. */
  readonly text: string;
  /** What was said before, the oldest message first. The model reads as much of it as the limits allow. */
  readonly history?: readonly {
    /** Who said it: the user, or the bot. */
    readonly role: 'user' | 'assistant';
    /** The words. */
    readonly text: string;
  }[];
} & (undefined extends About
  ? {
      /** What tools, approvals and instructions may know of the conversation. The model does not see it. */
      readonly about?: About;
    }
  : {
      /** What tools, approvals and instructions may know of the conversation. The model does not see it. */
      readonly about: About;
    });

/** The services of an agent by name. */
export type AgentActors<Id extends string, Inputs, About> = {
  readonly [Name in keyof Inputs & string]: PromiseActorLogic<
    unknown,
    ToolCallInput<Inputs[Name], About>
  >;
} & { readonly [Name in `${Id}.model`]: PromiseActorLogic<ModelAnswer, ModelCall> } & {
  readonly [Name in `${Id}.notify`]: PromiseActorLogic<unknown, NoticeInput>;
};

/** An agent: a dialogue that another one provides in `actors` and invokes. */
export type Agent<Id extends string, Inputs, Value, About> = Dialogue<
  DialogueTypes<
    AgentContext<Value, About>,
    never,
    AgentActors<Id, Inputs, About>,
    never,
    AgentInput<About>,
    AgentOutput<Value>,
    {},
    {},
    {},
    never,
    string,
    {
      /** A person who was asked for an approval has answered. */
      readonly approval: ApprovalEvent;
    }
  >,
  string
>;

/**
 * A conversation of a language model with its tools, as a dialogue: a parent provides it in `actors` and invokes it. Each
 * call of the model and of a tool is a service, whose result is in the record before anything follows from it.
 *
 * The model may say anything: only a tool of `tools` runs, with an input that its schema took, after the approval that it
 * needs. Each call has one result: a crash repeats only the call that had not ended.
 * @example
 * const helper = createAgent({
 *   id: 'helper',
 *   model: { name: 'plain', generate: async () => ({ text: 'Hi!', calls: [], finish: 'stop' }) },
 *   instructions: 'Help the user.',
 * });
 * @throws UsageError `bad_option`, `bad_duration`
 */
export function createAgent<
  const Id extends string,
  Inputs = {},
  Value = undefined,
  About = undefined,
>(options: AgentOptions<Id, Inputs, Value, About>): Agent<Id, Inputs, Value, About> {
  const plan = planOf(options as never);
  const mark: AgentMark = {
    model: modelService(plan.id),
    notify: notifyService(plan.id),
    tools: plan.tools,
    finishes: plan.output !== undefined,
  };
  const dialogue = setupDialogue({
    types: {},
    actors: agentServices(plan),
    events: { approval: {} },
    ...(plan.words !== undefined && { words: plan.words }),
  } as never) as unknown as AgentWords;
  const agent = dialogue.createDialogue({
    ...withAgent(mark),
    id: plan.id,
    ...(plan.version !== undefined && { version: plan.version }),
    context: ({ input }: { readonly input: AgentInput<unknown> }) => firstContext(input, plan),
    initial: 'working',
    states: {
      working: workingState({ plan, mark, dialogue, words: createWords(plan.words) }),
      answered: { type: 'final' },
      refused: { type: 'final' },
      limited: { type: 'final' },
      failed: { type: 'final' },
    },
    output: ({ context }: { readonly context: AgentContext }) => context.end,
  });
  return agent as unknown as Agent<Id, Inputs, Value, About>;
}

function firstContext(input: AgentInput<unknown>, { limits }: AgentPlan): AgentContext {
  const given: Partial<AgentInput<unknown>> = isKeyed(input) ? input : {};
  const { text, history = [], about } = given;
  if (typeof text !== 'string') {
    throw new UsageError(
      'bad_option',
      'An agent begins with a `text`: give one in the `input` of its `invoke`.',
    );
  }
  const first = keptText(text, limits);
  const earlier = history.map((said): ModelMessage => ({
    role: said.role,
    text: keptText(said.text, limits),
  }));
  return {
    about,
    first,
    ...withinLimits({ first, earlier, messages: [] }, limits),
    heard: [],
    usage: { steps: 0, inputTokens: 0, outputTokens: 0, cost: 0 },
    answer: '',
  };
}
