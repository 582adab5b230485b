import { createHmac } from 'node:crypto';

/** A caller of the JSON webhook: the address of a node, and the secret with which both sign. */
export interface Caller {
  readonly url: string;
  readonly secret: string;
}

/** What a user says, under an id: sent twice, it counts once. */
export interface Sent {
  readonly user: string;
  readonly id: string;
  readonly text: string;
}

interface Said {
  readonly type: string;
  readonly text?: string;
}

/**
 * Signs and sends a user's message, and returns the bot's replies.
 * @param now epoch milliseconds, by the clock of the bot
 */
export async function call(
  { url, secret }: Caller,
  message: Sent,
  now: number = Date.now(),
): Promise<readonly string[]> {
  const body = JSON.stringify(message);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-colloquy-signature': sign(secret, body, now),
    },
    body,
  });
  if (response.status !== 200) throw new Error(`The bot answered ${response.status}.`);
  const { replies } = (await response.json()) as { readonly replies: readonly Said[] };
  return replies.map(textOf);
}

export const textOf = ({ type, text }: Said): string => text ?? `[${type}]`;

export function sign(secret: string, body: string, now: number): string {
  const t = Math.floor(now / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  return `t=${t},v1=${v1}`;
}
