import type { DeployOptions } from './converse-options.ts';
import type { AnyStateMachine, ContextFrom } from 'xstate';
import { type Duration, toMilliseconds } from '../clock.ts';
import { ColloquyError } from '../errors.ts';
import {
  isMessageLike,
  needContext,
  needEvent,
  needMessage,
  needOption,
  needPerson,
  needReply,
  needWords,
} from './converse-arguments.ts';
import { formatSpan } from '../internal/event-words.ts';
import type { Message, Person } from '../message.ts';
import type { ChoicesReply, Reply } from '../reply.ts';
import type { Incoming, OutsideEvent, OutsideEventOf } from '../runner/calls.ts';
import type { Chat, FailOptions, Sent } from './converse-chat.ts';
import { checkState } from './converse-check.ts';
import { Caller, problemOf } from './converse-error.ts';
import { type OperatorChat, operatorChat } from './converse-operator.ts';
import { fromPerson } from './converse-person.ts';
import { matchesState } from './converse-state.ts';
import type { User } from './converse-user.ts';
import { optionIn } from './converse-offers.ts';
import type { TestEnvironment } from './converse-environment.ts';
import { ENVIRONMENT } from './environment-of.ts';

import { ChatView } from './chat-view.ts';
const DAY_MS = 86_400_000;

/** A conversation in a test: what `converse()` returns. */
export class TestChat extends ChatView implements Chat {
  readonly [ENVIRONMENT]: TestEnvironment;
  readonly #person: Person | undefined;
  #expectsErrors: boolean;

  constructor(environment: TestEnvironment, user: User, expectsErrors: boolean, person?: Person) {
    super(environment, user);
    this[ENVIRONMENT] = environment;
    this.#expectsErrors = expectsErrors;
    this.#person = person;
  }

  async say(message: Incoming): Promise<readonly string[]> {
    needMessage(message, 'chat.say()');
    const caller = new Caller(this.say);
    return this.#step(caller, () => this.#send([{ message, id: this.speaker.nextId() }]));
  }

  async send(message: Incoming, options: { readonly id?: string } = {}): Promise<Sent> {
    return this.#send([{ message, id: options.id ?? this.speaker.nextId() }]);
  }

  async event(
    event: OutsideEvent,
    { id }: { readonly id?: string } = {},
  ): Promise<readonly string[]> {
    needEvent(event, 'chat.event()');
    const caller = new Caller(this.event);
    return this.#step(caller, () => this.environment.report(this.speaker, event, id));
  }

  async choose(option: string | number): Promise<readonly string[]> {
    needOption(option, 'chat.choose()');
    const caller = new Caller(this.choose);
    return this.#press(caller, this.speaker.offers.last, option);
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
      throw this.error(caller, {
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
    return this.#step(caller, () => this.#send([{ message, id: this.speaker.nextId() }]));
  }

  async redeliver(): Promise<Sent> {
    const caller = new Caller(this.redeliver);
    const { last } = this.speaker;
    if (last === undefined) {
      throw this.error(caller, { problem: 'There is no message that could be delivered again.' });
    }
    return this.#send([{ ...last, again: true }]);
  }

  async duplicate(message: Incoming): Promise<Sent> {
    needMessage(message, 'chat.duplicate()');
    const sent = { message: fromPerson(message, this.#person), id: this.speaker.nextId() };
    return this.#send([sent, { ...sent, again: true }]);
  }

  async reorder(...messages: readonly Incoming[]): Promise<readonly string[]> {
    for (const message of messages) needMessage(message, 'chat.reorder()');
    const caller = new Caller(this.reorder);
    const sent = messages.map((message) => ({ message, id: this.speaker.nextId() }));
    return this.#step(caller, () => this.#send(sent.toReversed()));
  }

  user(openid: string): Chat {
    needWords(openid, 'chat.user()', 'openid');
    return new TestChat(this.environment, this.environment.user(openid), this.#expectsErrors);
  }

  person(person: string | Person): Chat {
    const from = needPerson(person, 'chat.person()');
    return new TestChat(this.environment, this.speaker, this.#expectsErrors, from);
  }

  operator(name = 'op'): OperatorChat {
    needWords(name, 'chat.operator()', 'name');
    return operatorChat(this, name, this.environment.services.notes);
  }

  async advance(by: number | Duration): Promise<readonly string[]> {
    const caller = new Caller(this.advance);
    return this.#step(caller, () => this.environment.advance(by));
  }

  async until(
    state: string,
    { within = DAY_MS }: { readonly within?: number | Duration } = {},
  ): Promise<readonly string[]> {
    needWords(state, 'chat.until()', 'state');
    const caller = new Caller(this.until);
    const span = toMilliseconds(within);
    const said = await this.#step(caller, async () => {
      await this.environment.until(() => matchesState(this.state, state), span);
    });
    const check = checkState(this.state, state);
    if (check.pass) return said;
    throw this.error(caller, {
      ...check,
      problem: `Expected to reach '${state}' within ${formatSpan(span)}, but it is '${this.state}'.`,
    });
  }

  async crash(): Promise<void> {
    await this.environment.crash();
  }

  async deploy<Dialogue extends AnyStateMachine>(
    dialogue: Dialogue,
    options: DeployOptions<Dialogue> = {},
  ): Promise<Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>>> {
    await this.environment.deploy(dialogue, options as DeployOptions<AnyStateMachine>);
    this.#expectsErrors ||= options.onError !== undefined;
    return this as unknown as Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>>;
  }

  evict(): void {
    this.environment.evict(this.speaker);
  }

  fail(what: string, error?: unknown, { times = 1 }: FailOptions = {}): void {
    needWords(what, 'chat.fail()', 'what');
    this.environment.fail(what, error, times);
  }

  async seed(state: string, context: object = {}): Promise<readonly string[]> {
    needWords(state, 'chat.seed()', 'state');
    needContext(context, 'chat.seed()');
    await this.environment.seed(this.speaker, state, context);
    return this.replies;
  }

  async close(): Promise<void> {
    await this.environment.close();
  }

  async #send(
    given: readonly { readonly message: Incoming; readonly id: string; readonly again?: true }[],
  ): Promise<Sent> {
    const user = this.speaker;
    const from = this.#person;
    const messages = given.map((each) =>
      each.again ? each : { ...each, message: fromPerson(each.message, from) },
    );
    for (const { message, id, again } of messages) {
      user.sending(message, id);
      // A transcript has no line for a value that is no message; the runner refuses it.
      if (!isMessageLike(message)) continue;
      this.environment.log.add(
        again
          ? { kind: 'again', ...user.named }
          : { kind: 'message', ...user.named, message: user.offers.unnamed(message) },
      );
    }
    await this.environment.send(user, messages);
    const error = user.turn?.error ?? user.refused;
    return { outcome: user.outcome, replies: user.said, ...(error !== undefined && { error }) };
  }

  /** @throws ConversationError where the dialogue threw: otherwise the test would continue and not see it */
  async #step(caller: Caller, work: () => Promise<unknown>): Promise<readonly string[]> {
    const { errors } = this.environment;
    const before = new Set(errors);
    await work();
    const { refused } = this.speaker;
    const thrown =
      refused ??
      errors.find(
        (error) => !before.has(error) && ColloquyError.is(error) && error.name === 'StepError',
      );
    if (thrown === undefined || (this.#expectsErrors && refused === undefined)) return this.replies;
    throw this.error(caller, { problem: problemOf(thrown), cause: thrown });
  }
}
