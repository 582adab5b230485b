import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { renderReplies } from '../../../src/channels/wechat/render.ts';

const envelope = { to: 'openid-1', from: 'gh_account', sentAt: 1_714_036_504_987 };

function render(...texts: string[]): { xml: string; unsent: unknown } {
  const { answer, unsent } = renderReplies(
    texts.map((text) => ({ type: 'text', text })),
    envelope,
  );
  return { xml: answer?.body ?? '', unsent };
}

const contentOf = (xml: string): unknown => parseXml(Buffer.from(xml))['Content'];

/** What an independent reader with the settings of a plain XML consumer makes of it. */
const reader = new XMLParser({ parseTagValue: false, trimValues: false });
const readContent = (xml: string): unknown =>
  (reader.parse(xml) as { xml: Record<string, unknown> }).xml['Content'];

describe('a text reply', () => {
  test('has the envelope of the passive reply, in seconds', () => {
    const { answer } = renderReplies([{ type: 'text', text: '你好' }], envelope);
    expect(answer).toEqual({
      status: 200,
      headers: { 'content-type': 'application/xml; charset=utf-8' },
      body:
        '<xml><ToUserName><![CDATA[openid-1]]></ToUserName><FromUserName><![CDATA[gh_account]]></FromUserName>' +
        '<CreateTime>1714036504</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>',
    });
  });

  test('cannot be turned into another message by the words in it', () => {
    const text =
      'hi]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><Content><![CDATA[';
    const { xml } = render(text);
    const fields = parseXml(Buffer.from(xml));
    expect(fields['MsgType']).toBe('text');
    expect(fields['Content']).toBe(text);
  });

  test('cannot be turned into another message by the ids in it', () => {
    const to = 'a]]></ToUserName><MsgType><![CDATA[x]]></MsgType><ToUserName><![CDATA[';
    const { answer } = renderReplies([{ type: 'text', text: 'hi' }], {
      ...envelope,
      to,
      from: `${to}\0`,
    });
    const fields = parseXml(Buffer.from(answer?.body ?? ''));
    expect({ ...fields }).toEqual({
      ToUserName: to,
      FromUserName: to,
      CreateTime: '1714036504',
      MsgType: 'text',
      Content: 'hi',
    });
  });

  test('loses what XML 1.0 cannot hold, and nothing else', () => {
    const { xml } = render('a\u0000\u0008\u000B\u001F\uFFFE\uFFFF\uD83D!\uDE00\t\n😀\u007F');
    expect(contentOf(xml)).toBe('a!\t\n😀\u007F');
  });

  test('comes out of a parser as it went in', () => {
    const hostile = fc.constantFrom(
      ']]>',
      ']]',
      ']',
      '>',
      '<![CDATA[',
      '</Content>',
      '&amp;',
      '&',
      '\uD83D',
      '\u0000',
    );
    const text = fc
      .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 8 }), fc.string()), {
        maxLength: 20,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (value) => {
        // A parser makes one line break of \r\n, and XML cannot hold the characters taken out here.
        const expected = Array.from(value)
          .filter((character) => {
            const code = character.codePointAt(0) ?? 0;
            const isControl = code < 0x20 && ![9, 10, 13].includes(code);
            return (
              !isControl &&
              !(code >= 0xd800 && code <= 0xdfff) &&
              code !== 0xfffe &&
              code !== 0xffff
            );
          })
          .join('')
          .replace(/\r\n?/g, '\n');
        const { xml } = render(value);
        if (expected === '') {
          expect(xml).toBe('');
        } else {
          expect(contentOf(xml)).toBe(expected);
          expect(readContent(xml)).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the one message that an answer holds', () => {
  test('has a line for each text', () => {
    expect(contentOf(render('a', 'b', 'c').xml)).toBe('a\nb\nc');
  });

  test('is full at 2048 bytes, line breaks included', () => {
    const fits = render('x'.repeat(1000), '你'.repeat(349));
    expect(Buffer.byteLength(String(contentOf(fits.xml)))).toBe(2048);
    expect(fits.unsent).toEqual([]);
    const over = render('x'.repeat(1000), '你'.repeat(349), 'y');
    expect(contentOf(over.xml)).toBe(contentOf(fits.xml));
    expect(over.unsent).toEqual([{ index: 2, reason: 'answer_full' }]);
  });

  test('leaves out all texts from the first that does not fit, so that order holds', () => {
    const { xml, unsent } = render('a', 'x'.repeat(2048), 'b');
    expect(contentOf(xml)).toBe('a');
    expect(unsent).toEqual([
      { index: 1, reason: 'answer_full' },
      { index: 2, reason: 'answer_full' },
    ]);
  });

  test('counts what is sent, not what was taken out', () => {
    expect(render('\u0000'.repeat(100) + 'x'.repeat(2048)).unsent).toEqual([]);
  });

  test('says which texts are empty', () => {
    expect(render('', '\u0000')).toEqual({
      xml: '',
      unsent: [
        { index: 0, reason: 'empty' },
        { index: 1, reason: 'empty' },
      ],
    });
    expect(contentOf(render('a', '', 'b').xml)).toBe('a\nb');
  });
});

describe('a text over the limit is cut, and told', () => {
  test.each([
    ['between letters', 'x'.repeat(2049), 'x'.repeat(2048)],
    ['between ideographs', '你'.repeat(683), '你'.repeat(682)],
    ['before a family', `${'x'.repeat(2030)}👨‍👩‍👧‍👦`, 'x'.repeat(2030)],
    ['before a letter with its accent', `${'x'.repeat(2046)}e\u0301`, 'x'.repeat(2046)],
    ['before a flag', `${'x'.repeat(2044)}🇨🇳`, 'x'.repeat(2044)],
    [
      'inside a grapheme of more than everything',
      `e${'\u0301'.repeat(2000)}`,
      `e${'\u0301'.repeat(1023)}`,
    ],
  ])('%s', (_, text, sent) => {
    const { xml, unsent } = render(text, 'next');
    expect(contentOf(xml)).toBe(sent);
    expect(unsent).toEqual([
      { index: 0, reason: 'cut_at_limit' },
      { index: 1, reason: 'answer_full' },
    ]);
  });
});
