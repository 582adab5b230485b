import type { AnyStateMachine } from 'xstate';
import type { Clock } from '../../clock.ts';
import { intentsOf } from '../../dialogue/engine/intents.ts';
import { copyDialogue, machinesOf } from '../../dialogue/engine/machine-walk.ts';
import type {
  IntentRecognizer,
  RecognizeAbout,
  Recognizer,
} from '../../dialogue/text/recognizers.ts';
import { UsageError } from '../../errors.ts';
import { sleep } from '../../internal/async.ts';
import { isThenable } from '../../internal/maybe.ts';
import type { Message } from '../../message.ts';
import type { RunnerOptions } from '../../runner/options.ts';
import type { CallLog } from './call-log.ts';

/** The process in which messages are recognised. */
export interface RecognizerPlace {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  awaiting<T>(work: Promise<T>): Promise<T>;
}

type Recognizers = Pick<RunnerOptions, 'recognizers' | 'recognize'>;

type Ask = (message: Message, about: RecognizeAbout) => unknown;

/** A dialogue, and the recognizers of the options of its runner, which a panel stands before. */
interface Provided extends Recognizers {
  readonly dialogue: AnyStateMachine;
}

/**
 * Stands before the recognizers of a dialogue: makes one late, and answers with what is known from a time that was taken
 * back in place of a model. What answers at once is asked each time.
 */
export class RecognizerPanel {
  readonly #calls: CallLog;
  #hasAny = false;
  /** How late the next recognition is. */
  #lateMs: number | undefined;
  /** All recognizers are asked about a message at the same time: all of them are late, or none. */
  readonly #late = new WeakMap<Message, number>();

  constructor(calls: CallLog) {
    this.#calls = calls;
  }

  /** @throws UsageError `bad_request` if the dialogue recognises nothing; `bad_duration` */
  delay(lateMs: number): void {
    if (!this.#hasAny) {
      throw new UsageError('bad_request', 'The dialogue has no recognizer that could be late.');
    }
    if (!(Number.isFinite(lateMs) && lateMs >= 0)) {
      throw new UsageError('bad_duration', '`lateMs` is a number of milliseconds, at least 0.');
    }
    this.#lateMs = lateMs;
  }

  /** The same dialogue and options, with recognizers that ask this panel: those of the dialogue, of its forms, of the runner. */
  provide(
    dialogue: AnyStateMachine,
    { recognizers = {}, recognize }: Recognizers,
    place: () => RecognizerPlace,
  ): Provided {
    const named = [
      ...new Map([...intentsOf(machinesOf(dialogue)).named, ...Object.entries(recognizers)]),
    ].flatMap(([intent, ask]) => (ask === undefined ? [] : [[intent, ask] as const]));
    const wrapped = named.map(([intent, ask]) => {
      const asked = (message: Message, about: RecognizeAbout): unknown =>
        this.#ask(`intent ${intent}`, ask, { message, about, place: place() });
      return [intent, Object.assign(asked, ask) as IntentRecognizer] as const;
    });
    // The runner asks a recognizer once that both a dialogue and its form have.
    const others = new Map<Recognizer, Recognizer>();
    const recognizerFor = (ask: Recognizer): Recognizer => {
      const name = `recognizer ${others.size + 1}`;
      const asked: Recognizer = (message, about) =>
        this.#ask(name, ask, { message, about, place: place() }) as never;
      const known = others.get(ask) ?? asked;
      others.set(ask, known);
      return known;
    };
    const provided = {
      dialogue: copyDialogue(dialogue, { recognizerFor }),
      recognizers: Object.fromEntries(wrapped),
      ...(recognize !== undefined && { recognize: recognizerFor(recognize) }),
    };
    this.#hasAny = named.length + others.size > 0;
    return provided;
  }

  #ask(name: string, ask: Ask, at: AskedAt): unknown {
    const { message, about, place } = at;
    const lateMs = this.#lateOf(message);
    const act = (): unknown => this.#known(name, ask, at);
    if (lateMs === undefined) return act();
    return sleep(place.clock, lateMs, AbortSignal.any([place.signal, about.signal])).then(act);
  }

  #known(name: string, ask: Ask, { message, about, place }: AskedAt): unknown {
    const { receivedAt: _receivedAt, ...input } = message;
    const { openid } = about;
    const call = { kind: 'recognizer', name, input, token: undefined, openid } as const;
    const known = this.#calls.take(call);
    const logged = known && this.#calls.begin(call, place.clock.now(), undefined);
    if (known !== undefined && logged !== undefined) {
      this.#calls.end(logged, known.how, place.clock.now());
      if ('error' in known.how) throw known.how.error as Error;
      return known.how.output;
    }
    const answer = ask(message, about);
    if (!isThenable(answer)) return answer;
    const begun = this.#calls.begin(call, place.clock.now(), undefined);
    const end = (how: { readonly output: unknown } | { readonly error: unknown }): void => {
      if (!place.signal.aborted) this.#calls.end(begun, how, place.clock.now());
    };
    return place.awaiting(
      Promise.resolve(answer).then(
        (output: unknown) => {
          end({ output });
          return output;
        },
        (error: unknown) => {
          end({ error });
          throw error as Error;
        },
      ),
    );
  }

  #lateOf(message: Message): number | undefined {
    const lateMs = this.#late.get(message) ?? this.#lateMs;
    this.#lateMs = undefined;
    if (lateMs !== undefined) this.#late.set(message, lateMs);
    return lateMs;
  }
}

interface AskedAt {
  readonly message: Message;
  readonly about: RecognizeAbout;
  readonly place: RecognizerPlace;
}
