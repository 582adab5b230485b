import type { Duration } from '../clock.ts';
import { needContext, needExpected, needWords } from './converse-arguments.ts';
import { eventLabel } from '../dialogue/engine/event-label.ts';
import type { Reply } from '../reply.ts';
import type { Conversation } from '../context/record/inspect.ts';
import type { Chat } from './converse-chat.ts';
import {
  type Check,
  type ExpectedReply,
  checkContext,
  checkEqual,
  checkExpiry,
  checkNoTimer,
  checkReplies,
  checkReply,
  checkState,
  checkTimer,
} from './converse-check.ts';
import { Caller, type Mismatch, conversationError } from './converse-error.ts';
import { formatState } from './converse-state.ts';
import type { ChatOutcome, User } from './converse-user.ts';
import type { TestEnvironment } from './converse-environment.ts';
import { formatTranscript, inWords } from './transcript-format.ts';

/** A conversation in a test, to look at: what was said, where it stands, and whether that is as the test expects. */
export class ChatView {
  protected readonly environment: TestEnvironment;
  protected readonly speaker: User;

  constructor(environment: TestEnvironment, user: User) {
    this.environment = environment;
    this.speaker = user;
  }

  get openid(): string {
    return this.speaker.openid;
  }
  get clock(): Chat['clock'] {
    return this.environment.time;
  }
  get replies(): readonly string[] {
    return this.speaker.said.map(inWords);
  }
  get lastReply(): string | undefined {
    return this.replies.at(-1);
  }
  get said(): readonly Reply[] {
    return this.speaker.said;
  }
  get drafts(): readonly string[] {
    return this.speaker.drafts;
  }

  get emitted(): readonly { readonly type: string }[] {
    return this.speaker.emitted;
  }
  get state(): string {
    return formatState(this.speaker.view?.dialogue, this.environment.dialogue);
  }
  get context(): Readonly<Record<string, unknown>> {
    return this.speaker.view?.context ?? {};
  }
  get timers(): Conversation['timers'] {
    return this.speaker.view?.timers ?? [];
  }
  get services(): Conversation['services'] {
    return this.speaker.view?.services ?? [];
  }
  get outcome(): ChatOutcome | undefined {
    return this.speaker.outcome;
  }
  get expired(): boolean {
    return this.speaker.expired;
  }
  get expiresAt(): number | undefined {
    return this.speaker.expiresAt;
  }
  get done(): boolean {
    return this.speaker.view?.dialogue?.status === 'done';
  }
  get output(): unknown {
    return this.speaker.output;
  }
  get errors(): readonly unknown[] {
    return this.environment.errors;
  }
  get transcript(): string {
    return formatTranscript(this.environment.log.transcript);
  }

  get #timerLook(): { readonly now: number; readonly nameOf: (type: string) => string } {
    const { dialogue } = this.environment;
    return { now: this.clock.now(), nameOf: (type) => eventLabel(type, dialogue) };
  }

  expectReply(expected: ExpectedReply): this {
    needExpected(expected, 'chat.expectReply()');
    return this.#expect(this.expectReply, checkReply(this.said, expected));
  }
  expectReplies(...expected: readonly ExpectedReply[]): this {
    for (const each of expected) needExpected(each, 'chat.expectReplies()');
    return this.#expect(this.expectReplies, checkReplies(this.said, expected));
  }
  expectSilence(): this {
    return this.#expect(this.expectSilence, checkReplies(this.said, []));
  }
  expectState(state: string): this {
    needWords(state, 'chat.expectState()', 'state');
    return this.#expect(this.expectState, checkState(this.state, state));
  }
  expectContext(context: Readonly<Record<string, unknown>>): this {
    needContext(context, 'chat.expectContext()');
    return this.#expect(this.expectContext, checkContext(this.context, context));
  }
  expectTimer(duration: number | Duration): this {
    return this.#expect(this.expectTimer, checkTimer(this.timers, duration, this.#timerLook));
  }
  expectNoTimer(): this {
    return this.#expect(this.expectNoTimer, checkNoTimer(this.timers, this.#timerLook));
  }
  expectOutcome(outcome: ChatOutcome): this {
    return this.#expect(this.expectOutcome, checkEqual('the outcome', this.outcome, outcome));
  }
  expectExpired(): this {
    return this.#expect(this.expectExpired, checkEqual('`expired`', this.expired, true));
  }
  expectExpiryIn(duration: number | Duration): this {
    const check = checkExpiry(this.expiresAt, duration, this.clock.now());
    return this.#expect(this.expectExpiryIn, check);
  }
  expectDone(...output: readonly unknown[]): this {
    this.#expect(this.expectDone, checkEqual('`done`', this.done, true));
    if (output.length === 0) return this;
    return this.#expect(this.expectDone, checkEqual('the output', this.output, output[0]));
  }

  #expect(method: (...args: never[]) => unknown, check: Check): this {
    if (check.pass) return this;
    throw this.error(new Caller(method), check);
  }

  protected error(caller: Caller, mismatch: Mismatch): Error {
    return conversationError(mismatch, this.environment.log.transcript, this.state, caller);
  }
}
