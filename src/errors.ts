/**
 * Every error this library throws on purpose.
 *
 * A subclass exists only where a catcher acts differently; everything finer is a `code`. Messages say what was
 * expected, what came and what to do, and never hold a message's text, a context's values or a secret.
 */

const BRAND: symbol = Symbol.for('colloquy.error');

export interface ErrorOptions {
  /** Whether the same call may succeed when it is made again, unchanged. */
  readonly retryable?: boolean;
  /** The user it happened to. */
  readonly openid?: string | undefined;
  /** Facts for a log: names, sizes, limits. Never a payload. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The base of all errors of this library; `code` is stable, the text is not. */
export class ColloquyError extends Error {
  override readonly name: string = 'ColloquyError';
  readonly code: string;
  readonly retryable: boolean;
  readonly openid: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.openid = options.openid;
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Whether `error` is one of ours, and of that code where one is given. It goes by a brand, so it also holds for an
   * error that another copy of the package threw (ESM beside CommonJS, two versions), where `instanceof` does not.
   */
  static is(error: unknown, code?: string): error is ColloquyError {
    return (
      typeof error === 'object' &&
      error !== null &&
      BRAND in error &&
      (code === undefined || (error as { code?: unknown }).code === code)
    );
  }
}

/** The program is wrong: a dialogue, an option or a call. Thrown where it is defined, started or called. */
export class UsageError extends ColloquyError {
  override readonly name: string = 'UsageError';
}

/** A message was refused at the door: nothing was read, nothing is stored. */
export class MessageError extends ColloquyError {
  override readonly name: string = 'MessageError';
}

/** The dialogue threw, or asked for what cannot be kept. The turn changed nothing. */
export class StepError extends ColloquyError {
  override readonly name: string = 'StepError';
}

/** A record could not be read or written. */
export class PersistError extends ColloquyError {
  override readonly name: string = 'PersistError';
}

/** The record has moved on since it was read. Nothing was written; read it again. */
export class ConflictError extends PersistError {
  override readonly name: string = 'ConflictError';

  constructor(openid: string, details: Readonly<Record<string, unknown>> = {}) {
    super(
      'conflict',
      'The record was changed or deleted since it was opened, so nothing was saved. Open it again and repeat the change, or make the change with store.update().',
      { retryable: true, openid, details },
    );
  }
}

/** A committed reply could not be handed over. */
export class DeliveryError extends ColloquyError {
  override readonly name: string = 'DeliveryError';
}
