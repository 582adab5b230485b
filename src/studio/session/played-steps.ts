import type { AnyStateMachine } from 'xstate';
import { converse } from '../../testing/converse.ts';
import { environmentOf } from '../../testing/environment-of.ts';
import type { Chat } from '../../testing/converse-chat.ts';
import type { ConverseOptions } from '../../testing/converse-options.ts';
import type { Message } from '../../message.ts';
import type { Incoming, OutsideEvent } from '../../runner/calls.ts';
import type { Transcript, TranscriptLine } from '../../testing/transcript.ts';
import { codeOf, stringCode } from './code-text.ts';

/** The lines of a test in which a conversation is had again. */
export interface PlayedSteps {
  /** Statements, each on one line or several, without an indent. */
  readonly code: readonly string[];
  /** What was said and happened, for a look at whether it is the same. */
  readonly transcript: string;
}

/**
 * Has a conversation once more, and writes each step down as a test has it, with what came of it then: such a test passes
 * as long as the dialogue stays as it is.
 */
export async function playSteps(
  dialogue: AnyStateMachine,
  lines: Transcript,
  options: ConverseOptions<AnyStateMachine>,
): Promise<PlayedSteps> {
  const steps = new TestSteps(converse(dialogue, options) as unknown as Chat);
  for (const line of lines) await steps.take(line);
  return steps.end();
}

class TestSteps {
  readonly #chat: Chat;
  readonly #code: string[] = [];
  readonly #names = new Map<string, string>();

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#names.set(chat.openid, 'chat');
  }

  async take(line: TranscriptLine): Promise<void> {
    switch (line.kind) {
      case 'message':
        return this.#say(line.user ?? this.#chat.openid, line.message);
      case 'event':
        return this.#report(line.user ?? this.#chat.openid, line.event);
      case 'again':
        return this.#again(line.user ?? this.#chat.openid);
      case 'time':
        return this.#advance(line.ms);
      case 'crash':
        await this.#chat.crash();
        this.#code.push('await chat.crash();');
        return;
      case 'comment':
        this.#code.push(`// ${line.text}`);
        return;
      // What a conversation says is looked at when it is had again.
      case 'moment':
      case 'reply':
      case 'state':
      case 'happening':
      case 'service':
      case 'deadline':
      case 'blank':
    }
  }

  async end(): Promise<PlayedSteps> {
    const { transcript } = this.#chat;
    await this.#chat.close().catch(() => {});
    return { code: this.#code, transcript };
  }

  async #say(openid: string, said: Incoming): Promise<void> {
    const user = this.#chat.user(openid);
    const { offers } = environmentOf(this.#chat).user(openid);
    const name = this.#nameOf(openid);
    const message = offers.pressed(said);
    const isPress = typeof message === 'object' && message.type === 'message.action';
    const value = isPress ? (message as { readonly value: string }).value : '';
    const isOfLast = isPress && offers.last?.options.some((option) => option.value === value);
    const { outcome } = await user.send(message as Message | string);
    const isRefused = outcome === 'failed' || outcome === undefined;
    const call = isOfLast && !isRefused ? `choose(${stringCode(value)})` : undefined;
    const verb = isRefused ? 'send' : 'say';
    this.#code.push(`await ${name}.${call ?? `${verb}(${codeOf(bare(message)) ?? "''"})`};`);
    this.#expect(user, name);
  }

  async #report(openid: string, event: OutsideEvent): Promise<void> {
    const user = this.#chat.user(openid);
    const name = this.#nameOf(openid);
    const failed = await failureIn(() => user.event(event as never));
    this.#code.push(`await ${name}.event(${codeOf(bare(event)) ?? '{}'})${failed};`);
    this.#expect(user, name);
  }

  async #again(openid: string): Promise<void> {
    const user = this.#chat.user(openid);
    const name = this.#nameOf(openid);
    await user.redeliver();
    this.#code.push(`await ${name}.redeliver();`);
    this.#expect(user, name);
  }

  async #advance(ms: number): Promise<void> {
    const failed = await failureIn(() => this.#chat.advance(ms));
    this.#code.push(`await chat.advance(${durationCode(ms)})${failed};`);
    for (const [openid, name] of this.#names) {
      const user = this.#chat.user(openid);
      if (user.replies.length > 0) this.#code.push(`${name}.expectReplies(${repliesCode(user)});`);
      if (user.expired) this.#code.push(`${name}.expectExpired();`);
    }
  }

  #expect(user: Chat, name: string): void {
    const { outcome, replies } = user;
    const said = replies.length === 0 ? 'expectSilence()' : `expectReplies(${repliesCode(user)})`;
    const isNews = outcome !== undefined && !USUAL.has(outcome);
    const how = isNews ? `.expectOutcome(${stringCode(outcome)})` : '';
    this.#code.push(`${name}.${said}${how};`);
  }

  /** The name of a user in the test, which is made when they first come up. */
  #nameOf(openid: string): string {
    const known = this.#names.get(openid);
    if (known !== undefined) return known;
    const word = openid.replaceAll(/\W+/gu, '_').replace(/^(?=\d|$)/u, 'user');
    let name = word;
    const taken = new Set([...this.#names.values(), ...RESERVED]);
    for (let count = 2; taken.has(name); count += 1) name = `${word}${count}`;
    this.#names.set(openid, name);
    this.#code.push(`const ${name} = chat.user(${stringCode(openid)});`);
    return name;
  }
}

/** Outcomes that what is said shows anyway. */
const USUAL: ReadonlySet<string> = new Set(['replied', 'silent']);

/** Names that a test has already. */
const RESERVED =
  'config converse dialogue fails hangs inTurn takes test await break case catch class const continue default delete do else enum export extends false finally for function if import in new null return super switch this throw true try typeof var void while with yield let static'.split(
    ' ',
  );

function repliesCode({ replies }: Chat): string {
  const codes = replies.map(stringCode);
  const line = codes.join(', ');
  return line.length <= 70 ? line : `\n  ${codes.join(',\n  ')},\n`;
}

/** What a step is written with that throws, as a dialogue does that fails. */
async function failureIn(step: () => Promise<unknown>): Promise<string> {
  try {
    await step();
    return '';
  } catch {
    return '.catch(() => {})';
  }
}

/** A message without what a program adds to it. */
function bare(message: Incoming): unknown {
  if (typeof message === 'string') return message;
  const { raw: _raw, receivedAt: _receivedAt, ...own } = message as Record<string, unknown>;
  const { type, text, ...rest } = own;
  return type === 'message.text' && Object.keys(rest).length === 0 ? text : own;
}

const PARTS = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1000],
] as const;

/** A time as people write it, where it is a whole number of something. */
function durationCode(ms: number): string {
  const part = PARTS.find(([, size]) => ms > 0 && ms % size === 0);
  return part === undefined ? String(ms) : `{ ${part[0]}: ${ms / part[1]} }`;
}
