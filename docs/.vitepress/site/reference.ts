import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { entries } from '../../../tsup.config.ts';
import { fillOnce } from './cache.ts';
import { ENTRY_POINTS, GUIDES, linkToGuide } from './guides.ts';

/** What TypeDoc is asked for, besides its entry points. */
const OPTIONS = {
  readme: 'none',
  router: 'member',
  entryFileName: 'index',
  githubPages: false,
  disableSources: true,
  excludeExternals: true,
  excludeInternal: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  parametersFormat: 'table',
  // The step `types` of the gate finds errors.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  // The types that infer are no part of the surface.
  validation: { notExported: false, invalidLink: true, rewrittenLink: true },
};

const PLUGIN = 'docs/.vitepress/site/typedoc-plugin.mjs';

/** Writes the reference of every entry point as Markdown into a folder, by TypeDoc. */
export async function writeReference(root: string, folder: string): Promise<void> {
  const names = Object.entries(entries).map(([name, source]) => {
    return [source, name === 'index' ? 'colloquy' : `colloquy/${name}`] as const;
  });
  const options = join(folder, '../typedoc.json');
  const plugins = ['typedoc-plugin-markdown', join(root, PLUGIN)];
  writeFileSync(
    options,
    JSON.stringify({
      ...OPTIONS,
      name: 'Reference',
      entryPoints: names.map(([source]) => join(root, source)),
      tsconfig: join(root, 'tsconfig.json'),
      plugin: plugins,
      out: folder,
    }),
  );
  await fillOnce(folder, 'reference', {
    ingredients: {
      paths: ['src', 'tsconfig.json', 'docs/package-lock.json', PLUGIN],
      texts: [JSON.stringify(OPTIONS), ...names.flat()],
    },
    make: () => runTool(root, 'typedoc/bin/typedoc', ['--options', options]),
  });
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.md')) continue;
    const file = join(folder, path);
    const address = posix.join('reference', path.replaceAll('\\', '/'));
    writeFileSync(file, withGuides(readFileSync(file, 'utf8'), address));
  }
  writeFileSync(join(folder, 'index.md'), indexOf(names.map(([, name]) => name)));
}

/** Runs a program of the packages of `docs`. Rejects if it fails, or prints a warning. */
export async function runTool(
  root: string,
  program: string,
  args: readonly string[],
): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'docs/node_modules', program), ...args], {
    cwd: join(root, 'docs'),
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => printed.push(data));
  }
  const status = await new Promise<unknown>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  const text = Buffer.concat(printed).toString();
  if (status !== 0) throw new Error(`${program} ended with ${String(status)}:\n${text}`);
  if (/warn|\(!\)|deprecat/iu.test(text)) throw new Error(`${program} warns:\n${text}`);
}

/** Says below a heading of the reference where the guide is about it. */
function withGuides(text: string, address: string): string {
  return text.replaceAll(/^(#+) (.+)$/gmu, (line, marks: string, heading: string) => {
    const [, name = ''] = /^(?:[A-Z][\w ]*: )?(\w+)/u.exec(heading) ?? [];
    const guides = marks === '#' || isWordsPage(address) ? GUIDES[name] : undefined;
    if (guides === undefined) return line;
    const links = guides.map((guide) => linkToGuide(guide, address));
    return `${line}\n\nIn the guide: ${links.join(', ')}`;
  });
}

/** The pages whose members are the words to write a dialogue with. */
function isWordsPage(address: string): boolean {
  return /\/(?:Vocabulary|DialogueSetup)\.md$/u.test(address);
}

/** @throws Error for an entry point of which `guides.ts` says nothing */
function indexOf(names: readonly string[]): string {
  const rows = Object.entries(ENTRY_POINTS).map(([name, [purpose, guide]]) => {
    const link = `[\`${name}\`](${name}/index.md)`;
    return `| ${link} | ${purpose} | ${linkToGuide(guide, 'reference/index.md')} |`;
  });
  const missing = names.filter((name) => ENTRY_POINTS[name] === undefined);
  if (missing.length > 0 || rows.length !== names.length) {
    throw new Error(`guides.ts does not name the entry points as they are: ${missing.join(', ')}`);
  }
  return `${INTRODUCTION}\n\n| import from | what it has | in the guide |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

const INTRODUCTION = `# Reference

Every export of every entry point, from its docstring. The guide says when to use what. The texts of errors begin with a
code; [Errors](../errors.md) has them all, [Limits](../limits.md) every limit and default.`;
