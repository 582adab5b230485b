import type { Hello, TurnEntry } from '../../wire.ts';

/** A turn, its state and its context as text: to paste into a question to another person. */
export function explainTurn(entry: TurnEntry, hello: Hello | undefined): string {
  const { turn, openid, at, cause, label, outcome, replies, error, way, before, after } = entry;
  const { id = '?', version = '?' } = hello?.dialogue ?? {};
  const lines = [
    `Dialogue ${id}, version ${version}. Turn ${turn} of ${openid}, ${new Date(at).toISOString()}.`,
    `${cause}: ${label}`,
    `outcome: ${outcome}`,
    ...(error === undefined ? [] : [`error: ${error.code}: ${error.text}`]),
    `state before: ${before?.state ?? 'none'}`,
    `state after: ${after?.state ?? 'none'}`,
    '',
    'Transitions that were looked at:',
    ...way.map(({ from, event, isTaken, guard }) => {
      const verdict =
        guard === undefined ? '' : ` [${guard.name}: ${guard.holds ? 'holds' : 'does not hold'}]`;
      return `- ${from} on ${event}${verdict}: ${isTaken ? 'taken' : 'not taken'}`;
    }),
    ...(way.length === 0 ? ['- none'] : []),
    '',
    'Replies:',
    ...replies.map((reply) => `- ${'text' in reply ? reply.text : JSON.stringify(reply)}`),
    ...(replies.length === 0 ? ['- none'] : []),
    '',
    'Timers:',
    ...(after?.timers ?? []).map(
      ({ name, dueAt }) => `- ${name}, ${new Date(dueAt).toISOString()}`,
    ),
    ...((after?.timers ?? []).length === 0 ? ['- none'] : []),
    '',
    'Context before:',
    JSON.stringify(before?.context ?? null, null, 2),
    'Context after:',
    JSON.stringify(after?.context ?? null, null, 2),
  ];
  return `${lines.join('\n')}\n`;
}
