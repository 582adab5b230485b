import type { Reply } from 'colloquy';
import { slack } from 'colloquy/channels/slack';
import { describe, expect, it } from 'vitest';
import type { ChannelRequest, Reception } from '../../../src/channels/reception.ts';
import { emojiIn } from '../../../src/channels/slack/emoji.ts';
import { fromMrkdwn, toLink, toMrkdwn } from '../../../src/channels/slack/mrkdwn.ts';
import { toPosts } from '../../../src/channels/slack/posts.ts';
import { UsageError } from '../../../src/errors.ts';
import { SECRET, TOKEN, sign } from '../subjects/slack.ts';

const NOW = 1_700_000_010_000;

const request = (content: string, secret = SECRET, signedAt = NOW): ChannelRequest => {
  const body = new TextEncoder().encode(content);
  return {
    method: 'POST',
    url: new URL('https://bot.example/'),
    headers: new Headers(sign(secret, body, signedAt)),
    receivedAt: NOW,
    readBody: async () => body,
  };
};

const open = (token: Parameters<typeof slack>[0]['token'] = TOKEN) => {
  const calls: { url: string; headers: unknown; body: Record<string, unknown> }[] = [];
  const channel = slack({
    signingSecret: SECRET,
    token,
    async fetch(url, { headers, body }) {
      calls.push({ url, headers, body: JSON.parse(body) });
      return Response.json({ ok: true });
    },
  });
  return { channel, calls };
};

const keysOf = (reception: Reception) =>
  reception.type === 'messages' && reception.messages.map(({ openid, id }) => ({ openid, id }));

// https://docs.slack.dev/authentication/verifying-requests-from-slack has this one, with its secret and its signature.
describe("Slack's own example of a signature", () => {
  const body = new TextEncoder().encode(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  );
  const channel = slack({ signingSecret: '8f742231b10e8888abcd99yyyzzz85a5', token: TOKEN });
  const receive = (receivedAt: number, signature: string) =>
    channel.receive({
      method: 'POST',
      url: new URL('https://bot.example/'),
      headers: new Headers({
        'x-slack-request-timestamp': '1531420618',
        'x-slack-signature': signature,
      }),
      receivedAt,
      readBody: async () => body,
    });
  const SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';

  it('is taken, and the command is said', async () => {
    const reception = await receive(1_531_420_618_000, SIGNATURE);
    expect(reception).toMatchObject({
      messages: [
        {
          openid: 'slack:T1DC2JH3J:G8PSS9T3V:U2CERLKJA',
          message: { type: 'message.text', text: '/webhook-collect' },
        },
      ],
    });
    expect(JSON.stringify(reception)).not.toContain('xyzz0WbapA4vBCDEFasx0q6G');
  });

  it('is refused years later', async () => {
    expect(await receive(NOW, SIGNATURE)).toEqual({ type: 'reject', status: 401 });
  });
});

describe('a message that mentions the app', () => {
  const event = (type: string, id: string) =>
    request(
      JSON.stringify({
        type: 'event_callback',
        team_id: 'T1',
        event_id: id,
        authorizations: [{ user_id: 'UBOT', is_bot: true }],
        event: { type, channel: 'C1', user: 'U1', ts: '1.5', text: '<@UBOT> hello' },
      }),
    );

  it('comes twice, and both are one', async () => {
    const { channel } = open();
    const receptions = [
      await channel.receive(event('message', 'Ev1')),
      await channel.receive(event('app_mention', 'Ev2')),
    ];
    for (const reception of receptions) {
      expect(reception).toMatchObject({ messages: [{ message: { text: 'hello' } }] });
      expect(keysOf(reception)).toEqual([{ openid: 'slack:T1:C1.1.5:U1', id: '1.5' }]);
    }
  });
});

describe('the mention of the app', () => {
  const said = async (text: string): Promise<unknown> => {
    const { channel } = open();
    const reception = await channel.receive(
      request(
        JSON.stringify({
          type: 'event_callback',
          team_id: 'T1',
          authorizations: [{ user_id: 'UBOT', is_bot: true }],
          event: { type: 'app_mention', channel: 'C1', user: 'U1', ts: '1.5', text },
        }),
      ),
    );
    if (reception.type !== 'messages') throw new Error(reception.type);
    const [inbound] = reception.messages;
    return inbound?.message.type === 'message.text' && inbound.message.text;
  };

  it.each([
    ['<@UBOT> Ann', 'Ann'],
    ['<@UBOT>Ann', 'Ann'],
    ['  <@UBOT>   Ann', 'Ann'],
    ['<@UBOT>, Ann', 'Ann'],
    ['<@UBOT>: Ann', 'Ann'],
    ['<@UBOT> <@UBOT> Ann', 'Ann'],
    ['Ann <@UBOT>', 'Ann'],
    ['<@UBOT> *Ann* <@UBOT>', 'Ann'],
    ['<@UBOT> :-1:', '👎'],
    ['<@UBOT>:-1:', '👎'],
    ['<@UBOT>, :+1:', '👍'],
    ['<@UBOT>,Ann', 'Ann'],
    ['<@UBOT>，王小明', '王小明'],
    ['<@UBOT>：王小明', '王小明'],
    ['ask <@UBOT> for Ann', 'ask <@UBOT> for Ann'],
    ['<@U2> Ann', '<@U2> Ann'],
    ['<@UBOT2> Ann', '<@UBOT2> Ann'],
  ])('in %j is not part of what is said, %j', async (written, text) => {
    expect(await said(written)).toBe(text);
  });
});

it('is taken with each secret of a rotation', async () => {
  const channel = slack({ signingSecret: ['new', SECRET], token: TOKEN });
  const body = JSON.stringify({ type: 'app_rate_limited' });
  for (const secret of ['new', SECRET]) {
    expect(await channel.receive(request(body, secret))).toMatchObject({ type: 'messages' });
  }
  expect(await channel.receive(request(body, 'old'))).toEqual({ type: 'reject', status: 401 });
});

describe('text', () => {
  it.each([
    ['a &lt;b&gt; &amp;lt; c', 'a <b> &lt; c'],
    ['<https://a.example>', 'https://a.example'],
    ['<@U1> and <@U2|ann>', '<@U1> and <@U2|ann>'],
    ['<!channel> <!subteam^S1|@us>', '@channel @us'],
    ['<!here|here> <!date^1392734382^{date}|18 February>', '@here 18 February'],
    ['<mailto:ann@example.com|ann@example.com>', 'ann@example.com'],
    ['<mailto:ann@example.com>', 'ann@example.com'],
    ['<tel:+491234|+49 1234>', '+49 1234'],
    ['<https://a.example|site>', 'site'],
    ['<#C1|general>', '#general'],
    ['<#C1>', '#C1'],
    ['a < b > c', 'a < b > c'],
  ])('%j is read as %j', (written, read) => {
    expect(fromMrkdwn(written)).toBe(read);
  });

  it.each([
    ['*ann@example.com*', 'ann@example.com'],
    ['*<mailto:ann@example.com|ann@example.com>*', 'ann@example.com'],
    ['_Ann_', 'Ann'],
    ['_ann_lee@example.com_', 'ann_lee@example.com'],
    ['`ORD-17`', 'ORD-17'],
    ['```ORD-17```', 'ORD-17'],
    ['```\nORD-17\n```', 'ORD-17'],
    ['*_Ann_*', 'Ann'],
    ['_*`7`*_', '7'],
    [' *Ann* ', 'Ann'],
    // Taken back, not whole, or no marks of Slack.
    ['~no~', '~no~'],
    ['*Ann* and *Bob*', '*Ann* and *Bob*'],
    ['my name is *Ann*', 'my name is *Ann*'],
    ['_a_ or _b_', '_a_ or _b_'],
    ['* Ann *', '* Ann *'],
    ['**', '**'],
    ['*', '*'],
    ['___', '___'],
    ['snake_case', 'snake_case'],
    ['2*3*4', '2*3*4'],
  ])('%j, marked or not, is read as %j', (written, read) => {
    expect(fromMrkdwn(written)).toBe(read);
  });

  it.each([
    [':-1:', '👎'],
    [':+1:', '👍'],
    [':+1::skin-tone-2:', '👍🏻'],
    [':thumbsdown::skin-tone-6:', '👎🏿'],
    [':white_check_mark:', '✅'],
    [':x: no', '❌ no'],
    [':heavy_check_mark:', '✔️'],
    [':pray::wave:', '🙏👋'],
    [':one:', '1️⃣'],
    [':keycap_ten:', '🔟'],
    ['*:+1:*', '👍'],
    // No emoji, or one that is not known.
    [':company-logo:', ':company-logo:'],
    [':constructor:', ':constructor:'],
    ['from 10:100:30', 'from 10:100:30'],
    ['7:30', '7:30'],
    [': one :', ': one :'],
    ['::', '::'],
  ])('%j, an emoji by name or not, is read as %j', (written, read) => {
    expect(fromMrkdwn(written)).toBe(read);
  });

  it('has the emoji that its blocks tell', () => {
    const emoji = (name: string, unicode?: string): object => ({ type: 'emoji', name, unicode });
    const blocks = [
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              emoji('man_dancing', '1f57a-1f3fd'),
              emoji('flag-ch', '1f1e8-1f1ed'),
              emoji('hash', '0023-fe0f-20e3'),
              emoji('company-logo'),
              emoji('broken', '110000'),
              emoji('worse', 'nothing'),
              { type: 'text', text: ':tada:' },
            ],
          },
        ],
      },
    ];
    const told = emojiIn(blocks);
    expect(
      fromMrkdwn(
        ':man_dancing::skin-tone-4: :flag-ch: :hash: :company-logo: :broken: :worse:',
        told,
      ),
    ).toBe('🕺🏽 🇨🇭 #️⃣ :company-logo: :broken: :worse:');
    expect(emojiIn('none').size).toBe(0);
  });

  it('is read in time for any text', () => {
    for (const piece of [':', '<', '*', '_', '`', ':+1:', ' ', '<@UBOT>', ':one:a']) {
      const text = piece.repeat(40_000 / piece.length);
      const startedAt = performance.now();
      fromMrkdwn(text);
      expect(performance.now() - startedAt).toBeLessThan(200);
    }
  });

  it('that a dialogue says makes no link and mentions no user', () => {
    expect(toMrkdwn('<!channel> & <https://evil.example|bank>')).toBe(
      '&lt;!channel&gt; &amp; &lt;https://evil.example|bank&gt;',
    );
    expect(toLink('https://a.example/?a=1|2>', 'a|b>\nc')).toBe(
      '<https://a.example/?a=1%7C2%3E|a¦b&gt; c>',
    );
  });
});

describe('choices', () => {
  it('are buttons, whose values come back', () => {
    const options = [{ value: 'tea', label: 'T'.repeat(80) }, { value: 'coffee' }];
    const posts = toPosts({ type: 'choices', text: 'Which <one>?', options });
    expect(posts).toEqual([
      {
        text: 'Which &lt;one&gt;?',
        blocks: [
          { type: 'section', text: { type: 'plain_text', emoji: false, text: 'Which <one>?' } },
          {
            type: 'actions',
            block_id: 'asking:',
            elements: [
              {
                type: 'button',
                action_id: 'choice:0',
                value: 'tea',
                text: { type: 'plain_text', emoji: true, text: `${'T'.repeat(74)}…` },
              },
              {
                type: 'button',
                action_id: 'choice:1',
                value: 'coffee',
                text: { type: 'plain_text', emoji: true, text: 'coffee' },
              },
            ],
          },
        ],
      },
    ]);
  });

  it('are a numbered list where a value is too long for a button', () => {
    const options = [
      { value: 'x'.repeat(2001), label: 'A' },
      { value: 'b', label: 'B' },
    ];
    expect(toPosts({ type: 'choices', text: 'Which?', options })).toEqual([
      { text: 'Which?\n1. A\n2. B' },
    ]);
  });
});

describe('a reply', () => {
  const url = 'https://a.example/1';

  it.each<[Reply, unknown]>([
    [
      { type: 'image', url, alt: 'A' },
      [{ text: 'A', blocks: [{ type: 'image', alt_text: 'A', image_url: url }] }],
    ],
    [
      { type: 'image', mediaId: 'F1' },
      [{ text: 'image', blocks: [{ type: 'image', alt_text: 'image', slack_file: { id: 'F1' } }] }],
    ],
    [{ type: 'video', url, title: 'A' }, [{ text: `[video] A ${url}` }]],
    [{ type: 'video', mediaId: 'm' }, 'needs_url'],
    [{ type: 'news', articles: [{ title: 'A', url }] }, [{ text: `<${url}|A>` }]],
    [{ type: 'raw', channel: 'slack', payload: { text: 'a' } }, [{ text: 'a' }]],
    [{ type: 'raw', channel: 'slack', payload: { text: 'a', channel: 'C9' } }, 'bad_payload'],
    [{ type: 'raw', channel: 'slack', payload: {} }, 'bad_payload'],
    [{ type: 'handoff' }, 'not_supported'],
  ])('%j becomes %j', (reply, posts) => {
    expect(toPosts(reply)).toEqual(posts);
  });
});

describe('a push', () => {
  const options = () => ({ id: 'id', signal: new AbortController().signal });

  it('ends when its signal is aborted, also before the token is there', async () => {
    const { channel } = open(() => new Promise(() => {}));
    const abort = new AbortController();
    const pushing = channel.push?.(
      'slack:T2:D1:U1',
      { type: 'text', text: 'hi' },
      { id: 'id', signal: abort.signal },
    );
    abort.abort();
    await expect(pushing).rejects.toMatchObject({ code: 'push_failed', retryable: true });
  });

  it('goes to the channel and the thread that the openid names, with the token of the workspace', async () => {
    const { channel, calls } = open(async (team) => `xoxb-${team}`);
    await channel.push?.('slack:T2:C1.1.5:U1', { type: 'text', text: 'hi' }, options());
    await channel.push?.('slack:T2:D1:U1', { type: 'text', text: 'hi' }, options());
    expect(calls.map(({ body }) => body)).toEqual([
      { text: 'hi', channel: 'C1', thread_ts: '1.5' },
      { text: 'hi', channel: 'D1' },
    ]);
    expect(calls[0]?.url).toBe('https://slack.com/api/chat.postMessage');
    expect(calls[0]?.headers).toMatchObject({ authorization: 'Bearer xoxb-T2' });
  });
});

describe('an openid', () => {
  it.each([
    ['slack:T2:U1:U1', 'chat.postMessage', { channel: 'U1' }],
    ['slack:T2:C1:U1', 'chat.postEphemeral', { channel: 'C1', user: 'U1' }],
    ['slack:T2:G1:U1', 'chat.postEphemeral', { channel: 'G1', user: 'U1' }],
    ['slack:T2:C1.1.5:U1', 'chat.postMessage', { channel: 'C1', thread_ts: '1.5' }],
    ['slack:T2:C1.1.5', 'chat.postMessage', { channel: 'C1', thread_ts: '1.5' }],
    ['slack:T2:C1', 'chat.postMessage', { channel: 'C1' }],
    // As it was before: with the channel of the direct messages, and a thread of them.
    ['slack:T2:D1:U1', 'chat.postMessage', { channel: 'D1' }],
    ['slack:T2:D1.1.5:U1', 'chat.postMessage', { channel: 'D1', thread_ts: '1.5' }],
  ])('%s is reached by %s at %j', async (openid, method, place) => {
    const { channel, calls } = open();
    const options = { id: 'id', signal: new AbortController().signal };
    await channel.push?.(openid, { type: 'text', text: 'hi' }, options);
    expect(calls.map(({ url, body }) => [url, body])).toEqual([
      [`https://slack.com/api/${method}`, { text: 'hi', ...place }],
    ]);
  });

  it.each(['slack:', 'slack:T2', 'slack:T2:', 'slack:T2:C1:', 'slack:T2:C1:U1:x', 'json:T2:C1:U1'])(
    '%s is none of a person in Slack',
    async (openid) => {
      const { channel, calls } = open();
      const options = { id: 'id', signal: new AbortController().signal };
      await expect(
        channel.push?.(openid, { type: 'text', text: 'hi' }, options),
      ).rejects.toMatchObject({ code: 'unknown_openid' });
      expect(calls).toEqual([]);
    },
  );
});

it.each([
  [{ signingSecret: 's', token: TOKEN, scope: 'room' as never }, 'bad_option'],
  [{ signingSecret: '', token: TOKEN }, 'bad_secret'],
  [{ signingSecret: undefined as never, token: TOKEN }, 'bad_secret'],
  [{ signingSecret: 's', token: undefined as never }, 'bad_token'],
  [{ signingSecret: 's', token: '' }, 'bad_token'],
  [{ signingSecret: 's', token: 'a b' }, 'bad_token'],
  [{ signingSecret: 's', token: TOKEN, prefix: '' }, 'bad_prefix'],
  [{ signingSecret: 's', token: TOKEN, prefix: 'a' }, 'bad_prefix'],
])('options %j are refused with %s', (options, code) => {
  expect(() => slack(options)).toThrow(UsageError);
  expect(() => slack(options)).toThrow(expect.objectContaining({ code }));
});
