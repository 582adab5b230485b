import { FINISH, readAnswer } from './answer.ts';
import type { AgentArgs, AgentParts } from './agent-words.ts';
import { type AgentContext, currentCall, modelMessages } from './conversation.ts';
import { isSaidByUser } from '../../dialogue/define/said-by-user.ts';
import { withHeard } from './hearing.ts';
import { afterCall, beforeCall, ended, limitBefore, limitReached } from './progress.ts';
import { nextCall } from './results.ts';
import { checkInput } from './tool-input.ts';
import { toolState } from './tool-state.ts';

/**
 * The state of an agent that is at work: `thinking` calls the model, `deciding` reads what the answer was, `tools` runs its
 * calls one after the other, `listening` waits for the user, `continuing` looks at the limits before the next call.
 */
export function workingState(parts: AgentParts): object {
  const { plan, dialogue } = parts;
  const { timeMs } = plan.limits;
  const place = (state: string): string => `#${plan.id}.${state}`;
  return {
    initial: 'continuing',
    on: { 'message.*': hearing(parts) },
    ...(timeMs !== undefined && {
      after: {
        [timeMs]: {
          target: place('limited'),
          actions: dialogue.assign(({ context }) =>
            ended(context, { reason: 'limit', limit: 'time' }),
          ),
          description: 'the limit of time',
        },
      },
    }),
    states: {
      continuing: {
        always: [limited(parts, limitBefore), { target: 'thinking' }],
      },
      thinking: thinkingState(parts),
      deciding: { always: ways(parts) },
      ...(plan.output !== undefined && { listening: listeningState(parts) }),
      tools: toolStates(parts),
    },
  };
}

/** What the user says is the next message of the conversation. */
function listeningState({ plan, dialogue }: AgentParts): object {
  return {
    on: {
      'message.*': {
        guard: isSaidByUser,
        target: 'continuing',
        actions: dialogue.assign(
          ({ context, event }) => withHeard(context, event, plan.limits) ?? {},
        ),
      },
    },
  };
}

/** A message that comes while the agent is at work waits for the next call of the model. */
function hearing({ plan, dialogue, words }: AgentParts): readonly object[] {
  return [
    {
      guard: (args: AgentArgs) =>
        isSaidByUser(args) && withHeard(args.context, args.event, plan.limits) !== undefined,
      actions: [
        dialogue.assign(({ context, event }) => withHeard(context, event, plan.limits) ?? {}),
        ...(plan.busy === undefined ? [] : [dialogue.reply(plan.busy)]),
      ],
      description: 'kept for the next call',
    },
    {
      guard: isSaidByUser,
      actions: dialogue.reply(({ context }: AgentArgs) =>
        words.say({ key: 'agent.full' }, words.parseContext(context).locale),
      ),
      description: 'no room for more',
    },
  ];
}

function thinkingState({ plan, mark, dialogue }: AgentParts): object {
  const { instructions, output, limits } = plan;
  const rules = { ...limits, mark, output: output?.schema };
  const isSaid = ({ context, event }: AgentArgs): boolean =>
    readAnswer(outputOf(event), context, rules).text !== '';
  return dialogue.service({
    src: mark.model,
    entry: dialogue.assign(({ context }) => beforeCall(context, limits)),
    input: ({ context }: AgentArgs) => {
      const { about } = context;
      const text = typeof instructions === 'string' ? instructions : instructions({ about });
      return { messages: modelMessages(text, context) };
    },
    assign: ({ context, output: answer }: { context: AgentContext; output: unknown }) =>
      afterCall(context, readAnswer(answer, context, rules), plan),
    timeout: plan.timeout,
    retries: plan.retries,
    done: [
      {
        guard: isSaid,
        target: 'deciding',
        actions: dialogue.reply(({ context }: AgentArgs) => context.last?.text ?? ''),
        description: 'says something',
      },
      { target: 'deciding' },
    ],
    failed: {
      target: `#${plan.id}.failed`,
      actions: dialogue.assign(({ context }) =>
        ended(context, { reason: 'failed', problem: 'model' }),
      ),
    },
  });
}

function outputOf(event: object): unknown {
  return (event as { readonly output?: unknown }).output;
}

/** Where an answer leads. */
function ways(parts: AgentParts): readonly object[] {
  const { plan, dialogue } = parts;
  const place = (state: string): string => `#${plan.id}.${state}`;
  const kindOf = ({ context }: AgentArgs): string => context.last?.kind ?? 'empty';
  const textOf = (context: AgentContext): string => context.last?.text ?? '';
  const isWaited = ({ context }: AgentArgs): boolean => context.heard.length > 0;
  return [
    {
      guard: (args: AgentArgs) => kindOf(args) === 'refused',
      target: place('refused'),
      actions: dialogue.assign(({ context }) =>
        ended(context, { reason: 'refused', text: textOf(context) }),
      ),
      description: 'refused',
    },
    ...(['cut', 'empty'] as const).map((problem) => ({
      guard: (args: AgentArgs) => kindOf(args) === problem,
      target: place('failed'),
      actions: dialogue.assign(({ context }) => ended(context, { reason: 'failed', problem })),
      description: problem,
    })),
    ...(plan.output === undefined
      ? [
          {
            guard: (args: AgentArgs) => kindOf(args) === 'text' && !isWaited(args),
            target: place('answered'),
            actions: dialogue.assign(({ context }) =>
              ended(context, { reason: 'answered', text: textOf(context), value: undefined }),
            ),
            description: 'answered',
          },
        ]
      : []),
    ...(mayRunOut(parts) ? [limited(parts, limitReached)] : []),
    {
      guard: (args: AgentArgs) => kindOf(args) === 'calls',
      target: 'tools',
      description: 'calls tools',
    },
    ...(plan.output === undefined
      ? [{ target: 'continuing', description: 'the user said more' }]
      : [
          { guard: isWaited, target: 'continuing', description: 'the user said more' },
          { target: 'listening', description: 'said something' },
        ]),
  ];
}

/** Whether an answer may use up what the agent has. */
function mayRunOut({ plan }: AgentParts): boolean {
  return Number.isFinite(plan.limits.tokens) || Number.isFinite(plan.limits.cost);
}

/** The way out where a limit is reached. */
function limited({ plan, dialogue }: AgentParts, reached: typeof limitReached): object {
  return {
    guard: ({ context }: AgentArgs) => reached(context, plan) !== undefined,
    target: `#${plan.id}.limited`,
    actions: dialogue.assign(({ context }) =>
      ended(context, { reason: 'limit', limit: reached(context, plan) ?? 'steps' }),
    ),
    description: 'a limit is reached',
  };
}

/** The calls of an answer, one after the other. */
function toolStates(parts: AgentParts): object {
  const { plan, dialogue } = parts;
  const isNext =
    (name: string) =>
    ({ context }: AgentArgs): boolean =>
      currentCall(context)?.name === name;
  const names = Object.keys(plan.tools);
  return {
    initial: 'next',
    states: {
      next: {
        entry: dialogue.assign(({ context }) => nextCall(context)),
        always: [
          ...(plan.output === undefined ? [] : [finished(parts, isNext(FINISH))]),
          ...names.map((name) => ({ guard: isNext(name), target: name, description: name })),
          { target: `#${plan.id}.working.continuing`, description: 'all calls have a result' },
        ],
      },
      ...Object.fromEntries(names.map((name) => [name, toolState(parts, name)])),
    },
  };
}

function finished({ plan, dialogue }: AgentParts, guard: (args: AgentArgs) => boolean): object {
  return {
    guard,
    target: `#${plan.id}.answered`,
    actions: dialogue.assign(({ context }) => {
      const checked = checkInput(plan.output?.schema, currentCall(context)?.input);
      const value = 'value' in checked ? checked.value : undefined;
      return ended(context, { reason: 'answered', text: context.last?.text ?? '', value });
    }),
    description: FINISH,
  };
}
