import type { EventObject } from 'xstate';
import { isKeyed } from '../../internal/closed.ts';
import type { Words } from '../../dialogue/text/localize.ts';
import type { AgentContext } from './conversation.ts';
import { currentCall } from './conversation.ts';
import { cutText } from '../../internal/cut-text.ts';
import type { NoticeInput } from './actors.ts';
import { type AnyTool, type ApprovalCall, approvalOf } from './tool.ts';
import { checkInput } from './tool-input.ts';

/** What is asked before a tool runs. All of it is made from the checked input. */

const MAX_QUESTION_BYTES = 2000;

/** What the tool of the call that is under way gets: its input as its schema gives it. */
export function callOf(tool: AnyTool, context: AgentContext): ApprovalCall<unknown, unknown> {
  const checked = checkInput(tool.input, currentCall(context)?.input);
  return { input: 'value' in checked ? checked.value : undefined, about: context.about };
}

/** The question whether a tool may run. */
export function approvalQuestion(
  { name, tool }: NamedTool,
  context: AgentContext,
  words: Words,
): string {
  const call = callOf(tool, context);
  const own = approvalOf(tool)?.ask?.(call);
  if (own !== undefined) return own;
  const { locale } = words.parseContext(context);
  const summary = cutText(summaryOf(name, call.input), MAX_QUESTION_BYTES);
  return words.say({ key: 'agent.approve', values: { summary } }, locale);
}

/** A tool, and its name. */
export interface NamedTool {
  readonly name: string;
  readonly tool: AnyTool;
}

function summaryOf(name: string, input: unknown): string {
  if (input === undefined) return name;
  if (!isKeyed(input)) return `${name}: ${shown(input)}`;
  return [name, ...Object.entries(input).map(([key, part]) => `${key}: ${shown(part)}`)].join('\n');
}

/** A text on one line, so that no part of an input looks like another part. */
function shown(part: unknown): string {
  if (typeof part === 'string' && /^[^\p{C}\u2028\u2029]*$/u.test(part)) return part;
  return JSON.stringify(part) ?? '';
}

/** Names the call that is under way: no other call of this conversation or of another one has this name. */
export function callKey(context: AgentContext): string {
  return `${context.answer}.${context.call ?? ''}`;
}

/** What the program gets, for the person who approves. */
export function noticeOf(named: NamedTool, context: AgentContext, words: Words): NoticeInput {
  const call = callOf(named.tool, context);
  const to = approvalOf(named.tool)?.to;
  return {
    ...call,
    id: callKey(context),
    tool: named.name,
    question: approvalQuestion(named, context, words),
    to: typeof to === 'function' ? to(call) : to,
  };
}

/** Whether an event is the answer about the call that is under way. */
export function isAbout(event: EventObject, context: AgentContext): boolean {
  return (event as { readonly id?: unknown }).id === callKey(context);
}

export function isApproved(event: EventObject): boolean {
  return (event as { readonly approved?: unknown }).approved === true;
}
