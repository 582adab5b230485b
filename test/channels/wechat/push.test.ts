import { describe, expect, test } from 'vitest';
import { accessTokens, type TokenProvider, wechat } from 'colloquy/channels/wechat';
import { createManualClock } from 'colloquy/testing';
import type { ColloquyError } from '../../../src/errors.ts';
import type { Reply } from '../../../src/reply.ts';

const TOKEN = 'canary-token';

interface Sent {
  readonly path: string;
  readonly token: string | null;
  readonly text: string;
  readonly data: Record<string, unknown>;
}

type Answer = object | number | Error | string;

/** WeChat's interface: it notes what it gets, and answers in turn; then `{ errcode: 0 }`. */
function setUp(answers: readonly Answer[] = [], prefix = '') {
  const sent: Sent[] = [];
  const left = [...answers];
  let made = 0;
  const accessToken: TokenProvider = {
    get: async () => `${TOKEN}-${made}`,
    renew: async () => `${TOKEN}-${(made += 1)}`,
  };
  const channel = wechat({
    token: 'token',
    prefix,
    push: {
      accessToken,
      baseUrl: 'http://api.example',
      fetch: async (url, init) => {
        const { pathname, searchParams } = new URL(url);
        const text = init.body as string;
        const data = JSON.parse(text) as Sent['data'];
        sent.push({ path: pathname, token: searchParams.get('access_token'), text, data });
        const answer = left.shift() ?? { errcode: 0, errmsg: 'ok' };
        if (answer instanceof Error) throw answer;
        if (typeof answer === 'number') return new Response('{}', { status: answer });
        return typeof answer === 'string' ? new Response(answer) : Response.json(answer);
      },
    },
  });
  const push = (reply: Reply | string, id = 'r1'): Promise<void> => {
    const { signal } = new AbortController();
    const said: Reply = typeof reply === 'string' ? { type: 'text', text: reply } : reply;
    return (
      channel.push?.(`${prefix}user`, said, { id, signal }) ??
      Promise.reject(new Error('It cannot push.'))
    );
  };
  return { push, sent };
}

const refusal = async (work: Promise<void>): Promise<ColloquyError | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error as ColloquyError;
  }
};

describe('a push says', () => {
  const article = { title: 't', url: 'u', description: 'd', imageUrl: 'p' };
  test.each<[string, Reply, ...object[]]>([
    ['a text', { type: 'text', text: '你好' }, { msgtype: 'text', text: { content: '你好' } }],
    [
      'choices by number',
      { type: 'choices', text: 'Which?', options: [{ value: 'a', label: 'A' }, { value: 'b' }] },
      { msgtype: 'text', text: { content: 'Which?\n1. A\n2. b' } },
    ],
    ['an image', { type: 'image', mediaId: 'm' }, { msgtype: 'image', image: { media_id: 'm' } }],
    ['a voice', { type: 'voice', mediaId: 'm' }, { msgtype: 'voice', voice: { media_id: 'm' } }],
    [
      'a video',
      { type: 'video', mediaId: 'm', title: 't' },
      { msgtype: 'video', video: { media_id: 'm', title: 't' } },
    ],
    [
      'music',
      { type: 'music', url: 'u', thumbnailId: 'i' },
      { msgtype: 'music', music: { musicurl: 'u', hqmusicurl: 'u', thumb_media_id: 'i' } },
    ],
    [
      'each article alone',
      { type: 'news', articles: [article, { title: 'x', url: 'y' }] },
      {
        msgtype: 'news',
        news: { articles: [{ title: 't', url: 'u', description: 'd', picurl: 'p' }] },
      },
      {
        msgtype: 'news',
        news: { articles: [{ title: 'x', url: 'y', description: '', picurl: '' }] },
      },
    ],
    [
      'what only WeChat can',
      { type: 'raw', channel: 'wechat', payload: { msgtype: 'wxcard', wxcard: { card_id: 'c' } } },
      { msgtype: 'wxcard', wxcard: { card_id: 'c' } },
    ],
  ])('%s', async (_, reply, ...messages) => {
    const { push, sent } = setUp([], 'wechat:a:');
    await push(reply);
    expect(sent.map(({ data }) => data)).toEqual(
      messages.map((message) => ({ touser: 'user', ...message })),
    );
    expect(sent[0]).toMatchObject({ path: '/cgi-bin/message/custom/send', token: `${TOKEN}-0` });
  });

  test('a handoff to one agent, and keeps one to any free agent for an answer', async () => {
    const { push, sent } = setUp();
    await push({ type: 'handoff', to: 'a@b' });
    expect(sent[0]).toMatchObject({
      path: '/customservice/kfsession/create',
      data: { kf_account: 'a@b', openid: 'user' },
    });
    expect(await refusal(push({ type: 'handoff' }))).toMatchObject({ code: 'push_closed' });
  });

  test('real characters, and none that it would have to escape', async () => {
    const { push, sent } = setUp();
    await push('你好\u0001\uD83D😀\u2028"\n');
    expect(sent[0]?.text).not.toContain('\\u');
    expect(sent[0]?.data['text']).toEqual({ content: '你好😀\u2028"\n' });
  });

  test.each<[string, Reply]>([
    ['a picture that is not uploaded', { type: 'image', url: 'https://x' }],
    ['a text of nothing', { type: 'text', text: '\0' }],
    ['what only another channel can', { type: 'raw', channel: 'fax', payload: {} }],
    ['an answer in XML', { type: 'raw', channel: 'wechat', payload: { MsgType: 'x' } }],
    [
      'a message to another user',
      { type: 'raw', channel: 'wechat', payload: { msgtype: 'x', touser: 'y' } },
    ],
  ])('nothing for %s', async (_, reply) => {
    const { push, sent } = setUp();
    expect(await refusal(push(reply))).toMatchObject({
      code: 'unsayable_reply',
      retryable: false,
    });
    expect(sent).toEqual([]);
  });
});

describe('a text over the limit', () => {
  test('goes out in several messages, each once, also where one of them fails', async () => {
    const { push, sent } = setUp([{ errcode: 0 }, { errcode: -1 }]);
    const text = '你'.repeat(1500);
    expect(await refusal(push(text))).toMatchObject({ retryable: true });
    await push(text);
    const contents = sent.map(({ data }) => (data['text'] as { content: string }).content);
    expect(contents.map((content) => content.length)).toEqual([682, 682, 682, 136]);
    expect(contents[1]).toBe(contents[2]);
    contents.splice(1, 1);
    expect(contents.join('')).toBe(text);
  });
});

describe('what WeChat refuses', () => {
  test.each<[Answer, string, boolean]>([
    [{ errcode: -1 }, 'unavailable', true],
    [{ errcode: 45009 }, 'rate_limited', true],
    [new TypeError(`fetch failed http://x?access_token=${TOKEN}`), 'push_failed', true],
    [502, 'unavailable', true],
    ['<html>', 'unavailable', true],
    [{ errcode: 45015 }, 'push_closed', false],
    [{ errcode: 45047 }, 'push_closed', false],
    [{ errcode: 43004 }, 'not_subscribed', false],
    [{ errcode: 48001 }, 'not_authorized', false],
    [{ errcode: 40003 }, 'bad_openid', false],
    [{ errcode: 45002 }, 'too_long', false],
    [{ errcode: 45008 }, 'too_many_articles', false],
    [{ errcode: 99999, errmsg: TOKEN }, 'reply_refused', false],
    [404, 'reply_refused', false],
  ])('with %j is %s', async (answer, code, retryable) => {
    const { push, sent } = setUp([answer]);
    const error = await refusal(push('secret'));
    expect(error).toMatchObject({ code, retryable });
    const told = `${String(error)} ${JSON.stringify(error)} ${String(error?.cause)}`;
    expect(told).not.toContain(TOKEN);
    expect(told).not.toContain('secret');
    expect(sent).toHaveLength(1);
  });

  test.each([40001, 40014, 42001])(
    'for its token (%i) is tried once with the next',
    async (errcode) => {
      const { push, sent } = setUp([{ errcode }]);
      await push('hi');
      expect(sent.map(({ token }) => token)).toEqual([`${TOKEN}-0`, `${TOKEN}-1`]);

      const twice = setUp([{ errcode }, { errcode }]);
      expect(await refusal(twice.push('hi'))).toMatchObject({
        code: 'stale_token',
        retryable: true,
      });
      expect(twice.sent).toHaveLength(2);
    },
  );
});

describe('the access token', () => {
  function tokens(answers: readonly Answer[] = []) {
    const left = [...answers];
    const clock = createManualClock();
    const urls: string[] = [];
    const provider = accessTokens({
      appId: 'wx1',
      secret: 'canary-secret',
      baseUrl: 'http://api.example',
      clock,
      fetch: async (url) => {
        urls.push(url);
        const answer = left.shift() ?? { access_token: `t${urls.length}`, expires_in: 7200 };
        if (answer instanceof Error) throw answer;
        return Response.json(answer);
      },
    });
    return { provider, clock, urls };
  }

  test('is fetched once for all who ask', async () => {
    const { provider, urls } = tokens();
    expect(await Promise.all([provider.get(), provider.get()])).toEqual(['t1', 't1']);
    expect(await provider.get()).toBe('t1');
    expect(urls).toEqual([
      'http://api.example/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=canary-secret',
    ]);
  });

  test('is fetched again five minutes before its end', async () => {
    const { provider, clock } = tokens();
    await provider.get();
    await clock.advance({ minutes: 114, seconds: 59 });
    expect(await provider.get()).toBe('t1');
    await clock.advance({ seconds: 1 });
    expect(await provider.get()).toBe('t2');
  });

  test('is renewed once for all whose token was refused', async () => {
    const { provider, urls } = tokens();
    await provider.get();
    expect(await Promise.all([provider.renew('t1'), provider.renew('t1')])).toEqual(['t2', 't2']);
    expect(await provider.renew('t1')).toBe('t2');
    expect(urls).toHaveLength(2);
  });

  test.each<Answer>([
    { errcode: 40125, errmsg: 'canary-secret' },
    new Error('canary-secret'),
    { access_token: '' },
  ])(
    'that cannot be had is an error without the secret, and is asked for again: %j',
    async (answer) => {
      const { provider } = tokens([answer]);
      const error = await refusal(provider.get().then(() => {}));
      expect(error).toMatchObject({ code: 'no_token', retryable: true });
      expect(`${String(error)} ${JSON.stringify(error)} ${String(error?.cause)}`).not.toContain(
        'canary',
      );
      expect(await provider.get()).toBe('t2');
    },
  );
});
