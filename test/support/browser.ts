import { existsSync } from 'node:fs';
import { type Browser, type Page, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = [process.env['CHROMIUM_PATH'], ...PATHS].find(
  (path) => path !== undefined && existsSync(path),
);

/** Whether a page can be shown. Without Chromium, its tests are named as skipped; in CI they run, and fail. */
export const canShowPages: boolean =
  executablePath !== undefined || process.env['CI'] !== undefined;

/** Starts Chromium without a window. The test closes it. */
export function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) {
    throw new Error("There is no Chromium: install Debian's `chromium`, or set CHROMIUM_PATH.");
  }
  // A container has no user namespaces for a sandbox, and little shared memory.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** What went wrong in a page, beside what a test looks at: errors on its console, and exceptions that no one caught. */
export function problemsOf(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  return problems;
}
