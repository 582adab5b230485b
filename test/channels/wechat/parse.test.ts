import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { ColloquyError } from '../../../src/errors.ts';

const parse = (xml: string): unknown => {
  // Back into ordinary objects, which is what toEqual compares with.
  return JSON.parse(JSON.stringify(parseXml(Buffer.from(xml))));
};

function refusal(body: string | Uint8Array): unknown {
  try {
    parseXml(typeof body === 'string' ? Buffer.from(body) : body);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('values arrive as they were sent', () => {
  test.each([
    '0012e5',
    '1.0',
    '1e5',
    '0x1F',
    '  x  ',
    ' 0x1F ',
    'true',
    '',
    '\t',
    '5847060634540564918',
  ])('in CDATA and as text: %j', (value) => {
    expect(parse(`<xml><A><![CDATA[${value}]]></A><B>${value}</B></xml>`)).toEqual({
      A: value,
      B: value,
    });
  });

  test('an element without content is an empty string', () => {
    expect(parse('<xml><A></A><B/><C><![CDATA[]]></C></xml>')).toEqual({ A: '', B: '', C: '' });
  });

  test('markup inside CDATA is text, a document type too', () => {
    const text = '<!DOCTYPE html><b>&amp; &x; <![CDATA[';
    expect(parse(`<xml><A><![CDATA[${text}]]></A></xml>`)).toEqual({ A: text });
  });

  test('a split CDATA is one text', () => {
    expect(parse('<xml><A><![CDATA[a]]]]><![CDATA[>b]]></A></xml>')).toEqual({ A: 'a]]>b' });
  });

  test("XML's own references are decoded, and only outside CDATA", () => {
    expect(parse('<xml><A>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;</A></xml>')).toEqual({
      A: `<>&"'A😀`,
    });
    expect(parse('<xml><A>&amp;lt;</A></xml>')).toEqual({ A: '&lt;' });
    expect(parse('<xml><A><![CDATA[&lt;]]></A></xml>')).toEqual({ A: '&lt;' });
  });

  test('a declaration, a byte order mark, comments, attributes and white space are not in the way', () => {
    const xml =
      '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n  <!-- <no> --> <A k="a>b" l=\'\'>1</A>\n</xml>\n';
    expect(parse(xml)).toEqual({ A: '1' });
  });

  test('an item is one of a list even when it is alone', () => {
    expect(parse('<xml><L><item><P>1</P></item></L></xml>')).toEqual({ L: { item: [{ P: '1' }] } });
    expect(parse('<xml><L><item>1</item><item>2</item></L></xml>')).toEqual({
      L: { item: ['1', '2'] },
    });
  });

  test('an element that is there again makes a list', () => {
    expect(parse('<xml><A>1</A><A>2</A><A>3</A></xml>')).toEqual({ A: ['1', '2', '3'] });
  });

  test('any text in CDATA comes out again', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/\r/.test(value));
    fc.assert(
      fc.property(text, (value) => {
        const escaped = value.replaceAll(']]>', ']]]]><![CDATA[>');
        expect(parse(`<xml><A><![CDATA[${escaped}]]></A></xml>`)).toEqual({ A: value });
      }),
    );
  });
});

const nested = (depth: number): string =>
  `<xml>${'<a>'.repeat(depth)}x${'</a>'.repeat(depth)}</xml>`;
const laughs = Array.from(
  { length: 9 },
  (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
).join('');

describe('what is not plain, small, well-formed XML is refused without a word of it', () => {
  test.each([
    ['a document type', '<!DOCTYPE xml><xml><A>secret</A></xml>'],
    ['a document type in small letters', '<!doctype xml><xml><A>secret</A></xml>'],
    ['a document type inside', '<xml><!DOCTYPE x [<!ENTITY y "secret">]><A>&y;</A></xml>'],
    [
      'a document type behind a CDATA that is none',
      '<xml><a b="<![CDATA["><!DOCTYPE x [<!ENTITY y "secret">]><A>&y;</A></a></xml>',
    ],
    [
      'an external entity',
      '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/secret">]><xml><A>&y;</A></xml>',
    ],
    [
      'a billion laughs',
      `<!DOCTYPE x [<!ENTITY l0 "secret">${laughs}]><xml><Content>&l9;</Content></xml>`,
    ],
    ['an entity that XML does not know', '<xml><A>&secret;</A></xml>'],
    ['an ampersand by itself', '<xml><A>secret & more</A></xml>'],
    ['a reference to a character that XML cannot hold', '<xml><A>secret&#0;</A></xml>'],
    ['a reference to half a pair', '<xml><A>secret&#xD83D;</A></xml>'],
    ['a reference beyond Unicode', '<xml><A>secret&#x110000;</A></xml>'],
    ['a processing instruction', '<xml><?secret x?><A>1</A></xml>'],
    ['deep nesting', nested(9)],
    ['very deep nesting', nested(100)],
    ['deep nesting without an end', '<xml>'.repeat(10_000)],
    ['too many elements', `<xml>${'<a/>'.repeat(200)}</xml>`],
    ['an element that is not closed', '<xml><secret></xml>'],
    ['elements that overlap', '<xml><a><secret></a></secret></xml>'],
    ['two roots', '<xml><A>secret</A></xml><xml><A>1</A></xml>'],
    ['an empty element behind the root', '<xml><A>1</A></xml><secret/>'],
    ['two empty roots', '<xml/><secret/>'],
    ['text behind the root', '<xml><A>1</A></xml>secret'],
    ['text before the root', 'secret<xml><A>1</A></xml>'],
    ['CDATA without an end', '<xml><A><![CDATA[secret</A></xml>'],
    ['a comment without an end', '<xml><A>1</A></xml><!-- secret'],
    ['a root without elements', '<xml>secret</xml>'],
    ['JSON', '{"secret":1}'],
    ['nothing', ''],
    ['a key that reaches a prototype', '<xml><__proto__><secret>1</secret></__proto__></xml>'],
    ['a constructor', '<xml><constructor><prototype>secret</prototype></constructor></xml>'],
    ['a name of our own', '<xml><#text>secret</#text></xml>'],
    ['bytes that are no UTF-8', Buffer.from('<xml><A>\xff secret</A></xml>', 'latin1')],
    ['half a character', Buffer.from('<xml><A>secret 你</A></xml>').subarray(0, 17)],
  ])('%s', (_, body) => {
    const error = refusal(body);
    expect(ColloquyError.is(error, 'bad_body')).toBe(true);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('secret');
    expect((error as Error).cause).toBeUndefined();
  });

  test('what is at the limits is taken', () => {
    expect(refusal(nested(8))).toBeUndefined();
    expect(refusal(`<xml>${'<a/>'.repeat(199)}</xml>`)).toBeUndefined();
  });

  test('names that objects inherit cannot be mistaken for fields', () => {
    const fields = parseXml(Buffer.from('<xml><toString>1</toString><A>1</A></xml>'));
    expect(Object.getPrototypeOf(fields)).toBeNull();
    expect(fields['hasOwnProperty']).toBeUndefined();
    expect(Object.hasOwn(fields, '__proto__')).toBe(false);
  });

  test('anything else ends in fields or in a bad_body, too', () => {
    const piece = fc.constantFrom(
      ...[
        '<xml>',
        '</xml>',
        '<a>',
        '</a>',
        '<a/>',
        '<item>',
        '</item>',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
      ],
      ...[
        '<!DOCTYPE x [',
        ']>',
        '<?xml version="1.0"?>',
        '<?',
        '?>',
        '&',
        '&#',
        ';',
        '&lt;',
        '"',
        "'",
        '<',
        '>',
      ],
      ...['<a b="', '__proto__', '<__proto__>', '</__proto__>', 'x', ' ', '\r\n', '你', '\u0000'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const error = refusal(pieces.join(''));
        expect(error === undefined || ColloquyError.is(error, 'bad_body')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
