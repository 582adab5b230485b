import { createServer } from 'node:http';
import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { slack } from 'colloquy/channels/slack';
import { createWebhook } from 'colloquy/channels/webhook';
import { lmdb } from 'colloquy/persist/lmdb';
import standup from './dialogue.ts';
import { postToSlack } from './post.ts';
import {
  type Bot,
  type Environment,
  closeServer,
  listen,
  readSettings,
  report,
} from './serving.ts';

/** What a test replaces. */
export interface Parts {
  readonly clock?: Clock;
}

/** A stand-up in Slack: by direct message, mention or slash command. */
export async function startBot(
  env: Environment,
  { clock = systemClock }: Parts = {},
): Promise<Bot> {
  const settings = readSettings(env, {
    SLACK_SIGNING_SECRET: 'the signing secret of the app (Basic Information, App Credentials)',
    SLACK_TOKEN: 'its Bot User OAuth Token (OAuth & Permissions)',
    SLACK_CHANNEL: 'the id of the channel that stand-ups are posted in',
  });
  const { SLACK_API: baseUrl = 'https://slack.com/api', DATA: folder = 'data' } = env;
  const token = settings.SLACK_TOKEN;
  const post = postToSlack({ baseUrl, token, channel: settings.SLACK_CHANNEL });

  const store = createContextStore({ persister: lmdb(folder), clock });
  const runner = createRunner(standup.provide({ actors: { post } }), {
    store,
    onError: () => 'Sorry, please say that again.',
  });
  runner.on('error', ({ error }) => report(error));
  const channel = slack({ signingSecret: settings.SLACK_SIGNING_SECRET, token, baseUrl });
  const webhook = createWebhook(runner, channel, { clock, onError: report });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/slack') return webhook(request);
    return pathname === '/health'
      ? Response.json({ records: store.stats().records })
      : new Response(null, { status: 404 });
  }

  const server = createServer(toNodeListener(answer, { onError: report }));
  const end = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  try {
    // The webhook exists now, so it delivers the replies that fell due while no process ran.
    await runner.start();
    const url = await listen(server, env);
    return { url: `${url}/slack`, close: () => closeServer(server).then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}
