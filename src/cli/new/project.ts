import type { LibraryOrigin } from './origin.ts';

/** What `colloquy new` was asked for. */
export interface NewProject {
  /** As npm takes it for a package, so that no file has to escape it. */
  readonly name: string;
  readonly template: Template;
  readonly store: StoreKind;
  readonly lang: Lang;
  /** Where the project takes this library from. */
  readonly origin: LibraryOrigin;
}

export type Template = 'terminal' | 'wechat' | 'telegram' | 'slack' | 'web';
export type StoreKind = 'memory' | 'lmdb' | 'sqlite' | 'redis' | 'postgres';
/** What the project is written in: what its bot says, its tests, its README and its comments. */
export type Lang = 'en' | 'zh';

/** A text in both languages. */
export type Bilingual = Readonly<Record<Lang, string>>;

export const TEMPLATES: Readonly<Record<Template, Bilingual>> = {
  web: { en: 'a page in the browser', zh: '浏览器里的聊天页' },
  terminal: { en: 'this terminal', zh: '就在终端里' },
  wechat: { en: 'an official account of WeChat', zh: '微信公众号' },
  telegram: { en: 'a bot of Telegram', zh: 'Telegram 机器人' },
  slack: { en: 'an app of Slack', zh: 'Slack 应用' },
};

export const STORES: Readonly<Record<StoreKind, Bilingual>> = {
  memory: { en: 'in memory: a restart forgets all', zh: '内存：重启就没了' },
  lmdb: { en: 'in a folder of this machine', zh: '本机的一个文件夹' },
  sqlite: { en: 'in a file of this machine', zh: '本机的一个文件' },
  redis: { en: 'in Redis, for several machines', zh: 'Redis，多台机器可以共用' },
  postgres: { en: 'in PostgreSQL, for several machines', zh: 'PostgreSQL，多台机器可以共用' },
};

export const LANGS: Readonly<Record<Lang, Bilingual>> = {
  en: { en: 'English', zh: 'English' },
  zh: { en: '中文', zh: '中文' },
};

/** The choices without a question. */
export const DEFAULTS = { template: 'web', store: 'memory', lang: 'en' } as const;

/** As npm takes it for a package (https://docs.npmjs.com/cli/configuring-npm/package-json#name), and XState for an id. */
const NAME = /^[a-z][a-z0-9-]{0,60}$/u;

export function isProjectName(name: string): boolean {
  return NAME.test(name);
}

/** Whether people reach the bot over HTTP. */
export function isServer({ template }: NewProject): boolean {
  return template !== 'terminal';
}

/** Picks the text in the language of a project. */
export function inLanguage(lang: Lang): (english: string, chinese: string) => string {
  return (english, chinese) => (lang === 'zh' ? chinese : english);
}
