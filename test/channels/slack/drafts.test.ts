import { slack } from 'colloquy/channels/slack';
import { describe, expect, it } from 'vitest';
import { startDrafting } from '../drafting.ts';
import { SECRET, TOKEN, sign } from '../subjects/slack.ts';

interface Call {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A workspace of Slack as its channel sees it: the calls, and the texts that stand there by their moments. */
function openSlack(refuse: (call: Call) => string | Promise<string> | undefined = () => undefined) {
  const calls: Call[] = [];
  const texts = new Map<string, string>();
  const channel = slack({
    signingSecret: SECRET,
    token: TOKEN,
    async fetch(url, init) {
      const call = {
        method: url.split('/').at(-1) ?? '',
        body: JSON.parse(init.body) as Call['body'],
      };
      const moment = `1.${calls.push(call)}`;
      const error = await refuse(call);
      if (error !== undefined) return Response.json({ ok: false, error });
      const { method, body } = call;
      const ts = method === 'chat.postMessage' ? moment : String(body['ts']);
      if (method === 'chat.delete') texts.delete(ts);
      else texts.set(ts, String(body['text']));
      return Response.json({ ok: true, channel: 'D1', ts });
    },
  });
  return { channel, calls, texts: () => [...texts.values()] };
}

function open(refuse?: Parameters<typeof openSlack>[0]) {
  const workspace = openSlack(refuse);
  const bot = startDrafting(workspace.channel);
  let events = 0;
  return {
    ...workspace,
    ...bot,
    /** Ann writes to the bot. */
    async write(text: string, where: object = { channel: 'D1', channel_type: 'im' }) {
      events += 1;
      const content = JSON.stringify({
        type: 'event_callback',
        team_id: 'T1',
        event_id: `Ev${events}`,
        authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
        event: { type: 'message', user: 'UANN', text, ts: `100.${events}`, ...where },
      });
      const body = new TextEncoder().encode(content);
      const headers = {
        'content-type': 'application/json',
        ...sign(SECRET, body, bot.clock.now()),
      };
      void bot.handler(new Request('https://bot.example/', { method: 'POST', headers, body }));
      await bot.rest();
    },
    /** A draft, and the time after which it is there. */
    async draft(text: string) {
      await bot.run().draft(text);
      await bot.clock.advance({ seconds: 2 });
    },
    methods: () => workspace.calls.map(({ method }) => method.replace('chat.', '')),
  };
}

describe('an app of Slack with `drafts`', () => {
  it('changes one message, which becomes the reply', async () => {
    const { write, draft, run, calls, texts, errors, clock } = open();
    await write('ask');
    await draft('It <is>');
    expect(texts()).toEqual(['It &lt;is&gt; …']);
    await draft('It is late');
    expect(texts()).toEqual(['It is late …']);
    await run().end('It is late.');
    await clock.advance({ minutes: 1 });
    expect(texts()).toEqual(['It is late.']);
    expect(calls).toEqual([
      { method: 'chat.postMessage', body: { channel: 'D1', text: 'It &lt;is&gt; …' } },
      { method: 'chat.update', body: { channel: 'D1', ts: '1.1', text: 'It is late …' } },
      { method: 'chat.update', body: { channel: 'D1', ts: '1.1', text: 'It is late.' } },
    ]);
    expect(errors).toEqual([]);
  });

  it('says a long reply in place of the draft, and the rest of it below', async () => {
    const { write, draft, run, texts, methods } = open();
    await write('ask');
    await draft('x');
    await run().end('x'.repeat(5000));
    expect(texts().map(({ length }) => length)).toEqual([4000, 1000]);
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage']);
  });

  it('deletes the draft of a service that is stopped without a word', async () => {
    const { write, draft, texts, clock } = open();
    await write('ask');
    await draft('It');
    await write('stop');
    expect(texts()).toEqual(['It …']);
    await clock.advance({ seconds: 2 });
    expect(texts()).toEqual([]);
  });

  it('answers what the user wrote below the draft at the end, where the draft comes again', async () => {
    const { write, draft, run, texts, clock } = open();
    await write('ask');
    await draft('It');
    await write('hello?');
    expect(texts()).toEqual(['one moment']);
    await clock.advance({ seconds: 2 });
    expect(texts()).toEqual(['one moment', 'It …']);
    await run().end('It is late.');
    expect(texts()).toEqual(['one moment', 'It is late.']);
  });

  it('moves the draft below what the user wrote, where nothing was said to it', async () => {
    const { write, draft, texts, channel } = open();
    await write('ask');
    await draft('It');
    const { signal } = new AbortController();
    await write('stop');
    await channel.draft?.('slack:T1:UANN:UANN', { id: 'b', text: 'Or is', signal });
    expect(texts()).toEqual(['Or is …']);
  });

  it('posts the reply if the message of the draft is gone', async () => {
    const { write, draft, run, texts, methods } = open(({ method }) =>
      method === 'chat.update' ? 'message_not_found' : undefined,
    );
    await write('ask');
    await draft('It');
    await run().end('It is late.');
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage']);
    expect(texts()).toContain('It is late.');
  });

  it('replaces the same message where a reply is tried again', async () => {
    let isDown = false;
    const { write, draft, run, texts, clock, methods } = open(() =>
      isDown ? 'internal_error' : undefined,
    );
    await write('ask');
    await draft('It');
    isDown = true;
    await run().end('It is late.');
    isDown = false;
    await clock.advance({ minutes: 5 });
    expect(texts()).toEqual(['It is late.']);
    expect(new Set(methods().slice(1))).toEqual(new Set(['update']));
  });

  it('does not wait for a draft that Slack is slow to post, and deletes it when it is there', async () => {
    let post = (): void => {};
    const { write, draft, run, texts, rest } = open(({ body }) =>
      body['text'] === 'It …'
        ? (new Promise<undefined>((resolve) => (post = () => resolve(undefined))) as never)
        : undefined,
    );
    await write('ask');
    await draft('It');
    await run().end('It is late.');
    expect(texts()).toEqual(['It is late.']);
    post();
    await rest();
    expect(texts()).toEqual(['It is late.']);
  });

  it('leaves what a crash has left, with its sign, and the next process says the reply once', async () => {
    const before = open();
    await before.write('ask');
    await before.draft('It was');
    const { disk, clock } = before;
    const next = openSlack();
    const after = startDrafting(next.channel, { disk, clock });
    await after.runner.start();
    await clock.advance({ minutes: 1 });
    await after.run().draft('It is');
    await clock.advance({ seconds: 2 });
    await after.run().end('It is late.');
    await clock.advance({ minutes: 1 });
    expect([before.texts(), next.texts()]).toEqual([['It was …'], ['It is late.']]);
  });

  it('shows none of what only one person sees', async () => {
    const { channel, calls } = openSlack();
    const { signal } = new AbortController();
    await channel.draft?.('slack:T1:C1:UANN', { id: 'a', text: 'It', signal });
    expect(calls).toEqual([]);
  });

  it('posts into the thread of the conversation', async () => {
    const { channel, calls } = openSlack();
    const { signal } = new AbortController();
    await channel.draft?.('slack:T1:C1.99.1:UANN', { id: 'a', text: 'It', signal });
    expect(calls[0]?.body).toEqual({ channel: 'C1', thread_ts: '99.1', text: 'It …' });
  });

  it('remembers the messages of a thousand drafts, the last ones', async () => {
    const { channel, calls } = openSlack();
    const { signal } = new AbortController();
    const show = async (user: number): Promise<string | undefined> => {
      await channel.draft?.(`slack:T1:U${user}:U${user}`, { id: 'a', text: 'It', signal });
      return calls.at(-1)?.method;
    };
    for (let user = 0; user <= 1000; user += 1) await show(user);
    expect([await show(1), await show(0)]).toEqual(['chat.update', 'chat.postMessage']);
  });
});
