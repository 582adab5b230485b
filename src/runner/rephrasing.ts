import type { Clock } from '../clock.ts';
import { entriesOf } from '../dialogue/text/history-turns.ts';
import type { RephraseAbout, Rephraser } from '../dialogue/text/rephraser.ts';
import type { Effect } from '../dialogue/engine/effect.ts';
import type { Step } from '../dialogue/engine/engine.ts';
import { ColloquyError, UsageError } from '../errors.ts';
import { withDeadline } from '../internal/async.ts';
import type { Data } from '../internal/plain-data.ts';
import { freezeCopy } from '../internal/frozen-copy.ts';
import { type MaybePromise, isThenable } from '../internal/maybe.ts';
import { type Message, textOf } from '../message.ts';
import type { Reply } from '../reply.ts';
import type { Habit, Holder, Holders } from '../context/holders.ts';
import type { ConversationRecord } from '../context/record/record.ts';
import type { Reporter } from './reporting/reporter.ts';
import type { TurnTrace } from './reporting/trace.ts';

/** What is shown instead of a text, by the text. */
export type Shown = ReadonlyMap<string, string>;

/** The turn whose replies are to be said in other words. */
interface Rephrasable {
  readonly openid: string;
  /** Kept here, for the turn may run again. */
  shown?: Shown;
  readonly trace: Pick<TurnTrace, 'enter'> | undefined;
}

interface Place {
  readonly record: ConversationRecord | undefined;
  readonly message?: Message;
  /** Epoch ms from which the time limit counts. */
  readonly since: number;
}

interface RephrasingPorts {
  readonly clock: Clock;
  readonly rephraseMs: number;
  readonly reporter: Pick<Reporter, 'error'>;
  readonly holders: Holders;
}

/** The maximum length of other words, in UTF-16 code units. */
const MAX_TEXT = 20_000;
const NONE_SHOWN: Shown = new Map();

/**
 * Has the replies of a turn said in other words before they are committed, so that what the user reads is what the record holds: a
 * redelivery and the history have the same words, and no user reads two versions. If the rephraser fails or is late, that is
 * reported and the plain texts are said.
 */
export class Rephrasing {
  readonly #rephrase: Rephraser;
  readonly #ports: RephrasingPorts;
  readonly #habit: Habit = {};
  /** Functions that end those under way. */
  readonly #waiting = new Set<() => void>();
  #isStopped = false;

  /** @throws UsageError `bad_option` for what is no function */
  constructor(rephrase: unknown, ports: RephrasingPorts) {
    if (typeof rephrase !== 'function') {
      throw new UsageError('bad_option', '`rephrase` is a function of texts.');
    }
    this.#rephrase = rephrase as Rephraser;
    this.#ports = ports;
  }

  /** The step as it is shown; a promise where that is not known yet: then the turn runs again. Never throws. */
  of(turn: Rephrasable, step: Step, place: Place): Step | Promise<void> {
    const texts = [...new Set(step.effects.flatMap(textsOf))];
    if (texts.length === 0) return step;
    if (turn.shown === undefined) {
      turn.trace?.enter('rephrase');
      const answer = this.#ask(turn, texts, { step, place });
      if (answer instanceof Promise) return answer;
      turn.trace?.enter('step');
    }
    return shownIn(step, turn.shown ?? NONE_SHOWN);
  }

  /** Ends those under way. Later ones are not waited for. */
  stop(): void {
    this.#isStopped = true;
    for (const end of this.#waiting) end();
  }

  #ask(
    turn: Rephrasable,
    texts: readonly string[],
    { step, place }: { readonly step: Step; readonly place: Place },
  ): MaybePromise<void> {
    const { clock, rephraseMs, holders } = this.#ports;
    const at = place.since + rephraseMs;
    turn.shown = NONE_SHOWN;
    if (this.#isStopped || at <= clock.now()) return this.#failed(turn, 'timeout');
    const controller = new AbortController();
    const about: RephraseAbout = {
      openid: turn.openid,
      signal: controller.signal,
      context: freezeCopy(step.next.context as Data, Number.POSITIVE_INFINITY).data,
      history: entriesOf(place.record?.history ?? []),
      message: place.message && textOf(place.message),
    };
    let answer: unknown;
    let holder: Holder | undefined;
    try {
      const held = { openid: turn.openid, kind: 'rephraser', habit: this.#habit } as const;
      const work = (): unknown => this.#rephrase(texts, about);
      answer = holders.hold(held, work, (begun) => {
        holder = begun;
      });
    } catch (cause) {
      return this.#failed(turn, 'threw', cause);
    }
    if (!isThenable(answer)) return this.#note(turn, texts, answer);
    return this.#await(turn, texts, { answer, at, controller }).finally(() => holder?.end());
  }

  async #await(
    turn: Rephrasable,
    texts: readonly string[],
    asked: {
      readonly answer: PromiseLike<unknown>;
      readonly at: number;
      readonly controller: AbortController;
    },
  ): Promise<void> {
    const { controller, at } = asked;
    let end = (): void => {};
    const stopped = new Promise<typeof LATE>((resolve) => {
      end = () => resolve(LATE);
    });
    this.#waiting.add(end);
    try {
      const work = Promise.race([Promise.resolve(asked.answer), stopped]);
      const { clock } = this.#ports;
      const answer = await withDeadline<unknown>(work, { clock, at, onPass: () => LATE });
      if (answer !== LATE) return this.#note(turn, texts, answer);
      controller.abort();
      this.#failed(turn, 'timeout');
    } catch (cause) {
      this.#failed(turn, 'threw', cause);
    } finally {
      this.#waiting.delete(end);
    }
  }

  #note(turn: Rephrasable, texts: readonly string[], answer: unknown): void {
    if (!isAnswer(answer, texts)) return this.#failed(turn, 'bad_answer');
    turn.shown = new Map(texts.map((text, index) => [text, answer[index] ?? text]));
  }

  #failed({ openid }: Rephrasable, reason: string, cause?: unknown): void {
    const error = new ColloquyError(
      'rephrase_failed',
      'The rephraser threw, was late, or did not give as many texts; `details.reason` says which, and the cause more. The plain replies were said.',
      { openid, cause, retryable: reason === 'timeout', details: { reason } },
    );
    this.#ports.reporter.error(error, openid);
  }
}

const LATE: unique symbol = Symbol('late');

/** The words of a reply that may be said in others: not those on buttons, by which users answer. */
function textsOf(effect: Effect): readonly string[] {
  if (effect.type !== 'reply') return [];
  const { reply } = effect;
  const isWorded = reply.type === 'text' || reply.type === 'choices';
  return isWorded && reply.text.trim() !== '' ? [reply.text] : [];
}

function shownIn(step: Step, shown: Shown): Step {
  const effects = step.effects.map((effect): Effect => {
    const [text = ''] = textsOf(effect);
    const instead = shown.get(text);
    if (effect.type !== 'reply' || instead === undefined || instead === text) return effect;
    return { ...effect, reply: Object.freeze({ ...effect.reply, text: instead }) as Reply };
  });
  return { ...step, effects };
}

function isAnswer(answer: unknown, texts: readonly string[]): answer is readonly string[] {
  const isText = (said: unknown, text: string | undefined): boolean =>
    said === text || (typeof said === 'string' && said.trim() !== '' && said.length <= MAX_TEXT);
  return (
    Array.isArray(answer) &&
    answer.length === texts.length &&
    answer.every((said: unknown, index) => isText(said, texts[index]))
  );
}
