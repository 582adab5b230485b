import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DefaultTheme, defineConfigWithTheme } from 'vitepress';
import { LANGUAGES, type Language, fragmentOf } from './site/addresses.ts';
import { ENTRY_POINTS } from './site/guides.ts';
import { type SidebarItem, linkTo, readGuide } from './site/navigation.ts';
import { tokensOf } from './site/search.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The repository, of which `site/build.ts` has put the pages together. */
const root = path('../..');
const [english, chinese] = LANGUAGES;

/** Two states and the way between them. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M11 16h10" stroke="#3451b2" stroke-width="3"/><circle cx="8" cy="16" r="6" fill="#3451b2"/><circle cx="24" cy="16" r="5" fill="#fff" stroke="#3451b2" stroke-width="3"/></svg>',
)}`;

/** The pages that are there in both languages, by the names that they have in English. */
const both = readdirSync(path('./pages/zh-CN'), { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.md') && existsSync(path(`./pages/${name}`)));

/** The guide as its index has it, and the reference beside its pages to look things up in. */
function sidebarOf(language: Language): SidebarItem[] {
  const everyExport = {
    text: language === chinese ? '全部导出（英文）' : 'Every export',
    link: '/reference/',
  };
  return readGuide(root, language).map(({ title, pages }) => ({
    text: title,
    items: [
      ...pages.map((page) => ({ text: page.title, link: linkTo(page.address) })),
      ...(pages.some(({ address }) => address.endsWith('limits.md')) ? [everyExport] : []),
    ],
  }));
}

function entryPoint(name: string): SidebarItem {
  return { text: name, link: `/reference/${name}/` };
}

/** `theme/langs.ts` reads `both`. */
interface ThemeConfig extends DefaultTheme.Config {
  readonly both?: readonly string[];
}

export default defineConfigWithTheme<ThemeConfig>({
  title: 'Colloquy',
  description:
    'A TypeScript library for chatbots that ask, understand the answer, remember it and follow up.',
  srcDir: './.vitepress/pages',
  // A link that leads nowhere fails the build.
  ignoreDeadLinks: false,
  // What all pages share is a file, and not a part of each.
  metaChunk: true,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: ICON }]],
  markdown: {
    // Links to headings are those of GitHub.
    anchor: { slugify: fragmentOf },
    // A busy machine would leave lines without their colours.
    shikiSetup(highlighter) {
      const { codeToHtml } = highlighter;
      highlighter.codeToHtml = (code, options) =>
        codeToHtml(code, { ...options, tokenizeTimeLimit: 0 });
    },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  vite: {
    resolve: {
      // A page leads to its counterpart in the other language only if there is one.
      alias: [
        { find: /^.*\/composables\/langs(?:\.js)?$/u, replacement: path('./theme/langs.ts') },
      ],
    },
    build: { chunkSizeWarningLimit: 4096 },
  },
  locales: {
    root: { label: 'English', lang: 'en' },
    'zh-CN': {
      label: '简体中文',
      lang: 'zh-CN',
      description: '用 TypeScript 写聊天机器人：会提问，听得懂回答，记得住说过的话，还会主动跟进。',
      themeConfig: {
        nav: [
          { text: '文档', link: '/zh-CN/guide' },
          { text: 'API 参考（英文）', link: '/reference/' },
          { text: '更新日志（英文）', link: '/source/CHANGELOG' },
        ],
        sidebar: { '/zh-CN/': sidebarOf(chinese) },
        outline: { label: '本页内容', level: [2, 3] },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '深色模式',
        lightModeSwitchTitle: '切换到浅色',
        darkModeSwitchTitle: '切换到深色',
        sidebarMenuLabel: '目录',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '切换语言',
        skipToContentLabel: '跳到正文',
        notFound: {
          title: '没有这一页',
          quote: '网址可能写错了，或者这一页换了地方。',
          linkText: '回到首页',
          linkLabel: '回到首页',
        },
      },
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Changelog', link: '/source/CHANGELOG' },
    ],
    sidebar: {
      '/': sidebarOf(english),
      '/reference/': [
        { text: 'Every export', link: '/reference/' },
        { text: 'Entry points', items: Object.keys(ENTRY_POINTS).map(entryPoint) },
      ],
    },
    outline: { level: [2, 3] },
    // For the composable above.
    both,
    notFound: { quote: 'There is no such page: its address is wrong, or it has moved.' },
    search: {
      provider: 'local',
      options: {
        miniSearch: { options: { tokenize: tokensOf } },
        // Of the reference, the name of an export and what it is for; its members are on its page.
        _render(source, env, md) {
          const html = md.render(source, env);
          if (!env.relativePath.startsWith('reference/')) return html;
          const end = html.indexOf('<h2');
          return end === -1 ? html : html.slice(0, end);
        },
        locales: {
          'zh-CN': {
            translations: {
              button: { buttonText: '搜索', buttonAriaLabel: '搜索文档' },
              modal: {
                displayDetails: '显示详情',
                resetButtonTitle: '清空',
                backButtonTitle: '关闭',
                noResultsText: '没有找到：',
                footer: { selectText: '打开', navigateText: '选择', closeText: '关闭' },
              },
            },
          },
        },
      },
    },
  },
});
