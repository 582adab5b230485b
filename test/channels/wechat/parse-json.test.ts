import { describe, expect, test } from 'vitest';
import { parseFields, parsePushJson } from '../../../src/channels/wechat/parse-json.ts';
import { toPush } from '../../../src/channels/wechat/message.ts';
import { ColloquyError } from '../../../src/errors.ts';

const parse = (json: string): unknown => parsePushJson(Buffer.from(json));

describe('the fields of JSON', () => {
  test('are texts, with every digit of a number and no change to a string', () => {
    expect(
      parse(
        '{ "MsgId" : 4561255354251345929, "a":"\\"MsgId\\":4561255354251345929 1.0", "b":-1.50e3, "c":true, "d":null, "e":"\\u4f60\\\\" }',
      ),
    ).toEqual({
      MsgId: '4561255354251345929',
      a: '"MsgId":4561255354251345929 1.0',
      b: '-1.50e3',
      c: 'true',
      e: '你\\',
    });
  });

  test('have lists, of an item that is alone, too', () => {
    expect(parse('{"L":[{"n":1},2],"P":{"item":{"m":"1"}}}')).toEqual({
      L: [{ n: '1' }, '2'],
      P: { item: [{ m: '1' }] },
    });
  });

  test.each([
    ['no object', '[1]'],
    ['no JSON', '{"secret":01}'],
    ['a key that reaches a prototype', '{"__proto__":{"secret":1}}'],
    ['deep nesting', `{"secret":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['many values', `{"secret":[${'1,'.repeat(1000)}1]}`],
    ['bytes that are no UTF-8', Buffer.from('{"secret":"\xff"}', 'latin1')],
  ])('are refused without a word of them: %s', (_, body) => {
    let error: unknown;
    try {
      parsePushJson(Buffer.from(body));
    } catch (caught) {
      error = caught;
    }
    expect(ColloquyError.is(error, 'bad_body')).toBe(true);
    expect(String(error)).not.toContain('secret');
  });
});

describe('every event that WeChat sends, in JSON as in XML, is kept whole', () => {
  test.each([
    ['subscribe', 'event.follow'],
    ['unsubscribe', 'event.unfollow'],
    ['SCAN', 'event.scan'],
    ['LOCATION', 'event.location'],
    ['CLICK', 'message.action'],
    ['VIEW', 'event.view'],
    ['view_miniprogram', 'event.view'],
    ['scancode_push', 'event.menu'],
    ['scancode_waitmsg', 'event.menu'],
    ['pic_sysphoto', 'event.menu'],
    ['pic_photo_or_album', 'event.menu'],
    ['pic_weixin', 'event.menu'],
    ['location_select', 'event.menu'],
    ['enter_agent', 'event.enter'],
    ['user_enter_tempsession', 'event.enter'],
    ['TEMPLATESENDJOBFINISH', 'event.delivery'],
    ['MASSSENDJOBFINISH', 'event.delivery'],
    ['subscribe_msg_popup_event', 'event.unknown'],
    ['PUBLISHJOBFINISH', 'event.unknown'],
    ['card_pass_check', 'event.unknown'],
  ])('%s is %s', (Event, type) => {
    const SendPicsInfo = { Count: '1', PicList: { item: [{ PicMd5Sum: 'm' }] } };
    const fields = {
      ToUserName: 'gh',
      FromUserName: 'u',
      CreateTime: '1',
      MsgType: 'event',
      Event,
      EventKey: 'k',
      SendPicsInfo,
    };
    const xml =
      '<xml><ToUserName>gh</ToUserName><FromUserName>u</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>' +
      `<Event>${Event}</Event><EventKey>k</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>m</PicMd5Sum></item></PicList></SendPicsInfo></xml>`;
    for (const text of [xml, JSON.stringify(fields)]) {
      const body = Buffer.from(text);
      const { message } = toPush(parseFields(body), body);
      expect(message).toMatchObject({ type, raw: fields });
    }
  });
});
