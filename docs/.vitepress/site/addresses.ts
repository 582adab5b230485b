/**
 * Where a file of the repository is on the site. Pages of the guide keep their names. The front page of the repository is
 * the home page. What else a page links to, as an example or the changelog, is shown under `source/`.
 */
export function addressOf(path: string, isFolder: boolean): string {
  const fixed = FIXED[path];
  if (fixed !== undefined) return fixed;
  if (path.startsWith('docs/') && /\.(?:md|png|svg)$/u.test(path)) {
    return path.slice('docs/'.length).replace(/(^|\/)README\.md$/u, '$1index.md');
  }
  if (isFolder) return `source/${path}/index.md`;
  return `source/${path.endsWith('.md') ? path : `${path}.md`}`;
}

const FIXED: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'README.zh-CN.md': 'zh-CN/index.md',
  'docs/README.md': 'guide.md',
  'docs/zh-CN/README.md': 'zh-CN/guide.md',
};

/** The languages of the site: the index of each guide, and the heading that begins the line to the next page. */
export const LANGUAGES = [
  { index: 'docs/README.md', home: 'README.md', folder: '', next: 'Next: ' },
  { index: 'docs/zh-CN/README.md', home: 'README.zh-CN.md', folder: 'zh-CN/', next: '下一页：' },
] as const;

export type Language = (typeof LANGUAGES)[number];

export function languageOf(address: string): Language {
  const [english, chinese] = LANGUAGES;
  return address.startsWith(chinese.folder) ? chinese : english;
}

/** The fragment by which one links to a heading, as GitHub makes it. */
export function fragmentOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
