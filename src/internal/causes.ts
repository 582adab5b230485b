/** The maximum number of causes to show for one error. */
const MAX_CAUSES = 5;

/**
 * What an error says, and what its causes say, each on one line and without a stack. It may hold what a user wrote: show it
 * to a developer only.
 */
export function withCauses(error: unknown): string {
  const lines: string[] = [];
  let cause = error;
  while (cause !== undefined && cause !== null && lines.length <= MAX_CAUSES) {
    const text = messageOf(cause);
    lines.push(lines.length === 0 ? text : `  cause: ${text}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines.join('\n');
}

/** On one line. XState tells on a second line what a guard threw. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [first = '', second = ''] = text.split('\n').map((line) => line.trim());
  const whole = first.endsWith(':') && second !== '' ? `${first} ${second}` : first;
  return whole || 'an error without words';
}
