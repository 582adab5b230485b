import { fileURLToPath } from 'node:url';
import { ColloquyError, UsageError } from '../../errors.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { observed } from '../../model/calls.ts';
import { type ModelFailureReason, modelFailed } from '../../model/failure.ts';
import type { Model, ModelPart, ModelRequest, ModelResponse } from '../../model/model.ts';
import { inRealTime } from '../real-work.ts';
import {
  type RecordedCall,
  type RecordedLine,
  appendCall,
  beginFile,
  readFile,
} from './cassette-file.ts';
import {
  type PromptedRequest,
  differingParts,
  hashOf,
  seenOf,
  shownDifference,
  summaryOf,
} from './request-parts.ts';

/** Options of `cassette()`. */
export interface CassetteOptions {
  /**
   * `replay` (the default) answers from the file, and calls nothing. `record` calls the model and writes the file. Where the
   * environment variable `CI` is set, it is always `replay`.
   */
  readonly mode?: 'record' | 'replay' | undefined;
  /** The model to record; needed under `record` alone. */
  readonly model?: Model | undefined;
}

/** A model that was recorded, or is being recorded. */
export interface Cassette extends Model {
  stream(request: ModelRequest): AsyncIterable<ModelPart>;
  /** Whether it calls the model. */
  readonly isRecording: boolean;
  /**
   * Each recorded call was played, and no other one was made. Under `record`, it is always so.
   * @throws ColloquyError `not_played`, `not_recorded`
   */
  assertComplete(): void;
}

const OWNER = 'cassette()';
const KEYS = keyTable('mode model') satisfies KeysOf<CassetteOptions>;

/**
 * A recording of a real model, for tests without a key or a network. Each call is found by what the model sees of it:
 * messages, tools and schema. A call that was not recorded is an error that shows where its prompt differs from the nearest
 * one that was. The same call made twice takes two recorded lines.
 *
 * The file has a line of JSON for each call, with the request and the answer, and with no key and no header. What users say
 * in it is there as it was said.
 * @param file its path, or its address: `new URL('./order.model.jsonl', import.meta.url)`
 * @throws UsageError `bad_option`, `bad_file`
 */
export function cassette(file: string | URL, options: CassetteOptions = {}): Cassette {
  checkOptions(OWNER, options, KEYS);
  const { mode = 'replay', model } = options;
  const path = typeof file === 'string' ? file : fileURLToPath(file);
  if (mode !== 'record' && mode !== 'replay') {
    throw new UsageError('bad_option', "`mode` of cassette() is 'record' or 'replay'.");
  }
  if (mode === 'replay' || isInCi()) return replaying(path);
  if (model !== undefined) return recording(path, model);
  throw new UsageError(
    'bad_option',
    "cassette() needs the `model` that it records, under mode: 'record'.",
  );
}

function isInCi(): boolean {
  // oxlint-disable-next-line node/no-process-env -- a recording must never call a provider there
  const ci = process.env['CI'];
  return ci !== undefined && ci !== '' && ci !== 'false' && ci !== '0';
}

function recording(path: string, model: Model): Cassette {
  let hasBegun = false;
  const write = (call: RecordedCall): void => {
    if (!hasBegun) beginFile(path, model.name);
    hasBegun = true;
    appendCall(path, call);
  };
  const failed = (request: PromptedRequest, error: unknown): void => {
    if (!ColloquyError.is(error, 'model_failed')) return;
    const { reason, status } = error.details;
    write({
      request,
      failure: {
        reason: reason as ModelFailureReason,
        ...(typeof status === 'number' && { status }),
      },
    });
  };
  const recorded = observed({
    name: model.name,
    async generate(asked: ModelRequest): Promise<ModelResponse> {
      // The program may continue with the same list of messages.
      const request = structuredClone(seenOf(asked));
      try {
        const response = await inRealTime(model.generate(asked));
        write({ request, response });
        return response;
      } catch (error) {
        failed(request, error);
        throw error;
      }
    },
    async *stream(asked: ModelRequest): AsyncGenerator<ModelPart, void, undefined> {
      const request = structuredClone(seenOf(asked));
      const parts: string[] = [];
      let end = (): void => {};
      void inRealTime(new Promise<void>((resolve) => (end = resolve)));
      try {
        for await (const part of streamOf(model, asked)) {
          if (part.type === 'text') parts.push(part.text);
          else write({ request, response: part.response, parts });
          yield part;
        }
      } catch (error) {
        failed(request, error);
        throw error;
      } finally {
        end();
      }
    },
  });
  return { ...recorded, isRecording: true, assertComplete() {} };
}

async function* streamOf(model: Model, request: ModelRequest): AsyncIterable<ModelPart> {
  if (model.stream !== undefined) return yield* model.stream(request);
  const response = await model.generate(request);
  yield* asParts(response);
}

function* asParts(response: ModelResponse, parts?: readonly string[]): Generator<ModelPart> {
  const texts = parts ?? (response.text === '' ? [] : [response.text]);
  for (const text of texts) yield { type: 'text', text };
  yield { type: 'end', response };
}

function replaying(path: string): Cassette {
  const { model: name, lines } = readFile(path);
  const left = new Set(lines);
  let missed: ColloquyError | undefined;

  const play = (asked: ModelRequest): RecordedLine => {
    const request = seenOf(asked);
    const hash = hashOf(request);
    const found = [...left].find((each) => each.hash === hash);
    if (found === undefined) {
      const miss = notRecorded(path, lines, request);
      missed ??= miss;
      throw miss;
    }
    left.delete(found);
    return found;
  };
  const answered = ({ response, failure, line }: RecordedLine): ModelResponse => {
    if (response !== undefined) return response;
    if (failure !== undefined) throw modelFailed({ model: name, ...failure });
    throw new UsageError('bad_file', `Line ${line} of the cassette ${path} has no answer.`);
  };

  const model = observed({
    name,
    generate: async (request: ModelRequest) => answered(play(request)),
    async *stream(request: ModelRequest): AsyncGenerator<ModelPart, void, undefined> {
      const line = play(request);
      yield* asParts(answered(line), line.parts);
    },
  });
  return {
    ...model,
    isRecording: false,
    assertComplete() {
      if (missed !== undefined) throw missed;
      if (left.size === 0) return;
      const shown = [...left].map(({ line, request }) => `  line ${line}: ${summaryOf(request)}`);
      throw new ColloquyError(
        'not_played',
        [`${left.size} calls of the cassette ${path} were not made:`, ...shown].join('\n'),
        { details: { lines: [...left].map(({ line }) => line) } },
      );
    },
  };
}

/** It shows what the prompts say, which is data of the test. */
function notRecorded(
  path: string,
  lines: readonly RecordedLine[],
  request: PromptedRequest,
): ColloquyError {
  const [nearest] = lines
    .map((line) => ({ line, differences: differingParts(line.request, request).length }))
    .sort((one, other) => one.differences - other.differences);
  const again = "Record the cassette again, with mode: 'record', where CI is not set.";
  const asked = `The cassette ${path} has no call like this one: ${summaryOf(request)}`;
  if (nearest === undefined) return miss(`${asked}\nIt has no calls at all. ${again}`);
  const { line, request: recorded } = nearest.line;
  if (nearest.differences === 0) {
    const count = lines.filter(({ hash }) => hash === nearest.line.hash).length;
    return miss(
      `The cassette ${path} has this call ${count} times, and it was made once more: ${summaryOf(request)}\n${again}`,
    );
  }
  return miss(
    `${asked}\nThe nearest one is on line ${line}. It differs (- recorded, + now) in\n\n${shownDifference(recorded, request)}\n\n${again}`,
    { line, differs: differingParts(recorded, request) },
  );
}

function miss(text: string, details: Readonly<Record<string, unknown>> = {}): ColloquyError {
  return new ColloquyError('not_recorded', text, { details });
}
