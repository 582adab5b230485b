import { describe, expect, it } from 'vitest';
import { LANGUAGES, addressOf, fragmentOf } from '../../docs/.vitepress/site/addresses.ts';
import { readFlowchart } from '../../docs/.vitepress/site/flowchart.ts';
import { ENTRY_POINTS, GUIDES, linkToGuide } from '../../docs/.vitepress/site/guides.ts';
import { blockOf, plain, withLinks } from '../../docs/.vitepress/site/markdown.ts';
import { readGuide } from '../../docs/.vitepress/site/navigation.ts';
import { tokensOf } from '../../docs/.vitepress/site/search.ts';
import { stagePages } from '../../docs/.vitepress/site/stage.ts';
import { anchorsOf, parsePage, readPages, root } from '../docs/pages.ts';
import { entries } from '../../tsup.config.ts';

const { pages, files } = stagePages(root);
const addresses = new Set(pages.map(({ address }) => address));

describe('the pages of the site', () => {
  it('are those of the guide, a home page in each language, and what they link to', () => {
    const guide = readPages().map(({ path }) => addressOf(path, false));
    expect(guide.filter((address) => !addresses.has(address))).toEqual([]);
    expect([...addresses].filter((address) => address.startsWith('source/'))).toEqual(
      expect.arrayContaining(['source/CHANGELOG.md', 'source/CONTRIBUTING.md']),
    );
    expect([...files.values()]).toContain('pictures/studio.png');
  });

  it('do not say which page is next, which the site shows by itself', () => {
    expect(pages.filter(({ text }) => /^(?:Next: |下一页：)/mu.test(text))).toEqual([]);
  });

  it('begin with what the project is, in one sentence', () => {
    const [english, chinese] = ['index.md', 'zh-CN/index.md'].map(
      (address) => pages.find((page) => page.address === address)?.text,
    );
    expect(english).toMatch(/^ {4}Colloquy is a TypeScript library .* like any other code\.$/mu);
    expect(chinese).toMatch(/^ {4}用 TypeScript 写聊天机器人：\S.*微信公众号.*。$/mu);
    expect(english).toMatch(/^ {2}src: \/pictures\/studio\.png\n {2}alt: >-\n {4}\S/mu);
  });

  it('stand in the order of the index of their language', () => {
    for (const language of LANGUAGES) {
      const sections = readGuide(root, language);
      const listed = sections.flatMap((section) => section.pages.map(({ address }) => address));
      expect(listed.filter((address) => !addresses.has(address))).toEqual([]);
      expect(new Set(listed).size).toBe(listed.length);
      expect(sections.every(({ title }) => title !== '')).toBe(true);
    }
    const titles = readGuide(root, LANGUAGES[0]).map(({ title }) => title);
    expect(titles.slice(0, 3)).toEqual(['Getting started', 'Define', 'Test']);
    expect(titles.at(-1)).toBe('FAQ and glossary');
  });
});

describe('the reference', () => {
  it('leads to headings of the guide that exist', () => {
    const all = [
      ...Object.values(GUIDES).flat(),
      ...Object.values(ENTRY_POINTS).map(([, page]) => page),
    ];
    const byPath = new Map(readPages().map((page) => [page.path, anchorsOf(page)]));
    const wrong = all.filter((guide) => {
      const [page, fragment] = guide.split('#');
      const anchors = byPath.get(`docs/${page}`);
      return fragment === undefined ? anchors === undefined : anchors?.includes(fragment) !== true;
    });
    expect(wrong).toEqual([]);
    expect(linkToGuide('asking.md#schemas', 'reference/colloquy/functions/schema.md')).toBe(
      '[Asking](../../../asking.md#schemas)',
    );
    expect(() => linkToGuide('gone.md', 'reference/index.md')).toThrow('docs/gone.md');
  });

  it('says what each entry point is for', () => {
    const names = Object.keys(entries).map((name) =>
      name === 'index' ? 'colloquy' : `colloquy/${name}`,
    );
    expect(Object.keys(ENTRY_POINTS).toSorted()).toEqual(names.toSorted());
  });
});

describe('an address', () => {
  it.each([
    ['README.md', false, 'index.md'],
    ['docs/README.md', false, 'guide.md'],
    ['docs/zh-CN/README.md', false, 'zh-CN/guide.md'],
    ['docs/zh-CN/asking.md', false, 'zh-CN/asking.md'],
    ['docs/decisions/README.md', false, 'decisions/index.md'],
    ['docs/pictures/studio.png', false, 'pictures/studio.png'],
    ['CHANGELOG.md', false, 'source/CHANGELOG.md'],
    ['examples/web-chat/server.ts', false, 'source/examples/web-chat/server.ts.md'],
    ['examples/web-chat', true, 'source/examples/web-chat/index.md'],
  ])('of %s', (path, isFolder, address) => {
    expect(addressOf(path, isFolder)).toBe(address);
  });

  it('of a heading is that of GitHub', () => {
    const headings = ['`number()`', 'Hono, h3 and Elysia', '安装', 'From `a` to `b`'];
    const page = parsePage('x.md', headings.map((heading) => `## ${heading}`).join('\n'));
    expect(headings.map(fragmentOf)).toEqual(anchorsOf(page));
  });
});

describe('Markdown', () => {
  it('has other links in its prose, and the same in its code', () => {
    const text = ['[a](b.md) `[a](b.md)` ![c](d.png)', '```md', '[a](b.md)', '```', '[e](f.md#g)'];
    expect(withLinks(text.join('\n'), (link) => `../${link}`).split('\n')).toEqual([
      '[a](../b.md) `[a](b.md)` ![c](../d.png)',
      ...['```md', '[a](b.md)', '```'],
      '[e](../f.md#g)',
    ]);
  });

  it('holds a text with fences in a block', () => {
    expect(blockOf('```ts\nlet a;\n```\n', 'md')).toBe('````md\n```ts\nlet a;\n```\n````');
  });

  it('is plain in a title', () => {
    expect(plain('[Phrases](a.md): `hear`, *not* _read_ snake_case')).toBe(
      'Phrases: hear, not read snake_case',
    );
  });
});

describe('a flowchart', () => {
  it('is read as boxes and arrows', () => {
    const { boxes, arrows } = readFlowchart(
      'flowchart TD\n  a["one"] --> b{"two?"} --> c["three"]\n  b -->|"no way"| a',
    );
    expect(boxes.map(({ title, kind }) => [title, kind])).toEqual([
      ['one', 'state'],
      ['two?', 'question'],
      ['three', 'state'],
    ]);
    expect(arrows.map(({ id, labels }) => [id, ...labels.map(({ text }) => text)])).toEqual([
      ['a→b'],
      ['b→c'],
      ['b→a', 'no way'],
    ]);
  });

  it('is refused if it has anything else', () => {
    expect(() => readFlowchart('pie\n  "a" : 1')).toThrow('pie');
    expect(() => readFlowchart('flowchart TD\n  a(("round")) --> b')).toThrow('round');
  });
});

it.each([
  ['A message counts once.', ['A', 'message', 'counts', 'once']],
  ['公众号 5 秒内', ['公众', '众号', '5', '秒内']],
  ['用 createRunner()', ['用', 'createRunner']],
])('the search takes for words of “%s”', (text, words) => {
  expect(tokensOf(text)).toEqual(words);
});
