import { corpTokens, wecom } from 'colloquy/channels/wecom';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';
import { createCipher } from '../../../src/channels/wechat/cipher.ts';
import { signValues } from '../../../src/channels/wechat/signature.ts';
import { xml } from '../wechat/pushes.ts';
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

const TOKEN = 'CanaryWecomToken';
const KEY = 'CanaryWecomAESKey00000000000000000000000000';
const CORP = 'wx5823bf96d3bd56c7';
const SECRET = 'canary-wecom-secret';
const ACCESS_TOKEN = 'canary-wecom-access-token';
const NONCE = '1372623149';
const cipher = createCipher({ keys: [KEY], receiveId: CORP });

const push = (fields: Readonly<Record<string, string | undefined>>): string =>
  xml({ ToUserName: CORP, FromUserName: 'ann', AgentID: '218', ...fields });

/** Pushes as https://developer.work.weixin.qq.com/document/path/90239 describes them, with what each becomes. */
const payloads: readonly ChannelPayload[] = [
  {
    name: 'a check of the address',
    method: 'GET',
    query: { echostr: '1616140317555161061' },
    gives: 'handshake',
  },
  {
    name: 'a text',
    user: 'ann',
    body: push({ Content: '  0012e5 ', MsgId: '1' }),
    gives: [{ type: 'message.text', text: '  0012e5 ' }],
  },
  {
    name: 'a text in JSON',
    user: 'ann',
    body: `{"ToUserName":"${CORP}","FromUserName":"ann","CreateTime":1409659813,"MsgType":"text","Content":"1.0","MsgId":4561255354251345929,"AgentID":218}`,
    gives: [{ type: 'message.text', text: '1.0' }],
  },
  {
    name: 'a location',
    user: 'ann',
    body: push({
      MsgType: 'location',
      Location_X: '23.134521',
      Location_Y: '113.358803',
      Label: '广州',
      MsgId: '2',
    }),
    gives: [
      { type: 'message.location', latitude: 23.134521, longitude: 113.358803, label: '广州' },
    ],
  },
  {
    name: 'a text of another user',
    user: 'bob',
    body: push({ FromUserName: 'bob', MsgId: '3' }),
    gives: [{ type: 'message.text', text: 'hi' }],
  },
  {
    name: 'a kind of the future',
    user: 'bob',
    body: push({ FromUserName: 'bob', MsgType: 'hologram', MsgId: '4' }),
    gives: [{ type: 'message.unknown' }],
  },
  {
    name: 'a user who opens the application',
    user: 'bob',
    body: push({
      FromUserName: 'bob',
      MsgType: 'event',
      Event: 'enter_agent',
      Content: undefined,
      MsgId: undefined,
    }),
    gives: [{ type: 'event.enter' }],
    from: { id: 'bob' },
    spoken: false,
  },
];

const about = { token: ACCESS_TOKEN };

export const wecomSubject: ChannelSubject = {
  capabilities: [
    ...(['fresh', 'handshake', 'people', 'unspoken'] as const),
    ...(['answers', 'push', 'parts', 'deadline'] as const),
  ],
  freshMs: 60_000,
  secrets: [TOKEN, KEY, SECRET, ACCESS_TOKEN],
  open: ({ fetch, clock }) =>
    wecom({
      corpId: CORP,
      agentId: 218,
      token: TOKEN,
      encodingAESKey: KEY,
      freshMs: 60_000,
      push: { accessToken: corpTokens({ corpId: CORP, secret: SECRET, fetch, clock }), fetch },
    }),
  payloads,
  proof: { query: ['msg_signature', 'timestamp', 'nonce'] },
  sign({ method = 'POST', query: { echostr, ...query } = {}, headers = {}, body = '' }, signedAt) {
    const timestamp = String(Math.floor(signedAt / 1000));
    const sealed = cipher.seal(echostr ?? body);
    const url = new URL('https://bot.example/wecom');
    const parameters = {
      msg_signature: signValues([TOKEN, timestamp, NONCE, sealed]),
      timestamp,
      nonce: NONCE,
      ...query,
      ...(echostr !== undefined && { echostr: sealed }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const envelope = isJson(body)
      ? JSON.stringify({ tousername: CORP, encrypt: sealed, agentid: '218' })
      : `<xml><ToUserName>${CORP}</ToUserName><AgentID>218</AgentID><Encrypt>${sealed}</Encrypt></xml>`;
    const sent = method === 'GET' ? '' : envelope;
    return { method, url: url.href, headers, body: utf8.encode(sent) };
  },
  textsOf({ body }) {
    const { Encrypt: inXml, encrypt: sealed = inXml } = fieldsIn(body);
    const plain = typeof sealed === 'string' ? cipher.open(sealed) : undefined;
    return plain === undefined ? [] : textsIn(Buffer.from(plain).toString());
  },
  platform: {
    accept: tokenOr({ errcode: 0, errmsg: 'ok', msgid: 'm' }, about),
    textsOf: textsOfCall,
    faults: [
      faultOf('a busy system', -1, 'later', about),
      faultOf('too many calls', 45009, 'later', about),
      faultOf('a token that is refused twice', 42001, 'later', about),
      faultOf('an unknown user', 81013, 'never', about),
      faultOf('a number of the future', 99_999, 'never', about),
      {
        name: 'a user of another application',
        answer: tokenOr({ errcode: 0, invaliduser: 'ann' }, about),
        means: 'never',
      },
      {
        name: 'a gateway without JSON',
        answer: (call) =>
          isTokenCall(call) ? tokenOr({}, about)(call) : new Response('<html>', { status: 502 }),
        means: 'later',
      },
    ],
  },
};
