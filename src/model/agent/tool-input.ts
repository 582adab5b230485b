import { isKeyed } from '../../internal/closed.ts';
import { findOddity } from '../../internal/plain-data.ts';
import { validate } from '../../dialogue/parsers/schema.ts';
import type { StandardSchema } from '../../dialogue/parsers/schema.ts';
import type { JsonSchema } from '../model.ts';
import { cutText } from '../../internal/cut-text.ts';

/** What became of an input that a model wrote. */
export type CheckedInput =
  | { readonly value: unknown }
  /** In words for the model. */
  | { readonly problem: string };

/** Reads an input by the schema of its tool, or of the output of an agent. */
export function checkInput(schema: StandardSchema | undefined, input: unknown): CheckedInput {
  if (schema === undefined) {
    return isNothing(input) ? { value: undefined } : { problem: 'This tool takes no input.' };
  }
  const result = validate(schema, input);
  if (result.issues === undefined) return { value: result.value };
  const said = result.issues.slice(0, MAX_ISSUES).map(issueText).join('; ');
  return { problem: cutText(`The input is not valid: ${said}`, MAX_PROBLEM_BYTES) };
}

const MAX_ISSUES = 5;
const MAX_PROBLEM_BYTES = 600;
const MAX_DEPTH = 16;

/** What an issue says, and of which part, as Standard Schema has it. */
function issueText(issue: { readonly message: unknown; readonly path?: unknown }): string {
  const path = Array.isArray(issue.path) ? issue.path : [];
  const keys = path.map((part: unknown) => String(isKeyed(part) ? part['key'] : part));
  const said = typeof issue.message === 'string' ? issue.message : 'not as it should be';
  return keys.length === 0 ? said : `${keys.join('.')}: ${said}`;
}

/** Models call a tool without an input in several ways. */
function isNothing(input: unknown): boolean {
  if (input === undefined || input === null || input === '') return true;
  return isKeyed(input) && Object.keys(input).length === 0;
}

/** Whether an input can be kept: JSON without a key that reaches a prototype, and not nested without end. */
export function isStorable(input: unknown): boolean {
  return findOddity(input, { maxDepth: MAX_DEPTH, isJson: true }) === undefined;
}

/** What a tool takes that takes no input. */
const NO_INPUT: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

/** What the model reads about an input; undefined where neither the schema nor the program says it. */
export function parametersOf({
  input,
  parameters,
}: {
  readonly input?: StandardSchema | undefined;
  readonly parameters?: JsonSchema | undefined;
}): JsonSchema | undefined {
  if (parameters !== undefined) return parameters;
  if (input === undefined) return NO_INPUT;
  const { jsonSchema } = input['~standard'] as {
    readonly jsonSchema?: { input?(options: { readonly target: string }): JsonSchema };
  };
  return jsonSchema?.input?.({ target: 'draft-07' });
}
