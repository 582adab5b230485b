import { type PromiseActorLogic, fromPromise } from 'xstate';
import { type Standup, textOf } from './standup.ts';

/** In the terminal, a stand-up is printed. `server.ts` puts `postToSlack` in its place. */
export const post: PromiseActorLogic<void, Standup> = fromPromise<void, Standup>(
  async ({ input }) => console.log(`posted:\n${textOf(input)}`),
);

export interface Place {
  /** The address of Slack's Web API. */
  readonly baseUrl: string;
  readonly token: string;
  readonly channel: string;
}

/** Posts a stand-up in a channel. After a crash it is called again, so a stand-up may be posted twice, but is not lost. */
export function postToSlack({ baseUrl, token, channel }: Place): PromiseActorLogic<void, Standup> {
  return fromPromise<void, Standup>(async ({ input, signal }) => {
    const who = input.who === undefined ? '' : `<@${input.who}>\n`;
    const response = await fetch(`${baseUrl}/chat.postMessage`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json; charset=utf-8',
      },
      body: JSON.stringify({ channel, text: who + escape(textOf(input)) }),
      signal,
    });
    const { ok, error } = (await response.json()) as {
      readonly ok: boolean;
      readonly error?: string;
    };
    if (!ok) throw new Error(`Slack refused the stand-up: ${error}.`);
  });
}

/** What a person wrote is a text: it mentions no one, and is no link. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
