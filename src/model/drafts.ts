import { type DraftEvent, draft } from '../draft.ts';
import { doesStream, generateObserved, streamObserved } from './calls.ts';
import { modelFailed } from './failure.ts';
import type { Model, ModelRequest, ModelResponse } from './model.ts';

/**
 * Makes one answer, and shows its words as drafts while the model makes them: for a service, with the `emit` of
 * `fromPromise`. A model that does not stream is asked by `generate`, and so is one that has to answer with a value of a
 * `schema`, which is not for people to read. An answer that fails half-way fails as a whole.
 * @example
 * const answer = fromPromise<string, { question: string }, DraftEvent>(async ({ input, emit, signal, self }) => {
 *   const messages = [{ role: 'user', text: input.question }] as const;
 *   const { text } = await generateWithDrafts(model, { messages, signal, key: self.id }, emit);
 *   return text;
 * });
 * @param emit takes each draft, which has the whole text so far
 * @throws ColloquyError `model_failed`, as `generate` does
 */
export async function generateWithDrafts(
  model: Model,
  request: ModelRequest,
  emit: (event: DraftEvent) => void,
): Promise<ModelResponse> {
  if (!doesStream(model) || request.schema !== undefined) return generateObserved(model, request);
  let text = '';
  for await (const part of streamObserved(model, request)) {
    if (part.type === 'end') return part.response;
    text += part.text;
    if (text.trim() !== '') emit(draft(text));
  }
  throw modelFailed({
    model: model.name,
    reason: 'bad_answer',
    details: { problem: 'cut_off' },
  });
}
