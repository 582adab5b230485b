import { wechat } from 'colloquy/channels/wechat';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';
import { sign } from '../../../src/channels/wechat/signature.ts';
import { event, xml } from '../wechat/pushes.ts';

export const TOKEN = 'CanaryWechatToken';

/** Pushes as WeChat sends them in plaintext mode, with what each comes to. */
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
  },
  {
    name: 'an image',
    user: 'one',
    body: xml({ MsgType: 'image', PicUrl: 'http://a.example', MediaId: 'm', MsgId: '2' }),
    gives: [{ type: 'message.image', url: 'http://a.example', mediaId: 'm' }],
  },
  {
    name: 'a text of somebody else',
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
  { name: 'a follow', user: 'one', body: event('subscribe'), gives: [{ type: 'event.follow' }] },
];

export const wechatSubject: ChannelSubject = {
  capabilities: ['handshake', 'answers', 'deadline'],
  secrets: [TOKEN],
  open: () => wechat({ token: TOKEN }),
  payloads,
  proof: { query: ['signature', 'timestamp', 'nonce'] },
  sign({ method = 'POST', query = {}, headers = {}, body = '' }, signedAt) {
    const timestamp = String(Math.floor(signedAt / 1000));
    const nonce = '1514711492';
    const url = new URL('https://bot.example/wechat');
    const signature = sign([TOKEN, timestamp, nonce]);
    for (const [name, value] of Object.entries({ signature, timestamp, nonce, ...query })) {
      url.searchParams.set(name, value);
    }
    return {
      method,
      url: url.href,
      headers,
      body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    };
  },
  textsOf({ body }) {
    const content = /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(body)?.[1];
    return content === undefined ? [] : [content.replaceAll(']]]]><![CDATA[>', ']]>')];
  },
};
