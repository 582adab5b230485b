import { type Clock, type Duration, toMilliseconds } from '../../clock.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import { sleep } from '../../internal/async.ts';
import { type KeysOf, checkOptions, isKeyed, keyTable } from '../../internal/closed.ts';
import { observed } from '../../model/calls.ts';
import { type ModelFailureReason, modelFailed } from '../../model/failure.ts';
import type {
  Model,
  ModelPart,
  ModelRequest,
  ModelResponse,
  ModelUsage,
} from '../../model/model.ts';
import { answeredValue } from '../../model/parsed.ts';
import { seenOf, summaryOf } from './request-parts.ts';

/** A call of a tool that a scripted model makes. */
export interface ScriptedCall {
  /** The tool, which may be one that does not exist. */
  readonly name: string;
  /** Its input. Default: an empty object. */
  readonly input?: unknown;
  /** Default: made up. */
  readonly id?: string;
}

/** A pause between the parts of a stream. */
export interface ScriptedPause {
  /** How long, on the clock among the options. */
  readonly takes: number | Duration;
}

/** One answer of a scripted model, in its parts. */
export interface ScriptedResponse {
  /** Its words; under a schema, the JSON that the model writes, or tries to. */
  readonly text?: string;
  /** Its words as a stream gives them, with pauses between them. Default: word by word. */
  readonly parts?: readonly (string | ScriptedPause)[];
  /** The tools that it calls. */
  readonly calls?: readonly ScriptedCall[];
  /** The value that it answers with, right or wrong. */
  readonly value?: unknown;
  /** Default: `calls` if it calls tools, otherwise `stop`. */
  readonly finish?: ModelResponse['finish'];
  /** What it cost. Default: unknown. */
  readonly usage?: ModelUsage;
}

/**
 * What a scripted model does at one request: it answers with a text or with a `ScriptedResponse`, `fails`, `refuses` with
 * a text, is `cutOff` behind a text, or `takes` its time before it gives one of these as its `answer`. A function decides by the request.
 */
export type ScriptedAnswer =
  | string
  | ScriptedResponse
  | {
      /** The reason of the error `model_failed`. */
      readonly fails: ModelFailureReason;
    }
  | {
      /** The words with which it refuses. */
      readonly refuses: string;
    }
  | {
      /** What comes of the text before the connection breaks. */
      readonly cutOff: string;
    }
  | {
      /** How long it takes, on the clock among the options. */
      readonly takes: number | Duration;
      /** What it does then. */
      readonly answer: ScriptedAnswer;
    }
  | ((request: ModelRequest) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** Options of `scripted()`. */
export interface ScriptedOptions {
  /** The name of the model. Default `scripted`. */
  readonly name?: string;
  /** The clock of the test, for answers that take time: the one that `converse()` gets. */
  readonly clock?: Clock;
}

/** A model that follows a script, and keeps what it was asked. */
export interface ScriptedModel extends Model {
  stream(request: ModelRequest): AsyncIterable<ModelPart>;
  /** The requests so far, the first one first. */
  readonly requests: readonly ModelRequest[];
  /**
   * Nothing of the script is left, and no request went beyond it.
   * @throws ColloquyError `not_played`, `off_script`
   */
  assertComplete(): void;
}

const OPTIONS = { name: null, clock: null } satisfies KeysOf<ScriptedOptions>;
const OWNER = 'scripted()';

/** The keys of an answer, by the one that decides what it is. */
const ANSWER_KEYS = {
  fails: keyTable('fails'),
  refuses: keyTable('refuses'),
  cutOff: keyTable('cutOff'),
  takes: keyTable('takes answer'),
} as const;
const RESPONSE_KEYS = keyTable(
  'text parts calls value finish usage',
) satisfies KeysOf<ScriptedResponse>;

/**
 * A model for tests: it answers one request after the other as its script says, without a key or a network. A request
 * beyond the script fails with an error that shows the request.
 * @example
 * const model = scripted(['Hello.', { calls: [{ name: 'price_of', input: { item: 'pear' } }] }]);
 * const { text } = await model.generate({ messages: [{ role: 'user', text: 'Hi' }] });
 * console.log(text, model.requests.length); // → Hello. 1
 * @throws UsageError `bad_option`
 */
export function scripted(
  script: readonly ScriptedAnswer[],
  options: ScriptedOptions = {},
): ScriptedModel {
  checkOptions(OWNER, options, OPTIONS);
  if (!Array.isArray(script)) {
    throw new UsageError('bad_option', 'scripted() takes a list of answers, one for each request.');
  }
  for (const answer of script) checkAnswer(answer, options);
  const { name = 'scripted' } = options;
  const requests: ModelRequest[] = [];
  let surplus: ColloquyError | undefined;

  /** What the model does at a request, in the order in which requests come. */
  const next = async (request: ModelRequest): Promise<Turn> => {
    request.signal?.throwIfAborted();
    const number = requests.length;
    const answer = script[number] as ScriptedAnswer | undefined;
    if (answer === undefined) throw (surplus ??= offScript(script.length, request));
    // The program may continue with the same list of messages.
    requests.push({ ...request, messages: [...request.messages] });
    return { answer: await decided(answer, { request, options }), request, number, name, options };
  };

  const model = observed({
    name,
    async generate(request: ModelRequest): Promise<ModelResponse> {
      const turn = await next(request);
      for (const part of partsIn(turn)) await pauseFor(part, turn);
      return responseIn(turn);
    },
    async *stream(request: ModelRequest): AsyncGenerator<ModelPart, void, undefined> {
      const turn = await next(request);
      for (const part of partsIn(turn)) {
        if (typeof part === 'string') yield { type: 'text', text: part };
        else await pauseFor(part, turn);
      }
      yield { type: 'end', response: responseIn(turn) };
    },
  });
  return {
    ...model,
    requests,
    assertComplete() {
      if (surplus !== undefined) throw surplus;
      const left = script.length - requests.length;
      if (left === 0) return;
      throw new ColloquyError(
        'not_played',
        `The script of the model '${name}' has ${script.length} answers, and ${requests.length} requests came: ${left} answers were not asked for.`,
      );
    },
  };
}

/** An answer at which no function and no time is left. */
type Settled = Exclude<
  ScriptedAnswer,
  string | ((request: ModelRequest) => unknown) | { takes: unknown }
>;

interface Turn {
  readonly answer: Settled;
  readonly request: ModelRequest;
  /** From 0. */
  readonly number: number;
  readonly name: string;
  readonly options: ScriptedOptions;
}

async function decided(
  answer: ScriptedAnswer,
  asked: Pick<Turn, 'request' | 'options'>,
): Promise<Settled> {
  if (typeof answer === 'string') return { text: answer };
  if (typeof answer === 'function') {
    const given = await answer(asked.request);
    checkAnswer(given, asked.options);
    return decided(given, asked);
  }
  if (!('takes' in answer)) return answer;
  await pauseFor(answer, asked);
  return decided(answer.answer, asked);
}

async function pauseFor(
  part: string | ScriptedPause,
  { options: { clock }, request: { signal } }: Pick<Turn, 'request' | 'options'>,
): Promise<void> {
  if (typeof part === 'string' || clock === undefined) return;
  await sleep(clock, toMilliseconds(part.takes), signal);
}

function partsIn({ answer }: Turn): NonNullable<ScriptedResponse['parts']> {
  if ('fails' in answer) return [];
  if ('parts' in answer && answer.parts !== undefined) return answer.parts;
  return textIn(answer).match(/\S+\s*|\s+/gu) ?? [];
}

function textIn(answer: Exclude<Settled, { fails: unknown }>): string {
  if ('refuses' in answer) return answer.refuses;
  if ('cutOff' in answer) return answer.cutOff;
  const { text, parts, value } = answer;
  if (text !== undefined) return text;
  if (parts !== undefined) return parts.filter((each) => typeof each === 'string').join('');
  return value === undefined ? '' : JSON.stringify(value);
}

function responseIn({ answer, request, number, name }: Turn): ModelResponse {
  if ('fails' in answer) throw modelFailed({ model: name, reason: answer.fails });
  const text = textIn(answer);
  if ('refuses' in answer) return { text, calls: [], finish: 'refusal' };
  if ('cutOff' in answer) {
    const details = { problem: 'cut_off' };
    throw modelFailed({ model: name, reason: 'bad_answer', details });
  }
  const calls = (answer.calls ?? []).map((call, index) => ({
    id: call.id ?? `call_${number + 1}_${index + 1}`,
    name: call.name,
    input: call.input ?? {},
  }));
  return {
    text,
    calls,
    ...(request.schema !== undefined && { value: answer.value ?? answeredValue(text) }),
    finish: answer.finish ?? (calls.length > 0 ? 'calls' : 'stop'),
    ...(answer.usage !== undefined && { usage: answer.usage }),
  };
}

function checkAnswer(answer: unknown, options: ScriptedOptions): void {
  if (typeof answer === 'string' || typeof answer === 'function') return;
  if (!isKeyed(answer)) {
    throw new UsageError(
      'bad_option',
      'An answer of scripted() is a text, an object such as { calls: [{ name, input }] } or { fails: "timeout" }, or a function of the request.',
    );
  }
  const [, keys] = Object.entries(ANSWER_KEYS).find(([key]) => key in answer) ?? [];
  checkOptions(`An answer of ${OWNER}`, answer, keys ?? RESPONSE_KEYS);
  const parts = (answer as ScriptedResponse).parts ?? [];
  const takesTime = 'takes' in answer || parts.some((each) => typeof each !== 'string');
  if (takesTime && options.clock === undefined) {
    throw new UsageError(
      'bad_option',
      'An answer of scripted() that takes time needs the clock of the test: scripted(script, { clock }), and converse(dialogue, { clock }).',
    );
  }
  if ('takes' in answer) {
    toMilliseconds(answer['takes'] as Duration);
    checkAnswer(answer['answer'], options);
  }
}

/** It shows the request, which is data of the test. */
function offScript(answers: number, request: ModelRequest): ColloquyError {
  return new ColloquyError(
    'off_script',
    `The script has ${answers} answers, and another request came: ${summaryOf(seenOf(request))}`,
  );
}
