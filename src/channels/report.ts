import { warn } from '../internal/warn.ts';

/** Receives errors where no caller could catch them. */
export type Report = (error: unknown) => void;

/**
 * A report that never throws: to `onError`, or to a process warning of the error's name and code where there is none,
 * or where it fails itself. The warning leaves out the error's text, which may come from a dialogue and hold user data.
 */
export function createReport(onError: Report | undefined): Report {
  if (!onError) return warnOf;
  return (fault) => {
    const failed = (failure: unknown): void => {
      warnOf(fault);
      warnOf(failure);
    };
    try {
      const returned: unknown = onError(fault);
      // An async listener is a mistake that the types cannot see; its rejection must not end the process.
      if (returned instanceof Promise) returned.catch(failed);
    } catch (failure) {
      failed(failure);
    }
  };
}

function warnOf(error: unknown): void {
  const name = error instanceof Error ? error.name : 'a thrown value that is no Error';
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code;
  const known = typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : undefined;
  warn(
    known ?? 'channel_error',
    `A channel reports ${name}${known ? ` '${known}'` : ''}. Pass onError to createWebhook() or toNodeListener() to see the whole error.`,
  );
}
