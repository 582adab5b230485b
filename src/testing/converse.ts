import { checkDialogue } from '../dialogue/engine/validate.ts';
import {
  type ConverseOptions,
  DEFAULT_OPENID,
  type DeployOptions,
  checkConverseOptions,
} from './converse-options.ts';
import type { AnyStateMachine, ContextFrom } from 'xstate';
import { type Duration, toMilliseconds } from '../clock.ts';
import { ColloquyError } from '../errors.ts';
import {
  isMessageLike,
  needContext,
  needEvent,
  needExpected,
  needMessage,
  needOption,
  needPerson,
  needReply,
  needWords,
} from './converse-arguments.ts';
import { eventLabel } from '../dialogue/engine/event-label.ts';
import { formatSpan } from '../internal/event-words.ts';
import type { Message, Person } from '../message.ts';
import type { ChoicesReply, Reply } from '../reply.ts';
import type { Conversation } from '../context/record/inspect.ts';
import type { Incoming, OutsideEvent, OutsideEventOf } from '../runner/calls.ts';
import type { Chat, FailOptions, Sent } from './converse-chat.ts';
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
import { Caller, type Mismatch, conversationError, problemOf } from './converse-error.ts';
import { type OperatorChat, operatorChat } from './converse-operator.ts';
import { fromPerson } from './converse-person.ts';
import { formatState, matchesState } from './converse-state.ts';
import type { ChatOutcome, User } from './converse-user.ts';
import { optionIn } from './converse-offers.ts';
import { TestEnvironment } from './converse-environment.ts';
import { ENVIRONMENT } from './environment-of.ts';
import { formatTranscript, inWords } from './transcript.ts';

const DAY_MS = 86_400_000;

/**
 * Talks with a dialogue in a test: the real runner and the real store, on virtual time, with nothing to be closed unless
 * a persister of yours is.
 *
 * @example
 * const chat = converse(survey);
 * await chat.say('hi');
 * chat.expectReply('What is your name?').expectState('name');
 * await chat.advance({ hours: 2 });
 * chat.expectExpired();
 * @throws UsageError `bad_dialogue`, `bad_option`, `bad_service`
 */
export function converse<Dialogue extends AnyStateMachine>(
  dialogue: Dialogue,
  options: ConverseOptions<Dialogue> = {},
): Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>> {
  checkDialogue(dialogue);
  checkConverseOptions(options);
  const environment = new TestEnvironment(dialogue, options as ConverseOptions<AnyStateMachine>);
  const user = environment.user(options.openid ?? DEFAULT_OPENID, true);
  const chat = new TestChat(environment, user, options.onError !== undefined);
  return chat as unknown as Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>>;
}

class TestChat implements Chat {
  readonly [ENVIRONMENT]: TestEnvironment;
  readonly #environment: TestEnvironment;
  readonly #user: User;
  readonly #person: Person | undefined;
  #expectsErrors: boolean;

  constructor(environment: TestEnvironment, user: User, expectsErrors: boolean, person?: Person) {
    this[ENVIRONMENT] = environment;
    this.#environment = environment;
    this.#user = user;
    this.#expectsErrors = expectsErrors;
    this.#person = person;
  }

  get openid(): string {
    return this.#user.openid;
  }
  get clock(): Chat['clock'] {
    return this.#environment.time;
  }
  get replies(): readonly string[] {
    return this.#user.said.map(inWords);
  }
  get lastReply(): string | undefined {
    return this.replies.at(-1);
  }
  get said(): readonly Reply[] {
    return this.#user.said;
  }
  get drafts(): readonly string[] {
    return this.#user.drafts;
  }

  get emitted(): readonly { readonly type: string }[] {
    return this.#user.emitted;
  }
  get state(): string {
    return formatState(this.#user.view?.dialogue, this.#environment.dialogue);
  }
  get context(): Readonly<Record<string, unknown>> {
    return this.#user.view?.context ?? {};
  }
  get timers(): Conversation['timers'] {
    return this.#user.view?.timers ?? [];
  }
  get services(): Conversation['services'] {
    return this.#user.view?.services ?? [];
  }
  get outcome(): ChatOutcome | undefined {
    return this.#user.outcome;
  }
  get expired(): boolean {
    return this.#user.expired;
  }
  get expiresAt(): number | undefined {
    return this.#user.expiresAt;
  }
  get done(): boolean {
    return this.#user.view?.dialogue?.status === 'done';
  }
  get output(): unknown {
    return this.#user.output;
  }
  get errors(): readonly unknown[] {
    return this.#environment.errors;
  }
  get transcript(): string {
    return formatTranscript(this.#environment.log.transcript);
  }

  async say(message: Incoming): Promise<readonly string[]> {
    needMessage(message, 'chat.say()');
    const caller = new Caller(this.say);
    return this.#step(caller, () => this.#send([{ message, id: this.#user.nextId() }]));
  }

  async send(message: Incoming, options: { readonly id?: string } = {}): Promise<Sent> {
    return this.#send([{ message, id: options.id ?? this.#user.nextId() }]);
  }

  async event(
    event: OutsideEvent,
    { id }: { readonly id?: string } = {},
  ): Promise<readonly string[]> {
    needEvent(event, 'chat.event()');
    const caller = new Caller(this.event);
    return this.#step(caller, () => this.#environment.report(this.#user, event, id));
  }

  async choose(option: string | number): Promise<readonly string[]> {
    needOption(option, 'chat.choose()');
    const caller = new Caller(this.choose);
    return this.#press(caller, this.#user.offers.last, option);
  }

  async press(reply: Reply | undefined, option: string | number): Promise<readonly string[]> {
    needReply(reply, 'chat.press()');
    needOption(option, 'chat.press()');
    const caller = new Caller(this.press);
    return this.#press(caller, reply.type === 'choices' ? reply : undefined, option);
  }

  #press(
    caller: Caller,
    offered: ChoicesReply | undefined,
    option: string | number,
  ): Promise<readonly string[]> {
    const { options = [], asking } = offered ?? {};
    const chosen = optionIn(options, option);
    if (chosen === undefined) {
      const known = options.map(({ value, label }) => label ?? value);
      throw this.#error(caller, {
        problem:
          offered === undefined
            ? `There is nothing to choose ${JSON.stringify(option)} from: no choices were offered.`
            : `There is no choice ${JSON.stringify(option)}; there are ${known.join(', ')}.`,
        expected: option,
        actual: known,
      });
    }
    const { value } = chosen;
    const message: Message = {
      type: 'message.action',
      value,
      ...(asking !== undefined && { asking, messageId: asking }),
    };
    return this.#step(caller, () => this.#send([{ message, id: this.#user.nextId() }]));
  }

  async redeliver(): Promise<Sent> {
    const caller = new Caller(this.redeliver);
    const { last } = this.#user;
    if (last === undefined) {
      throw this.#error(caller, { problem: 'There is no message that could be delivered again.' });
    }
    return this.#send([{ ...last, again: true }]);
  }

  async duplicate(message: Incoming): Promise<Sent> {
    needMessage(message, 'chat.duplicate()');
    const sent = { message: fromPerson(message, this.#person), id: this.#user.nextId() };
    return this.#send([sent, { ...sent, again: true }]);
  }

  async reorder(...messages: readonly Incoming[]): Promise<readonly string[]> {
    for (const message of messages) needMessage(message, 'chat.reorder()');
    const caller = new Caller(this.reorder);
    const sent = messages.map((message) => ({ message, id: this.#user.nextId() }));
    return this.#step(caller, () => this.#send(sent.toReversed()));
  }

  user(openid: string): Chat {
    needWords(openid, 'chat.user()', 'openid');
    return new TestChat(this.#environment, this.#environment.user(openid), this.#expectsErrors);
  }

  person(person: string | Person): Chat {
    const from = needPerson(person, 'chat.person()');
    return new TestChat(this.#environment, this.#user, this.#expectsErrors, from);
  }

  operator(name = 'op'): OperatorChat {
    needWords(name, 'chat.operator()', 'name');
    return operatorChat(this, name, this.#environment.notes);
  }

  async advance(by: number | Duration): Promise<readonly string[]> {
    const caller = new Caller(this.advance);
    return this.#step(caller, () => this.#environment.advance(by));
  }

  async until(
    state: string,
    { within = DAY_MS }: { readonly within?: number | Duration } = {},
  ): Promise<readonly string[]> {
    needWords(state, 'chat.until()', 'state');
    const caller = new Caller(this.until);
    const span = toMilliseconds(within);
    const said = await this.#step(caller, async () => {
      await this.#environment.until(() => matchesState(this.state, state), span);
    });
    const check = checkState(this.state, state);
    if (check.pass) return said;
    throw this.#error(caller, {
      ...check,
      problem: `Expected to reach '${state}' within ${formatSpan(span)}, but it is '${this.state}'.`,
    });
  }

  get #timerLook(): { readonly now: number; readonly nameOf: (type: string) => string } {
    const { dialogue } = this.#environment;
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

  async crash(): Promise<void> {
    await this.#environment.crash();
  }

  async deploy<Dialogue extends AnyStateMachine>(
    dialogue: Dialogue,
    options: DeployOptions<Dialogue> = {},
  ): Promise<Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>>> {
    await this.#environment.deploy(dialogue, options as DeployOptions<AnyStateMachine>);
    this.#expectsErrors ||= options.onError !== undefined;
    return this as unknown as Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>>;
  }

  evict(): void {
    this.#environment.evict(this.#user);
  }

  fail(what: string, error?: unknown, { times = 1 }: FailOptions = {}): void {
    needWords(what, 'chat.fail()', 'what');
    this.#environment.fail(what, error, times);
  }

  async seed(state: string, context: object = {}): Promise<readonly string[]> {
    needWords(state, 'chat.seed()', 'state');
    needContext(context, 'chat.seed()');
    await this.#environment.seed(this.#user, state, context);
    return this.replies;
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }

  async #send(
    given: readonly { readonly message: Incoming; readonly id: string; readonly again?: true }[],
  ): Promise<Sent> {
    const user = this.#user;
    const from = this.#person;
    const messages = given.map((each) =>
      each.again ? each : { ...each, message: fromPerson(each.message, from) },
    );
    for (const { message, id, again } of messages) {
      user.sending(message, id);
      // A transcript has no line for what is no message at all; the runner refuses it.
      if (!isMessageLike(message)) continue;
      this.#environment.log.add(
        again
          ? { kind: 'again', ...user.named }
          : { kind: 'message', ...user.named, message: user.offers.unnamed(message) },
      );
    }
    await this.#environment.send(user, messages);
    const error = user.turn?.error ?? user.refused;
    return { outcome: user.outcome, replies: user.said, ...(error !== undefined && { error }) };
  }

  /** @throws ConversationError where the dialogue threw: otherwise the test would continue and not see it */
  async #step(caller: Caller, work: () => Promise<unknown>): Promise<readonly string[]> {
    const { errors } = this.#environment;
    const before = new Set(errors);
    await work();
    const { refused } = this.#user;
    const thrown =
      refused ??
      errors.find(
        (error) => !before.has(error) && ColloquyError.is(error) && error.name === 'StepError',
      );
    if (thrown === undefined || (this.#expectsErrors && refused === undefined)) return this.replies;
    throw this.#error(caller, { problem: problemOf(thrown), cause: thrown });
  }

  #expect(method: (...args: never[]) => unknown, check: Check): this {
    if (check.pass) return this;
    throw this.#error(new Caller(method), check);
  }

  #error(caller: Caller, mismatch: Mismatch): Error {
    return conversationError(mismatch, this.#environment.log.transcript, this.state, caller);
  }
}
