import type { AgentArgs, AgentParts } from './agent-words.ts';
import {
  type NamedTool,
  callKey,
  callOf,
  isAbout,
  isApproved,
  noticeOf,
  approvalQuestion,
} from './approval.ts';
import { notifyService } from './actors.ts';
import type { AgentContext } from './conversation.ts';
import { afterTool } from './progress.ts';
import { type AnyTool, approvalOf } from './tool.ts';
import { type Duration, toMilliseconds } from '../../clock.ts';
import { ColloquyError } from '../../errors.ts';

/**
 * The state of one tool: `asking` the user, or `waiting` for another person, then `running`. In each case, the model
 * has a result in the end: what the tool gave, or why there is none.
 */
export function toolState(parts: AgentParts, name: string): object {
  const tool = parts.plan.tools[name] as AnyTool;
  const approval = approvalOf(tool);
  const named = { name, tool };
  if (approval === undefined)
    return { initial: 'running', states: { running: running(parts, named) } };
  const isNotified = approval.notify !== undefined;
  return {
    initial: isNotified ? 'waiting' : 'asking',
    states: {
      ...(isNotified
        ? {
            waiting: waiting(parts, named),
            unreached: without(
              parts,
              'Not done: the person who has to approve it could not be asked.',
            ),
          }
        : { asking: asking(parts, named) }),
      running: running(parts, named),
      denied: without(
        parts,
        isNotified ? 'Not done: it was not approved.' : 'Not done: the user did not agree.',
      ),
      ...(approval.timeout !== undefined && {
        unanswered: without(parts, 'Not done: no one answered whether it may be done.'),
      }),
    },
  };
}

const ATTEMPTS = 3;

/** Asks the user. What is neither a yes nor a no in the end is a no. */
function asking({ dialogue, words }: AgentParts, named: NamedTool): object {
  const after = approvalOf(named.tool)?.timeout;
  return dialogue.confirm({
    question: ({ context }: AgentArgs) => approvalQuestion(named, context, words),
    yes: 'running',
    no: 'denied',
    attempts: ATTEMPTS,
    otherwise: 'denied',
    ...(after !== undefined && { timeout: { after, target: 'unanswered' } }),
  });
}

/** Tells the person, and waits for the answer to this call. */
function waiting({ plan, words }: AgentParts, named: NamedTool): object {
  const timeout = approvalOf(named.tool)?.timeout ?? {};
  return {
    invoke: {
      src: notifyService(plan.id),
      input: ({ context }: AgentArgs) => noticeOf(named, context, words),
      onDone: {},
      onError: 'unreached',
    },
    on: {
      'event.approval': [
        {
          guard: ({ context, event }: AgentArgs) => isAbout(event, context) && isApproved(event),
          target: 'running',
          description: 'approved',
        },
        {
          guard: ({ context, event }: AgentArgs) => isAbout(event, context),
          target: 'denied',
          description: 'not approved',
        },
      ],
    },
    after: { [toMilliseconds(timeout)]: 'unanswered' },
  };
}

/** Runs the tool. */
function running({ plan, dialogue }: AgentParts, { name, tool }: NamedTool): object {
  const next = `#${plan.id}.working.tools.next`;
  return dialogue.service({
    src: name,
    input: ({ context }: AgentArgs) => ({ ...callOf(tool, context), key: callKey(context) }),
    assign: ({ context, output }: { context: AgentContext; output: unknown }) =>
      afterTool(context, output, plan),
    timeout: tool.timeout ?? DEFAULT_TIMEOUT,
    retries: tool.retries ?? 0,
    done: next,
    failed: {
      target: next,
      actions: dialogue.assign(({ context, event }) => afterTool(context, failure(event), plan)),
    },
  });
}

const DEFAULT_TIMEOUT: Duration = { seconds: 30 };

/** In words for the model. What was thrown may hold a secret, so it is not told. */
function failure(event: object): string {
  const { error } = event as { readonly error?: unknown };
  const isLate = ColloquyError.is(error) && error.code === 'service_timeout';
  return isLate ? 'The tool took too long; it may have been done.' : 'The tool failed.';
}

/** A call that is not made has a result, too. */
function without({ plan, dialogue }: AgentParts, why: string): object {
  return {
    entry: dialogue.assign(({ context }) => afterTool(context, why, plan)),
    always: `#${plan.id}.working.tools.next`,
  };
}
