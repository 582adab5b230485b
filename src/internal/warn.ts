/** The last resort for a fault without a listener: a process warning with a code, never with a payload. */
export function warn(code: string, text: string): void {
  const { process } = globalThis as { readonly process?: Process };
  if (process?.emitWarning) process.emitWarning(text, { type: 'ColloquyWarning', code });
  // eslint-disable-next-line no-console -- a browser has no other place for it
  else console.warn(`ColloquyWarning ${code}: ${text}`);
}

interface Process {
  readonly emitWarning?: (text: string, options: { type: string; code: string }) => void;
}
