import { UsageError } from '../errors.ts';
import { isKeyed, kindOf } from '../internal/closed.ts';
import type { Model } from './model.ts';

/** @throws UsageError `bad_option` for what is no model */
export function checkModel(owner: string, model: unknown): asserts model is Model {
  if (isKeyed(model) && typeof model['generate'] === 'function') return;
  throw new UsageError(
    'bad_option',
    `${owner} takes a model: an object with \`generate\`, as openAiCompatible() makes one; it got ${kindOf(model)}.`,
  );
}
