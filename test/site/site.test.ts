import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { compile } from '../docs/compile.ts';
import { readPages } from '../docs/pages.ts';
import { canShowPages, launchBrowser, problemsOf } from '../support/browser.ts';
import { canBuildSite, deadLinks, filesOf, useSite } from './built-site.ts';

describe.skipIf(!canBuildSite)('the site of the documentation', () => {
  const site = useSite();
  const read = (path: string): string => readFileSync(join(site.folder(), path), 'utf8');

  it('has no link, anchor or image that leads to nothing', () => {
    expect(deadLinks(site.folder())).toEqual([]);
  });

  it('has every page of the guide, as HTML and as Markdown', () => {
    const files = new Set(filesOf(site.folder()));
    const pages = readPages()
      .map(({ path }) => path.replace(/^docs\//u, ''))
      .filter((path) => !path.endsWith('README.md') && !path.startsWith('README'));
    expect(pages.length).toBeGreaterThan(40);
    expect(pages.filter((path) => !files.has(path))).toEqual([]);
    const html = [...files].filter((file) => file.endsWith('.html') && file !== '404.html');
    expect(html.filter((file) => !files.has(file.replace(/html$/u, 'md')))).toEqual([]);
    expect(pages.filter((path) => !files.has(path.replace(/md$/u, 'html')))).toEqual([]);
  });

  it('has an index for programs, whose links lead to Markdown', () => {
    const links = [...read('llms.txt').matchAll(/\]\(\/([^)]+)\)/gu)].map(([, path = '']) => path);
    const files = new Set(filesOf(site.folder()));
    expect(links.length).toBeGreaterThan(40);
    expect(links.filter((path) => !files.has(path))).toEqual([]);
    expect(read('llms-full.txt')).toContain(read('first-dialogue.md').trim());
    expect(read('first-dialogue.md')).toMatch(/^# Your first dialogue\n/u);
  });

  it('has the reference of every entry point, with the way to the guide', () => {
    expect(read('reference/colloquy/functions/setupDialogue.md')).toContain(
      'In the guide: [Your first dialogue](../../../first-dialogue.md)',
    );
    const words = read('reference/colloquy/interfaces/DialogueSetup.md');
    const headings = [...words.matchAll(/^### (\w+)\(\)\n\n(.*)$/gmu)];
    expect(headings.length).toBeGreaterThan(10);
    expect(headings.filter(([, , next]) => !next?.startsWith('In the guide: '))).toEqual([]);
  });

  it('has code for the browser that compiles', () => {
    expect(compile('docs/.vitepress')).toEqual([]);
  });

  describe.skipIf(!canShowPages)('in a browser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser();
      return () => browser.close();
    });

    /** Opens a page; the test fails if it complains, or asks another host for anything. */
    async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const problems = problemsOf(page);
      const strangers: string[] = [];
      page.on('request', (request) => {
        const address = request.url();
        if (!address.startsWith('data:') && !address.startsWith(site.url()))
          strangers.push(address);
      });
      onTestFinished(async () => {
        await context.close();
        expect({ problems, strangers }).toEqual({ problems: [], strangers: [] });
      });
      await page.goto(`${site.url()}${path}`, { waitUntil: 'networkidle' });
      return page;
    }

    it.each([
      ['/first-dialogue.html', 'Search', 'wechat retries', '/'],
      ['/first-dialogue.html', 'Search', 'createManualClock', '/reference/'],
      ['/zh-CN/forms.html', '搜索文档', '公众号', '/zh-CN/'],
    ])('finds from %s by the button “%s”: %s', async (path, button, words, folder) => {
      const page = await open(path, { viewport: { width: 1280, height: 800 } });
      await page.getByRole('button', { name: button }).first().click();
      await page.locator('#localsearch-input').fill(words);
      const results = page.locator('#localsearch-list a');
      await results.first().waitFor();
      expect(await results.first().getAttribute('href')).toMatch(new RegExp(`^${folder}`, 'u'));
      await results.first().click();
      await page.waitForURL((url) => !url.pathname.endsWith(path));
      await page.locator('h1').first().waitFor();
    });

    it('shows a chart of a dialogue in the colours of the page', async () => {
      const shown = async (colorScheme: 'light' | 'dark'): Promise<string[]> => {
        const page = await open('/first-dialogue.html', { colorScheme });
        const pictures = page.locator('.chart[open] img:visible');
        await pictures.first().waitFor();
        return pictures.evaluateAll((all) => all.map((each) => (each as { src: string }).src));
      };
      const names = [await shown('light'), await shown('dark')].map((sources) =>
        sources.map((source) => source.slice(source.lastIndexOf('/') + 1)),
      );
      expect(names).toEqual([['first-dialogue-greeter.svg'], ['first-dialogue-greeter-dark.svg']]);
    });

    it('leads to the same page in the other language, or to its guide', async () => {
      const page = await open('/asking.html', { viewport: { width: 1280, height: 800 } });
      const ways = async (): Promise<(string | null)[]> =>
        page
          .locator('.VPNavBarTranslations a')
          .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
      expect(await ways()).toEqual(['/zh-CN/asking.html']);
      await page.goto(`${site.url()}/reference/index.html`);
      expect(await ways()).toEqual(['/zh-CN/guide.html']);
    });

    const PAGES = {
      home: '/',
      guide: '/asking.html',
      reference: '/reference/colloquy/interfaces/DialogueSetup.html',
      chinese: '/zh-CN/wechat.html',
    };
    const LOOKS = [380, 1280].flatMap((width) =>
      (['light', 'dark'] as const).flatMap((scheme) =>
        Object.entries(PAGES).map(([name, path]) => [name, width, scheme, path] as const),
      ),
    );

    it.each(LOOKS)(
      'is for everybody: %s, %i pixels wide, %s',
      async (name, width, scheme, path) => {
        const viewport = { width, height: 800 };
        const page = await open(path, { viewport, colorScheme: scheme, bypassCSP: true });
        // Colours fade into one another; only those at the end count.
        await page.evaluate('Promise.all(document.getAnimations().map((each) => each.finished))');
        const pictures = process.env['SITE_PICTURES'];
        if (pictures !== undefined) {
          mkdirSync(pictures, { recursive: true });
          await page.screenshot({ path: join(pictures, `${name}-${width}-${scheme}.png`) });
        }
        const reach = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(reach).toBeLessThanOrEqual(width);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
        const serious = violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
          );
        expect(serious).toEqual([]);
      },
    );
  });
});

describe('the look for dead links', () => {
  it('finds a page, an anchor and an image that are not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-links-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'in'));
    writeFileSync(
      join(folder, 'a.html'),
      '<h1 id="top"></h1><a href="#top"></a><a href="/in/"></a><a href="https://example.com/x"></a><a href="#no"></a><img src="no.png">',
    );
    writeFileSync(
      join(folder, 'in/index.html'),
      '<a href="../a.html#top">a</a><a href="b.html">b</a>',
    );
    expect(deadLinks(folder)).toEqual(['a.html: #no', 'a.html: no.png', 'in/index.html: b.html']);
  });
});
