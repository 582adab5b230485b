/** The last resort for a fault without a listener: a process warning with a code, never with a payload. */
export function warn(code: string, text: string): void {
  process.emitWarning(text, { type: 'ColloquyWarning', code });
}
