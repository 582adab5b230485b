import { accessTokens, wechat } from 'colloquy/channels/wechat';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';
import { createCipher } from '../../../src/channels/wechat/cipher.ts';
import { signValues } from '../../../src/channels/wechat/signature.ts';
import { event, xml } from '../wechat/pushes.ts';
import {
  faultOf,
  fieldsIn,
  isJson,
  isTokenCall,
  textsIn,
  textsOfCall,
  tokenOr,
  utf8,
} from './wechat-wire.ts';

export const TOKEN = 'CanaryWechatToken';
const KEY = 'CanaryEncodingAESKey0000000000000000000000A';
const APP_ID = 'wxba5fad812f8e6fb9';
const APP_SECRET = 'canary-wechat-app-secret';
const ACCESS_TOKEN = 'canary-wechat-access-token';
const cipher = createCipher({ keys: [KEY], receiveId: APP_ID });

/** Pushes as WeChat sends them in plaintext mode, with what each becomes. */
const payloads: readonly ChannelPayload[] = [
  {
    name: 'a check of the address',
    method: 'GET',
    query: { echostr: '4375120948345356249' },
    gives: 'handshake',
  },
  {
    name: 'a text',
    user: 'one',
    body: xml({ Content: '  0012e5 ' }),
    gives: [{ type: 'message.text', text: '  0012e5 ' }],
    from: { id: 'openid-1' },
  },
  {
    name: 'a text in JSON',
    user: 'one',
    body: '{"ToUserName":"gh_account","FromUserName":"openid-1","CreateTime":1714036504,"MsgType":"text","Content":"1.0","MsgId":5847060634540564919}',
    gives: [{ type: 'message.text', text: '1.0' }],
  },
  {
    name: 'an image',
    user: 'one',
    body: xml({ MsgType: 'image', PicUrl: 'http://a.example', MediaId: 'm', MsgId: '2' }),
    gives: [{ type: 'message.image', url: 'http://a.example', mediaId: 'm' }],
  },
  {
    name: 'a text of another user',
    user: 'two',
    body: xml({ FromUserName: 'openid-2', MsgId: '3' }),
    gives: [{ type: 'message.text', text: 'hi' }],
  },
  {
    name: 'a kind of the future',
    user: 'two',
    body: xml({ FromUserName: 'openid-2', MsgId: '4', MsgType: 'hologram' }),
    gives: [{ type: 'message.unknown' }],
  },
  {
    name: 'an entry in the menu',
    user: 'one',
    body: event('CLICK', { EventKey: 'tea' }),
    gives: [{ type: 'message.action', value: 'tea' }],
  },
  {
    name: 'a follow',
    user: 'one',
    body: event('subscribe'),
    gives: [{ type: 'event.follow' }],
    spoken: true,
  },
  {
    name: 'a report of where the user is',
    user: 'one',
    body: event('LOCATION', { Latitude: '23.1', Longitude: '113.3', Precision: '119' }),
    gives: [{ type: 'event.location' }],
    spoken: false,
  },
  {
    name: 'the same, of the same second and another place',
    user: 'one',
    body: event('LOCATION', { Latitude: '23.2', Longitude: '113.3', Precision: '119' }),
    gives: [{ type: 'event.location' }],
    spoken: false,
  },
];

const NONCE = '1514711492';

/** In plaintext mode, the query is all there is to prove a sender. */
export const wechatSubject: ChannelSubject = {
  capabilities: ['handshake', 'people', 'unspoken', 'answers', 'deadline'],
  secrets: [TOKEN],
  open: () => wechat({ token: TOKEN }),
  payloads,
  proof: { query: ['signature', 'timestamp', 'nonce'] },
  sign({ method = 'POST', query = {}, headers = {}, body = '' }, signedAt) {
    const timestamp = String(Math.floor(signedAt / 1000));
    const url = new URL('https://bot.example/wechat');
    const signature = signValues([TOKEN, timestamp, NONCE]);
    for (const [name, value] of Object.entries({ signature, timestamp, nonce: NONCE, ...query })) {
      url.searchParams.set(name, value);
    }
    return {
      method,
      url: url.href,
      headers,
      body: typeof body === 'string' ? utf8.encode(body) : body,
    };
  },
  textsOf: ({ body }) => textsIn(body),
};

/** The same account in a mode that encrypts, with what stands beside the encrypted part. */
function encrypted(
  mode: 'compat' | 'safe',
  { beside = '', freshMs }: { readonly beside?: string; readonly freshMs?: number } = {},
): ChannelSubject {
  return {
    ...wechatSubject,
    secrets: [TOKEN, KEY],
    open: () => wechat({ token: TOKEN, appId: APP_ID, encodingAESKey: KEY, mode, freshMs }),
    proof: ({ method }) => ({
      query: [method === 'GET' ? 'signature' : 'msg_signature', 'timestamp', 'nonce'],
    }),
    sign(request, signedAt) {
      const { method, url, headers, body } = wechatSubject.sign(request, signedAt);
      if (method === 'GET') return { method, url, headers, body };
      const sealed = cipher.seal(body);
      const signed = new URL(url);
      const timestamp = signed.searchParams.get('timestamp') ?? '';
      signed.searchParams.set('encrypt_type', 'aes');
      signed.searchParams.set('msg_signature', signValues([TOKEN, timestamp, NONCE, sealed]));
      const envelope = isJson(body)
        ? JSON.stringify({ ToUserName: 'gh_account', Encrypt: sealed })
        : `<xml><ToUserName>gh_account</ToUserName><Encrypt>${sealed}</Encrypt>${beside}</xml>`;
      return { method, url: signed.href, headers, body: utf8.encode(envelope) };
    },
    textsOf({ body }) {
      const { Encrypt: sealed } = fieldsIn(body);
      const plain = typeof sealed === 'string' ? cipher.open(sealed) : undefined;
      return plain === undefined ? [] : textsIn(Buffer.from(plain).toString());
    },
  };
}

/** With a time for its proofs, which WeChat does not ask for. */
export const safeWechatSubject: ChannelSubject = {
  ...encrypted('safe', { freshMs: 300_000 }),
  capabilities: [...(wechatSubject.capabilities ?? []), 'fresh'],
  freshMs: 300_000,
};

/** The fields beside the encrypted part are another user's: a channel that reads them makes another message. */
export const compatWechatSubject: ChannelSubject = encrypted('compat', {
  beside:
    '<FromUserName>another-user</FromUserName><MsgType>text</MsgType><Content>else</Content><MsgId>9</MsgId>',
});

const about = { token: ACCESS_TOKEN };

/** One of several accounts of a runner, with the right to push. */
export const pushingWechatSubject: ChannelSubject = {
  ...wechatSubject,
  capabilities: [
    ...(['handshake', 'people', 'unspoken', 'answers'] as const),
    ...(['push', 'typing', 'parts', 'deadline'] as const),
  ],
  secrets: [TOKEN, APP_SECRET, ACCESS_TOKEN],
  open: ({ fetch, clock }) =>
    wechat({
      token: TOKEN,
      prefix: 'wechat:shop:',
      push: {
        accessToken: accessTokens({ appId: APP_ID, secret: APP_SECRET, fetch, clock }),
        fetch,
      },
    }),
  platform: {
    accept: tokenOr({ errcode: 0, errmsg: 'ok' }, about),
    textsOf: textsOfCall,
    faults: [
      faultOf('a busy system', -1, 'later', about),
      faultOf('too many calls', 45009, 'later', about),
      faultOf('a token that is refused twice', 40001, 'later', about),
      faultOf('a user who wrote too long ago', 45015, 'closed', about),
      faultOf('too many messages to a user', 45047, 'closed', about),
      faultOf('a user who does not follow', 43004, 'never', about),
      faultOf('an account without the right', 48001, 'never', about),
      faultOf('a number of the future', 99_999, 'never', about),
      {
        name: 'a gateway without JSON',
        answer: (call) =>
          isTokenCall(call) ? tokenOr({}, about)(call) : new Response('<html>', { status: 502 }),
        means: 'later',
      },
    ],
  },
};
