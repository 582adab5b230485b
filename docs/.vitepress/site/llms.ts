import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LANGUAGES } from './addresses.ts';
import { plain } from './markdown.ts';
import { readGuide } from './navigation.ts';
import type { SitePage } from './stage.ts';

/**
 * Writes what programs read (https://llmstxt.org): each page as Markdown beside its HTML, `llms.txt` with an index of the
 * guide in both languages, and `llms-full.txt` with the whole guide in English.
 * @param base the path under which the site is served, as `/` or `/colloquy/`
 */
export function writeForPrograms(
  pages: readonly SitePage[],
  { root, out, base }: { readonly root: string; readonly out: string; readonly base: string },
): void {
  const byAddress = new Map(pages.map((page) => [page.address, page]));
  for (const { address, text } of pages) {
    const file = join(out, address);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, withoutHead(text));
  }
  const [english, chinese] = LANGUAGES;
  const home = byAddress.get('index.md')?.text ?? '';
  const [, sentence = ''] = /^ {2}tagline: >-\n {4}(.*)$/mu.exec(home) ?? [];
  const listed = [english, chinese].flatMap((language) =>
    readGuide(root, language).flatMap((section) => [
      `## ${language === chinese ? `中文：${section.title}` : section.title}`,
      '',
      ...section.pages.map(
        ({ title, about, address }) =>
          `- [${title}](${base}${address})${about === '' ? '' : `: ${about}`}`,
      ),
      '',
    ]),
  );
  const rest = [
    '## Optional',
    '',
    `- [Reference](${base}reference/index.md): every export of every entry point`,
    `- [The whole guide in one file](${base}llms-full.txt)`,
  ];
  const head = ['# Colloquy', '', `> ${plain(sentence)}`, ''];
  writeFileSync(join(out, 'llms.txt'), `${[...head, ...listed, ...rest].join('\n')}\n`);
  const whole = [
    'guide.md',
    ...readGuide(root, english).flatMap((section) => section.pages.map(({ address }) => address)),
  ];
  const texts = whole.map((address) => byAddress.get(address)?.text.trimEnd() ?? '');
  writeFileSync(join(out, 'llms-full.txt'), `${[head.join('\n'), ...texts].join('\n\n')}\n`);
}

/** A page without what only VitePress reads. */
function withoutHead(text: string): string {
  return text.replace(/^---\n.*?\n---\n+/su, '');
}
