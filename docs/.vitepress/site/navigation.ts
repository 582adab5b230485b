import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Language, addressOf } from './addresses.ts';
import { linesOf, plain } from './markdown.ts';

/** A part of the guide, for one kind of reader. */
export interface GuideSection {
  readonly title: string;
  readonly pages: readonly GuidePage[];
}

export interface GuidePage {
  readonly title: string;
  /** What the index says of the page; may be empty. */
  readonly about: string;
  /** Of the page in the repository. */
  readonly path: string;
  /** On the site, as `asking.md`. */
  readonly address: string;
}

/**
 * The sections of the site, by reader: their titles in English and Chinese, and the pages that begin in them. A page that
 * is not named here stands where the page before it in the index does, so a new page needs no entry.
 */
const SECTIONS: readonly (readonly [english: string, chinese: string, pages: string])[] = [
  [
    'Getting started',
    '先动手',
    'start/terminal start/wechat start/telegram start/web first-dialogue wechat',
  ],
  [
    'Define',
    '定义',
    'asking forms questionnaires hearing commands-and-interruptions sub-dialogues replies words services models time types',
  ],
  ['Test', '测试', 'testing exploring'],
  ['Run', '运行', 'running store'],
  ['Channels', '渠道', 'channels channel-events slack web-chat broadcast'],
  ['Deploy', '上线', 'deploying frameworks persisters'],
  ['Operate', '运维', 'keeping observing studio scale'],
  ['Reference', '查阅', 'parsers limits errors command-line'],
  ['Explanation', '为什么这样设计', 'why-states decisions/ security benchmarks'],
  [
    'Migrating',
    '迁移',
    'migrating/wechat-python migrating/telegraf migrating/grammy migrating/botbuilder migrating/langgraph migrating',
  ],
  ['FAQ and glossary', '常见问题和术语', 'faq glossary'],
];

/** Reads the pages of a language from its index, and puts them into the sections of the site. */
export function readGuide(root: string, language: Language): readonly GuideSection[] {
  const inSections = SECTIONS.map((): GuidePage[] => []);
  let current = 0;
  for (const page of readIndex(root, language)) {
    const name = page.address.slice(language.folder.length).replace(/(?:index)?\.md$/u, '');
    const named = SECTIONS.findIndex(([, , pages]) => pages.split(' ').includes(name));
    if (named !== -1) current = named;
    inSections[current]?.push(page);
  }
  return SECTIONS.map(([english, chinese], index) => ({
    title: language.folder === '' ? english : chinese,
    pages: inSections[index] ?? [],
  })).filter(({ pages }) => pages.length > 0);
}

/** The pages in the numbered lists of an index, in order. */
function readIndex(root: string, { index }: Language): readonly GuidePage[] {
  return linesOf(readFileSync(join(root, index), 'utf8')).flatMap(({ text, isCode }) => {
    const [, title, link, about = ''] = /^\d+\. \[([^\]]+)\]\(([^)#\s]+)\)(.*)$/u.exec(text) ?? [];
    if (isCode || title === undefined || link === undefined) return [];
    const path = posix.join(posix.dirname(index), link);
    // What the index says after a colon; a title may go on after a comma.
    const [, description = ''] = /^\s*[:：]\s*(.*)$/u.exec(about) ?? [];
    return [
      { title: plain(title), about: plain(description), path, address: addressOf(path, false) },
    ];
  });
}

/** An entry of a sidebar of VitePress. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly items?: SidebarItem[];
  readonly collapsed?: boolean;
}

/** The address of a page as VitePress has it in links. */
export function linkTo(address: string): string {
  return `/${address.replace(/(^|\/)index\.md$/u, '$1').replace(/\.md$/u, '')}`;
}
