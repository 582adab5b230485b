/** The JSON that a model wrote, where it is some. Nothing else is checked: the caller checks the value. */

/** A key that would change the prototype of an object that it is copied into; no model has a reason to write it. */
const UNSAFE_KEY = '__proto__';

/** @returns undefined for a text that is no JSON */
export function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text, withoutUnsafeKey) as unknown };
  } catch {
    return undefined;
  }
}

function withoutUnsafeKey(key: string, value: unknown): unknown {
  return key === UNSAFE_KEY ? undefined : value;
}

/** ```` ```json ```` and ```` ``` ```` around a value, which models write although they are asked for the value alone. */
const FENCED = /^```[a-z]*\s*\n([\s\S]*?)\n?\s*```$/iu;

/** The value that a model answered under a schema; undefined if it is no JSON. */
export function answeredValue(text: string): unknown {
  const trimmed = text.trim();
  const [, inside = trimmed] = FENCED.exec(trimmed) ?? [];
  return parsedJson(inside)?.value;
}

/** The input of a tool call; the text itself if it is no JSON. A tool without an input gets an empty object. */
export function calledInput(written: unknown): unknown {
  if (typeof written !== 'string') return written ?? {};
  if (written.trim() === '') return {};
  const parsed = parsedJson(written);
  return parsed === undefined ? written : parsed.value;
}
