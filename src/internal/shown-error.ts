/** Under this key, the `inspect` of Node.js, Bun and Deno finds how an object prints itself. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

type Inspect = (value: unknown, options: object) => string;

/**
 * How an error of ours prints: as Node.js prints errors, but of a cause that is not ours only the class and the places in the
 * code. Its text and fields are those of a dialogue, a service or a driver, and may quote what a user said.
 * @param isOurs whether an error is of this library, and so keeps this rule
 */
export function showError(
  error: Error,
  isOurs: (value: unknown) => boolean,
  options: object,
  inspect: Inspect,
): string {
  const parts = Object.getOwnPropertyDescriptors(error) as PropertyDescriptorMap;
  parts[INSPECT] = { value: undefined };
  if (parts['cause'] !== undefined) {
    const { cause } = error;
    parts['cause'] = {
      value: keepsRule(cause, isOurs) ? cause : { [INSPECT]: () => outlineOf(cause) },
    };
  }
  // A copy that Node.js prints by its own rules.
  const copy: unknown = Object.create(Object.getPrototypeOf(error) as object, parts);
  return inspect(copy, options);
}

/** A hostile object may throw at any look. */
function keepsRule(cause: unknown, isOurs: (value: unknown) => boolean): boolean {
  try {
    return isOurs(cause);
  } catch {
    return false;
  }
}

const READ_IT = '(its text may quote a user: read error.cause)';

/** A frame of V8: `    at name (file:///shop.ts:1:2)`. */
const FRAME = /^ +at .*:\d+:\d+\)?$/u;

function outlineOf(cause: unknown): string {
  try {
    if (!(cause instanceof Error)) return `a value of type ${typeof cause} ${READ_IT}`;
    const { name } = (Object.getPrototypeOf(cause) as Error).constructor;
    return [`${name}: ${READ_IT}`, ...framesOf(cause)].join('\n');
  } catch {
    return `a value ${READ_IT}`;
  }
}

/** The lines of the stack behind the text, which may have lines that look like them. */
function framesOf({ message, stack = '' }: Error): string[] {
  const start = stack.indexOf(message);
  if (start === -1) return [];
  return stack
    .slice(start + message.length)
    .split('\n')
    .filter((line) => FRAME.test(line));
}
