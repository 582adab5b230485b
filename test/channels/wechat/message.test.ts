import { describe, expect, test } from 'vitest';
import { type WechatPush, toPush } from '../../../src/channels/wechat/message.ts';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { ColloquyError } from '../../../src/errors.ts';
import { toMessage } from '../../../src/message-check.ts';
import { event, xml } from './pushes.ts';

function read(body: string): WechatPush {
  const bytes = Buffer.from(body);
  return toPush(parseXml(bytes), bytes);
}

type Fields = Readonly<Record<string, string | undefined>>;
const kind = (MsgType: string, fields: Fields = {}): string =>
  xml({ MsgType, Content: undefined, ...fields });

describe('a push becomes a message', () => {
  test.each<[string, string, object]>([
    ['text', xml({ Content: ' 1.0 ' }), { type: 'message.text', text: ' 1.0 ' }],
    ['empty text', xml({ Content: '' }), { type: 'message.text', text: '' }],
    [
      'image',
      kind('image', { PicUrl: 'http://p', MediaId: 'm' }),
      { type: 'message.image', url: 'http://p', mediaId: 'm' },
    ],
    [
      'voice',
      kind('voice', { MediaId: 'm', Format: 'amr', Recognition: '你好' }),
      { type: 'message.voice', mediaId: 'm', format: 'amr', transcript: '你好' },
    ],
    [
      'voice that was not recognised',
      kind('voice', { MediaId: '0012e5' }),
      { type: 'message.voice', mediaId: '0012e5' },
    ],
    [
      'video',
      kind('video', { MediaId: 'm', ThumbMediaId: 't' }),
      { type: 'message.video', mediaId: 'm', thumbnailId: 't' },
    ],
    ['short video', kind('shortvideo', { MediaId: 'm' }), { type: 'message.video', mediaId: 'm' }],
    [
      'file',
      kind('file', { Title: 'a.pdf', FileKey: 'k', FileTotalLen: '1234' }),
      { type: 'message.file', name: 'a.pdf', mediaId: 'k', size: 1234 },
    ],
    [
      'location, whose X is the latitude',
      kind('location', { Location_X: '23.134521', Location_Y: '-113.358803', Label: '广州' }),
      { type: 'message.location', latitude: 23.134521, longitude: -113.358803, label: '广州' },
    ],
    [
      'link',
      kind('link', { Url: 'http://u', Title: 't', Description: 'd' }),
      { type: 'message.link', url: 'http://u', title: 't', description: 'd' },
    ],
    ['follow', event('subscribe'), { type: 'event.follow' }],
    ['follow without a key', event('subscribe', { EventKey: '' }), { type: 'event.follow' }],
    [
      'follow by a scan',
      event('subscribe', { EventKey: 'qrscene_123', Ticket: 'T' }),
      { type: 'event.follow', key: '123' },
    ],
    ['unfollow', event('unsubscribe'), { type: 'event.unfollow' }],
    ['scan', event('SCAN', { EventKey: '0123' }), { type: 'event.scan', key: '0123' }],
    ['menu click', event('CLICK', { EventKey: 'HELP' }), { type: 'message.action', value: 'HELP' }],
    ['menu link', event('VIEW', { EventKey: 'http://u' }), { type: 'event.view', key: 'http://u' }],
    ['reported location', event('LOCATION', { Latitude: '1' }), { type: 'event.location' }],
    [
      'another event',
      event('card_pass_check', { EventKey: 'k' }),
      { type: 'event.unknown', key: 'card_pass_check' },
    ],
    [
      'an event that objects inherit',
      event('toString'),
      { type: 'event.unknown', key: 'tostring' },
    ],
    ['an event without a name', xml({ MsgType: 'event' }), { type: 'event.unknown' }],
    ['a click on nothing', event('CLICK'), { type: 'event.unknown', key: 'click' }],
    [
      'what became of a template message',
      event('TEMPLATESENDJOBFINISH', { MsgID: '1', Status: 'failed:user block' }),
      { type: 'event.delivery', key: 'failed:user block' },
    ],
    ['another kind', kind('miniprogrampage', { AppId: 'a' }), { type: 'message.unknown' }],
    ['no kind', xml({ MsgType: undefined }), { type: 'message.unknown' }],
    ['a text without content', xml({ Content: undefined }), { type: 'message.unknown' }],
    ['a link without a URL', kind('link', { Title: 't' }), { type: 'message.unknown' }],
    [
      'a location that is no number',
      kind('location', { Location_X: 'north', Location_Y: '1' }),
      { type: 'message.unknown' },
    ],
    [
      'a location that only JavaScript takes for a number',
      kind('location', { Location_X: '0x10', Location_Y: 'Infinity' }),
      { type: 'message.unknown' },
    ],
    ['half a location', kind('location', { Location_X: '1' }), { type: 'message.unknown' }],
    ['a file of odd size', kind('file', { FileTotalLen: '1e400' }), { type: 'message.file' }],
  ])('%s', (_, body, expected) => {
    const { raw, from, ...message } = read(body).message;
    expect(message).toEqual(expected);
    expect(from).toEqual({ id: 'openid-1' });
    expect(raw).toEqual(parseXml(Buffer.from(body)));
  });

  test('that every runner takes, with anything in raw', () => {
    const { message } = read(
      '<xml><FromUserName>u</FromUserName><MsgType>event</MsgType><Event>pic_weixin</Event><SendPicsInfo><PicList><item><PicMd5Sum>1</PicMd5Sum></item></PicList></SendPicsInfo><toString>1</toString></xml>',
    );
    expect(toMessage(message, new Set(), 0).raw).toMatchObject({
      SendPicsInfo: { PicList: { item: [{ PicMd5Sum: '1' }] } },
    });
  });
});

describe('the user', () => {
  test('is the FromUserName, unchanged', () => {
    expect(read(xml({ FromUserName: '0012e5' })).openid).toBe('0012e5');
  });

  test.each([
    ['absent', xml({ FromUserName: undefined })],
    ['empty', xml({ FromUserName: '' })],
    ['there twice', xml().replace('<MsgType>', '<FromUserName>other</FromUserName><MsgType>')],
    ['encrypted', '<xml><ToUserName>gh</ToUserName><Encrypt>x</Encrypt></xml>'],
  ])('%s is refused', (_, body) => {
    expect(() => read(body)).toThrow(
      expect.toSatisfy((error) => ColloquyError.is(error, 'bad_body')),
    );
  });
});

describe('the id', () => {
  const idOf = (body: string): string => read(body).id;

  test.each([
    ['a message', xml(), 'gh_account:m:5847060634540564918'],
    ['a number that is none', xml({ MsgId: '49d7_1555' }), 'gh_account:m:49d7_1555'],
    ['an event with a number', event('LOCATION', { MsgId: '7' }), 'gh_account:m:7'],
    ['a job', event('TEMPLATESENDJOBFINISH', { MsgID: '200163836' }), 'gh_account:m:200163836'],
    ['an event', event('subscribe'), 'gh_account:e:openid-1:1714036504:subscribe:'],
    [
      'an event with a key',
      event('CLICK', { EventKey: 'HELP' }),
      'gh_account:e:openid-1:1714036504:click:HELP',
    ],
    [
      'an event with a ticket',
      event('SCAN', { EventKey: '1', Ticket: 'T' }),
      expect.stringMatching(/^gh_account:e:openid-1:1714036504:scan:1:[\da-f]{64}$/),
    ],
  ])('of %s', (_, body, id) => {
    expect(idOf(body)).toEqual(id);
  });

  test('tells numbers apart that are equal as doubles', () => {
    expect(idOf(xml({ MsgId: '5847060634540564918' }))).not.toBe(
      idOf(xml({ MsgId: '5847060634540564919' })),
    );
  });

  // Each of them twice within one second, and different in nothing else.
  test.each<[string, Fields, Fields]>([
    ['wxa_media_check', { trace_id: '61a' }, { trace_id: '61b' }],
    ['user_get_card', { CardId: 'c', UserCardCode: '1' }, { CardId: 'c', UserCardCode: '2' }],
    ['user_consume_card', { CardId: 'c' }, { CardId: 'd' }],
    ['SCAN', { EventKey: '1', Ticket: 'S' }, { EventKey: '1', Ticket: 'T' }],
    ['user_enter_tempsession', { SessionFrom: 'a' }, { SessionFrom: 'b' }],
    ['LOCATION', { Latitude: '23.1' }, { Latitude: '23.2' }],
    ['VIEW', { EventKey: 'u', MenuId: '1' }, { EventKey: 'u', MenuId: '2' }],
    ['kf_switch_session', { ToKfAccount: 'a' }, { ToKfAccount: 'b' }],
    ['user_pay_from_pay_cell', { TransId: '1' }, { TransId: '2' }],
  ])('tells two events %s of one second apart, and a redelivery from neither', (name, one, two) => {
    expect(idOf(event(name, one))).not.toBe(idOf(event(name, two)));
    expect(idOf(event(name, one))).toBe(idOf(event(name, one)));
  });

  test('sees what is deep in an event', () => {
    const scanned = (result: string) =>
      event('scancode_waitmsg', { EventKey: 'k' }).replace(
        '</xml>',
        `<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>${result}</ScanResult></ScanCodeInfo></xml>`,
      );
    expect(idOf(scanned('a'))).not.toBe(idOf(scanned('b')));
    expect(idOf(scanned('a'))).toBe(idOf(scanned('a')));
  });

  test('is the same in any order of the fields', () => {
    const one = event('user_get_card', { CardId: 'c', UserCardCode: '1' });
    const two = event('user_get_card', { UserCardCode: '1', CardId: 'c' });
    expect(idOf(one)).toBe(idOf(two));
  });

  test('tells events of different kinds apart', () => {
    expect(idOf(event('subscribe'))).not.toBe(idOf(event('SCAN')));
  });

  test('is of the whole body where nothing else tells messages apart', () => {
    const one = xml({ MsgId: undefined, Content: 'a' });
    expect(idOf(one)).toBe(idOf(one));
    expect(idOf(one)).not.toBe(idOf(xml({ MsgId: undefined, Content: 'b' })));
    const timeless = { CreateTime: undefined };
    expect(idOf(event('VIEW', timeless))).not.toBe(idOf(event('SCAN', timeless)));
  });

  test('is short, however long the key is', () => {
    const long = event('VIEW', { EventKey: `http://u/${'x'.repeat(10_000)}` });
    expect(idOf(long)).toMatch(/^d:[\da-f]{64}$/);
    expect(idOf(long)).toBe(idOf(long));
  });
});

describe('what was heard in a voice', () => {
  const heard = (Recognition: string) => {
    const { message } = read(kind('voice', { MediaId: 'm', Recognition }));
    return message.type === 'message.voice' ? message.transcript : message.type;
  };

  test.each([
    ['王小明。', '王小明'],
    ['王小明．', '王小明'],
    ['王小明｡ ', '王小明'],
    ['明天下午三点。', '明天下午三点'],
    ['Ann.', 'Ann'],
    ['Ann Lee. ', 'Ann Lee'],
    ['好的，', '好的'],
    ['two,', 'two'],
    ['苹果、', '苹果'],
    ['你好。我是王小明。', '你好。我是王小明'],
  ])('ends without its stop: %s', (recognition, transcript) => {
    expect(heard(recognition)).toBe(transcript);
  });

  test.each(['可以吗？', '太好了！', '王小明', 'really?', 'stop!', '我想想……', 'well...', '3.5'])(
    'is otherwise as it was recognised: %s',
    (recognition) => {
      expect(heard(recognition)).toBe(recognition);
    },
  );

  test('is nothing where it is nothing but a stop', () => {
    expect(heard('。')).toBe(undefined);
  });
});

test.each([
  [xml(), true],
  [event('subscribe'), true],
  [event('CLICK', { EventKey: 'x' }), true],
  [event('unsubscribe'), false],
  [event('TEMPLATESENDJOBFINISH', { MsgID: '1' }), false],
  [event('MASSSENDJOBFINISH', { MsgID: '1' }), false],
  [event('wxa_media_check', { trace_id: '1' }), false],
])('an answer is for a user who is there', (body, answerable) => {
  expect(read(body).answerable).toBe(answerable);
});
