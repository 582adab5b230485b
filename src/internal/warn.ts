/** The last resort for a fault that nobody listens to: a process warning with a code, never with a payload. */
export function warn(code: string, text: string): void {
  process.emitWarning(text, { type: 'ColloquyWarning', code });
}
