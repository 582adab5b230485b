import { createContextStore, createRunner, type Persister, type Runner } from 'colloquy';
import { slack, type SlackOptions } from 'colloquy/channels/slack';
import { createWebhook } from 'colloquy/channels/webhook';
import { createManualClock, type ManualClock } from 'colloquy/testing';
import { SECRET, TOKEN, sign } from '../subjects/slack.ts';

/** A message as it stands in the workspace. */
export interface Posted {
  readonly method: string;
  /** By which Slack numbers it; of a change, that of the message that it changes. */
  readonly ts: string;
  readonly channel: string | undefined;
  readonly thread: string | undefined;
  /** The only user that Slack shows it to. */
  readonly onlyTo: string | undefined;
  readonly text: string;
  readonly blocks: readonly { readonly type: string; readonly block_id?: string }[];
}

interface Button {
  readonly value: string;
  readonly action_id: string;
  readonly block_id?: string | undefined;
}

interface Said {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly ts: string;
  readonly thread_ts?: string;
}

export interface Workspace {
  readonly runner: Runner;
  readonly clock: ManualClock;
  readonly posts: Posted[];
  readonly errors: unknown[];
  /** The texts that were posted since this was last asked. */
  heard(): readonly string[];
  event(inner: object, more?: object): Promise<number>;
  /** A message, as Slack sends it to an app that is subscribed to the messages of the channel. */
  message(said: Said): Promise<number>;
  mention(said: Said): Promise<number>;
  command(typed: {
    channel: string;
    user: string;
    command: string;
    text?: string;
  }): Promise<number>;
  /** Presses the button with this label under the last post that has it. */
  press(user: string, label: string): Promise<number>;
  interaction(payload: object): Promise<number>;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** A bot in a workspace of Slack. `refuse` says with which error Slack answers a call. */
export function openWorkspace(
  dialogue: Parameters<typeof createRunner>[0],
  {
    refuse = () => undefined,
    clock = createManualClock(),
    persister,
    ...options
  }: Partial<SlackOptions> & {
    readonly refuse?: (url: string, body: Record<string, unknown>) => string | undefined;
    readonly clock?: ManualClock;
    readonly persister?: Persister;
  } = {},
): Workspace {
  const runner = createRunner(dialogue, {
    store: createContextStore({ clock, ...(persister && { persister }) }),
  });
  const posts: Posted[] = [];
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push(error));
  let told = 0;
  let trigger = 0;
  const channel = slack({
    signingSecret: SECRET,
    token: TOKEN,
    async fetch(url, init) {
      const body = JSON.parse(init.body) as Record<string, unknown>;
      const error = refuse(url, body);
      if (error !== undefined) return Response.json({ ok: false, error });
      posts.push({
        method: url.replace('https://slack.com/api/', ''),
        ts: (body['ts'] as string | undefined) ?? `1800000000.${posts.length}`,
        channel: body['channel'] as string | undefined,
        thread: body['thread_ts'] as string | undefined,
        onlyTo: body['user'] as string | undefined,
        text: String(body['text']),
        blocks: (body['blocks'] ?? []) as Posted['blocks'],
      });
      return Response.json({ ok: true });
    },
    ...options,
  });
  const handler = createWebhook(runner, channel, { clock, onError: (error) => errors.push(error) });

  async function send(content: string, type: string): Promise<number> {
    const body = new TextEncoder().encode(content);
    const headers = { 'content-type': type, ...sign(SECRET, body, clock.now()) };
    const works: Promise<unknown>[] = [];
    const response = await handler(
      new Request('https://bot.example/', { method: 'POST', headers, body }),
      { waitUntil: (work) => void works.push(work) },
    );
    await Promise.all(works);
    return response.status;
  }
  const sendForm = (fields: Record<string, string>): Promise<number> =>
    send(new URLSearchParams(fields).toString(), FORM_TYPE);
  const event = (inner: object, more: object = {}): Promise<number> =>
    send(
      JSON.stringify({
        type: 'event_callback',
        team_id: 'T1',
        event_id: `Ev${(trigger += 1)}`,
        authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
        event: inner,
        ...more,
      }),
      JSON_TYPE,
    );
  const interaction = (payload: object): Promise<number> =>
    sendForm({
      payload: JSON.stringify({
        team: { id: 'T1' },
        trigger_id: `trigger.${(trigger += 1)}`,
        response_url: 'https://hooks.slack.example/actions/1',
        ...payload,
      }),
    });

  return {
    runner,
    clock,
    posts,
    errors,
    heard() {
      const since = posts.slice(told).map(({ text }) => text);
      told = posts.length;
      return since;
    },
    event,
    interaction,
    message: (said) => event({ type: 'message', ...said }),
    mention: (said) => event({ type: 'app_mention', ...said, text: `<@UBOT> ${said.text}` }),
    command: ({ channel: channel_id, user, command, text = '' }) =>
      sendForm({
        team_id: 'T1',
        channel_id,
        user_id: user,
        user_name: user.toLowerCase(),
        command,
        text,
        trigger_id: `trigger.${(trigger += 1)}`,
        response_url: 'https://hooks.slack.example/commands/1',
      }),
    press(user, label) {
      const post = posts.findLast(({ blocks }) => buttonOf(blocks, label) !== undefined);
      const button = post && buttonOf(post.blocks, label);
      if (post === undefined || button === undefined) throw new Error(`No button ${label}.`);
      // A direct message has the name of its channel here, as Slack sends it, with any address that it was posted to.
      const channel = post.channel?.startsWith('U') ? `D${post.channel.slice(1)}` : post.channel;
      const { ts } = post;
      const isEphemeral = post.onlyTo !== undefined || post.method.startsWith('https:');
      const thread = post.thread === undefined ? {} : { thread_ts: post.thread };
      return interaction({
        type: 'block_actions',
        user: { id: user, username: user.toLowerCase(), team_id: 'T1' },
        channel: { id: channel ?? 'C1' },
        container: {
          type: 'message',
          message_ts: ts,
          channel_id: channel ?? 'C1',
          is_ephemeral: isEphemeral,
          ...thread,
        },
        // Slack tells nothing of an ephemeral message.
        ...(!isEphemeral && { message: { ts, ...thread } }),
        actions: [
          {
            type: 'button',
            ...button,
            text: { type: 'plain_text', text: label },
            action_ts: `1800000001.${(trigger += 1)}`,
          },
        ],
      });
    },
  };
}

function buttonOf(blocks: readonly object[], label: string): Button | undefined {
  for (const block of blocks as readonly {
    readonly block_id?: string;
    readonly elements?: readonly (Button & { readonly text: { readonly text: string } })[];
  }[]) {
    const found = block.elements?.find(({ text }) => text.text === label);
    if (found !== undefined) {
      const { value, action_id } = found;
      return { value, action_id, block_id: block.block_id };
    }
  }
  return undefined;
}
