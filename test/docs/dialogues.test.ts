import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintDialogue } from 'colloquy/testing';
import type { AnyStateMachine } from 'xstate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { langs, newFiles } from '../cli/new-projects.ts';
import { type Page, parsePage, readPages, root } from './pages.ts';
import { type DefinedDialogues, dialoguesOf } from './dialogues.ts';

/**
 * The rules that a page says lint finds in its dialogues: a short one may leave out a limit or a fallback, but not in
 * silence. A program may print them, too.
 */
function saidRules({ prose }: Page): string[] {
  const said = [
    ...prose.matchAll(/Lint\s+finds\s+((?:`[\w-]+`(?:,\s+|\s+and\s+)?)+)/gu),
    ...prose.matchAll(/静态检查会报 ((?:`[\w-]+`、?)+)/gu),
  ];
  return said.flatMap(([, names = '']) =>
    [...names.matchAll(/`([\w-]+)`/gu)].map(([, name = '']) => name),
  );
}

function unsaidIn(page: Page, defined: readonly DefinedDialogues[]): string[] {
  const said = saidRules(page);
  const printed = page.programs.flatMap(({ prints }) => prints).join('\n');
  return defined
    .flatMap(({ findings }) => findings)
    .filter(({ rule }) => !said.includes(rule) && !printed.includes(rule))
    .map(({ severity, rule, dialogue, path, message }) => {
      return `${page.path}: ${severity} ${rule} (${dialogue}: ${path}) ${message}`;
    });
}

describe('a page says what lint finds in its dialogues, and nothing else', () => {
  const pages = readPages().filter(({ programs }) => programs.length > 0);
  const counts: number[] = [];
  it.concurrent.each(pages.map((page) => [page.path, page] as const))('%s', async (_, page) => {
    const defined = await Promise.all(page.programs.map(dialoguesOf));
    counts.push(defined.reduce((sum, { ids }) => sum + ids.length, 0));
    expect(unsaidIn(page, defined)).toEqual([]);
    const found = new Set(defined.flatMap(({ findings }) => findings.map(({ rule }) => rule)));
    expect(saidRules(page).filter((rule) => !found.has(rule as never))).toEqual([]);
  });

  it('and the pages define many', () => {
    expect(counts).toHaveLength(pages.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(50);
  });

  it('which is found to be untrue, and to be kept secret', async () => {
    const code = (states: string): string =>
      [
        '```ts',
        "import { setupDialogue } from 'colloquy';",
        `setupDialogue({}).createDialogue({ id: 'stuck', context: {}, initial: 'a', states: ${states} });`,
        '```',
      ].join('\n');
    const secret = parsePage('x.md', code('{ a: {} }'));
    const said = parsePage(
      'x.md',
      `${code('{ a: {} }')}\nLint finds \`no-way-out\` and \`no-fallback\` in it.`,
    );
    const defined = await Promise.all(secret.programs.map(dialoguesOf));
    expect(unsaidIn(secret, defined)).toHaveLength(2);
    expect(unsaidIn(said, defined)).toEqual([]);
    expect(saidRules(said)).toEqual(['no-way-out', 'no-fallback']);
  });
});

it.each(langs)('lint finds nothing in the dialogue of a new project in %s', async (lang) => {
  const folder = mkdtempSync(join(root, 'test/docs/tmp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { 'dialogue.ts': code = '' } = newFiles({ lang });
  writeFileSync(join(folder, 'dialogue.ts'), code);
  const { default: dialogue } = (await import(join(folder, 'dialogue.ts'))) as {
    readonly default: AnyStateMachine;
  };
  expect(dialogue.id).toBe('demo');
  expect(lintDialogue(dialogue)).toEqual([]);
});
