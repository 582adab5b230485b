import type { ModelMessage } from '../model.ts';
import type { ReadAnswer } from './answer.ts';
import { type AgentContext, type KeptLimits, withinLimits } from './conversation.ts';
import type { AgentPlan } from './options.ts';
import type { AgentOutput, AgentUsage, LimitName } from './output.ts';
import { withResult } from './results.ts';

/** How the conversation of an agent continues: each function gives what changes in its context. */

type Change = Partial<AgentContext>;

/** Before a call of the model: what the user has said meanwhile is in the conversation now. */
export function beforeCall(context: AgentContext, limits: KeptLimits): Change {
  const { heard, usage } = context;
  const said = heard.map((text): ModelMessage => ({ role: 'user', text }));
  return {
    ...added(context, said, limits),
    heard: [],
    usage: { ...usage, steps: usage.steps + 1 },
  };
}

/** After a call of the model. */
export function afterCall(
  context: AgentContext,
  answer: ReadAnswer,
  { limits, price }: AgentPlan,
): Change {
  const { usage, key = `${context.usage.steps}`, kind, text } = answer;
  const cost = price(usage);
  return {
    ...added(context, answer.messages, limits),
    answer: key,
    last: { kind, text },
    call: undefined,
    usage: {
      steps: context.usage.steps,
      inputTokens: context.usage.inputTokens + usage.inputTokens,
      outputTokens: context.usage.outputTokens + usage.outputTokens,
      cost: context.usage.cost + (Number.isFinite(cost) ? Math.max(cost, 0) : 0),
    },
  };
}

/** After a tool, or in its place. */
export function afterTool(context: AgentContext, result: unknown, plan: AgentPlan): Change {
  const changed = withResult(context, result, plan.limits);
  return { ...changed, ...added({ ...context, ...changed }, [], plan.limits) };
}

function added(context: AgentContext, more: readonly ModelMessage[], limits: KeptLimits): Change {
  const { first, earlier, messages } = context;
  return withinLimits({ first, earlier, messages: [...messages, ...more] }, limits);
}

/** The limit that is reached; undefined where the model may be called once more. */
export function limitReached(
  { usage }: AgentContext,
  { limits }: AgentPlan,
): LimitName | undefined {
  if (usage.inputTokens + usage.outputTokens >= limits.tokens) return 'tokens';
  if (usage.cost >= limits.cost) return 'cost';
  return undefined;
}

/** The same, before another call. */
export function limitBefore(context: AgentContext, plan: AgentPlan): LimitName | undefined {
  if (context.usage.steps >= plan.limits.steps) return 'steps';
  return limitReached(context, plan);
}

/** The end of an agent, with what it used. */
export function ended(
  { usage }: AgentContext,
  end: WithoutUsage<AgentOutput<unknown>>,
): Pick<AgentContext, 'end'> {
  return { end: { ...end, usage } as AgentOutput<unknown> };
}

type WithoutUsage<T> = T extends { readonly usage: AgentUsage } ? Omit<T, 'usage'> : never;
