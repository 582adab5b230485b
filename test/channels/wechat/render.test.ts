import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reply } from '../../../src/reply.ts';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import type { Rendering } from '../../../src/channels/reception.ts';
import { toAnswer } from '../../../src/channels/wechat/envelope.ts';
import {
  type AnswerEnvelope,
  renderReplies as toContent,
} from '../../../src/channels/wechat/render.ts';

function renderReplies(replies: readonly Reply[], envelope: AnswerEnvelope): Rendering {
  const { content, unsent } = toContent(replies, envelope);
  return content === undefined
    ? { unsent }
    : { answer: toAnswer(content, 'xml', undefined), unsent };
}

const envelope = {
  to: 'openid-1',
  from: 'gh_account',
  sentAt: 1_714_036_504_987,
  maxArticles: 1,
};

function render(...replies: (string | Reply)[]): { xml: string; unsent: unknown } {
  const { answer, unsent } = renderReplies(
    replies.map((reply) => (typeof reply === 'string' ? { type: 'text', text: reply } : reply)),
    envelope,
  );
  return { xml: answer?.body ?? '', unsent };
}

/** The answer without its envelope. */
function bodyOf(xml: string): string | undefined {
  const head =
    '<xml><ToUserName><![CDATA[openid-1]]></ToUserName><FromUserName><![CDATA[gh_account]]></FromUserName>' +
    '<CreateTime>1714036504</CreateTime>';
  return xml.startsWith(head) ? xml.slice(head.length, -'</xml>'.length) : undefined;
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
        { index: 0, reason: 'empty', rest: null },
        { index: 1, reason: 'empty', rest: null },
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
      { index: 0, reason: 'cut_at_limit', rest: { type: 'text', text: text.slice(sent.length) } },
      { index: 1, reason: 'answer_full' },
    ]);
  });
});

const image: Reply = { type: 'image', mediaId: 'img' };
const article = (n: number): { title: string; url: string } => ({
  title: `t${n}`,
  url: `https://x/${n}`,
});
const raw = (payload: unknown): Reply => ({ type: 'raw', channel: 'wechat', payload });

describe('an answer of another kind', () => {
  test.each<[what: string, reply: Reply, body: string]>([
    [
      'image',
      { ...image, url: 'https://x', alt: 'a map' },
      '<MsgType><![CDATA[image]]></MsgType><Image><MediaId><![CDATA[img]]></MediaId></Image>',
    ],
    [
      'voice',
      { type: 'voice', mediaId: 'v' },
      '<MsgType><![CDATA[voice]]></MsgType><Voice><MediaId><![CDATA[v]]></MediaId></Voice>',
    ],
    [
      'video',
      { type: 'video', mediaId: 'v', title: 't', description: 'd' },
      '<MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[v]]></MediaId>' +
        '<Title><![CDATA[t]]></Title><Description><![CDATA[d]]></Description></Video>',
    ],
    [
      'music',
      {
        type: 'music',
        url: 'u',
        highQualityUrl: 'h',
        title: 't',
        description: 'd',
        thumbnailId: 'i',
      },
      '<MsgType><![CDATA[music]]></MsgType><Music><Title><![CDATA[t]]></Title>' +
        '<Description><![CDATA[d]]></Description><MusicUrl><![CDATA[u]]></MusicUrl>' +
        '<HQMusicUrl><![CDATA[h]]></HQMusicUrl><ThumbMediaId><![CDATA[i]]></ThumbMediaId></Music>',
    ],
    [
      'music of no more than a url',
      { type: 'music', url: 'u' },
      '<MsgType><![CDATA[music]]></MsgType><Music><MusicUrl><![CDATA[u]]></MusicUrl></Music>',
    ],
    [
      'news',
      { type: 'news', articles: [{ ...article(1), description: 'd', imageUrl: 'p' }] },
      '<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>' +
        '<Title><![CDATA[t1]]></Title><Description><![CDATA[d]]></Description>' +
        '<PicUrl><![CDATA[p]]></PicUrl><Url><![CDATA[https://x/1]]></Url></item></Articles>',
    ],
    ['handoff', { type: 'handoff' }, '<MsgType><![CDATA[transfer_customer_service]]></MsgType>'],
    [
      'handoff to one agent',
      { type: 'handoff', to: 'test1@test' },
      '<MsgType><![CDATA[transfer_customer_service]]></MsgType>' +
        '<TransInfo><KfAccount><![CDATA[test1@test]]></KfAccount></TransInfo>',
    ],
    [
      'choices, as text with numbered options',
      { type: 'choices', text: 'Which?', options: [{ value: 'a', label: 'A' }, { value: 'b' }] },
      '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[Which?\n1. A\n2. b]]></Content>',
    ],
    [
      'a raw one, as it stands',
      raw({ MsgType: 'x', Articles: { item: [{ n: 1 }, { n: 'two' }] }, Empty: {} }),
      '<MsgType><![CDATA[x]]></MsgType><Articles><item><n>1</n></item>' +
        '<item><n><![CDATA[two]]></n></item></Articles><Empty></Empty>',
    ],
  ])('is %s', (_, reply, body) => {
    const { xml, unsent } = render(reply);
    expect(bodyOf(xml)).toBe(body);
    expect(unsent).toEqual([]);
  });

  test('to an event holds up to 8 articles, to a message one', () => {
    const news: Reply = { type: 'news', articles: [1, 2, 3].map(article) };
    const toEvent = renderReplies([news], { ...envelope, maxArticles: 8 });
    expect(toEvent.answer?.body).toContain('<ArticleCount>3</ArticleCount>');
    expect(toEvent.unsent).toEqual([]);
    const { xml, unsent } = render(news, 'more');
    expect(xml).toContain('<ArticleCount>1</ArticleCount>');
    expect(xml).toContain('https://x/1');
    expect(xml).not.toContain('https://x/2');
    expect(unsent).toEqual([
      {
        index: 0,
        reason: 'too_many_articles',
        rest: { type: 'news', articles: [2, 3].map(article) },
      },
      { index: 1, reason: 'answer_full' },
    ]);
  });

  test('cannot be turned into another one by what is in its fields', () => {
    const evil = 'x]]></Title></Video><MsgType><![CDATA[text]]></MsgType>\0';
    const safe = evil.slice(0, -1);
    const { xml } = render({ type: 'video', mediaId: evil, title: evil, description: evil });
    expect(parseXml(Buffer.from(xml))).toMatchObject({
      MsgType: 'video',
      Video: { MediaId: safe, Title: safe, Description: safe },
    });
    const sent = render({
      type: 'news',
      articles: [{ title: evil, url: evil, description: evil, imageUrl: evil }],
    });
    expect(parseXml(Buffer.from(sent.xml))).toMatchObject({
      MsgType: 'news',
      Articles: { item: [{ Title: safe, Description: safe, PicUrl: safe, Url: safe }] },
    });
    expect(parseXml(Buffer.from(render(raw({ MsgType: 'x', A: { B: evil } })).xml))).toMatchObject({
      MsgType: 'x',
      A: { B: safe },
    });
  });
});

describe('what no answer can carry', () => {
  const named = { MsgType: 'text', Content: 'x' };
  test.each<[what: string, reply: Reply, reason: string]>([
    ['an image that is not uploaded', { type: 'image', url: 'https://x' }, 'needs_media_id'],
    ['a voice that is not uploaded', { type: 'voice', url: 'https://x' }, 'needs_media_id'],
    ['a video that is not uploaded', { type: 'video', url: 'https://x' }, 'needs_media_id'],
    [
      'what only another channel can say',
      { ...raw(named), channel: 'fax' } as Reply,
      'other_channel',
    ],
    ['a text of nothing', { type: 'text', text: '\0' }, 'empty'],
    ['a raw one without a type', raw({ Content: 'x' }), 'bad_payload'],
    ['a raw one with an empty type', raw({ ...named, MsgType: '' }), 'bad_payload'],
    ['a raw one with an envelope', raw({ ...named, ToUserName: 'other' }), 'bad_payload'],
    ['a raw one with names that are none', raw({ ...named, 'a><b': 'x' }), 'bad_payload'],
    ['a raw one with such a name inside', raw({ ...named, A: [{ '1': 'x' }] }), 'bad_payload'],
    ['a raw one with what is no text', raw({ ...named, A: true }), 'bad_payload'],
    ['a raw text', raw('<MsgType>text</MsgType>'), 'bad_payload'],
    ['a raw list', raw([named]), 'bad_payload'],
  ])('is left out and told: %s', (_, reply, reason) => {
    expect(render(reply)).toEqual({ xml: '', unsent: [{ index: 0, reason, rest: null }] });
    const { xml, unsent } = render('a', reply, 'b');
    expect(contentOf(xml)).toBe('a\nb');
    expect(unsent).toEqual([{ index: 1, reason, rest: null }]);
  });
});

describe('of several kinds', () => {
  const full = (...indexes: number[]): unknown =>
    indexes.map((index) => ({ index, reason: 'answer_full' }));

  test('the first decides: a picture leaves no room for what follows', () => {
    const { xml, unsent } = render(image, 'a', { type: 'voice', mediaId: 'v' });
    expect(xml).toContain('<Image>');
    expect(unsent).toEqual(full(1, 2));
  });

  test('the first decides: texts and choices up to the first of another kind', () => {
    const choices: Reply = { type: 'choices', text: 'Which?', options: [{ value: 'a' }] };
    const { xml, unsent } = render('a', choices, image, 'b');
    expect(contentOf(xml)).toBe('a\nWhich?\n1. a');
    expect(unsent).toEqual(full(2, 3));
  });

  test('a handoff is the answer wherever it stands', () => {
    const { xml, unsent } = render('', 'One moment.', image, { type: 'handoff', to: 'x' }, 'b', {
      type: 'handoff',
    });
    expect(bodyOf(xml)).toContain('transfer_customer_service');
    expect(bodyOf(xml)).toContain('<KfAccount>');
    expect(unsent).toEqual([
      { index: 0, reason: 'empty', rest: null },
      ...(full(1, 2, 4, 5) as unknown[]),
    ]);
  });
});
