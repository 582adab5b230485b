import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf } from './support/architecture.ts';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly version: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');
const manifestOf = (...path: readonly string[]): Manifest =>
  JSON.parse(read(...path, 'package.json')) as Manifest;

const names = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const library = manifestOf();

/** The packages that these imports of the library need. */
const BEHIND: Readonly<Record<string, string>> = {
  'colloquy/dialogue/parsers/phone': 'libphonenumber-js',
  'colloquy/persist/lmdb': 'lmdb',
};
/** Of every example: the peer of the library, and what loads TypeScript. */
const ALWAYS = ['colloquy', 'tsx', 'xstate'];

/** What of an example keeps it from being copied out: imports of other folders, and packages that it does not declare. */
function offences(files: ReadonlyMap<string, string>, declared: readonly string[]): string[] {
  const needed = new Set(ALWAYS);
  const found: string[] = [];
  for (const [path, text] of files) {
    for (const { specifier = '?', line } of importsOf(path, text)) {
      if (specifier.startsWith('node:')) continue;
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), specifier);
        if (!files.has(target)) found.push(`${path}:${line} imports ${specifier}`);
        continue;
      }
      const [scope = '', ...rest] = specifier.split('/');
      needed.add(scope.startsWith('@') ? `${scope}/${rest[0]}` : scope);
      const behind = BEHIND[specifier];
      if (behind !== undefined) needed.add(behind);
    }
  }
  for (const name of needed) if (!declared.includes(name)) found.push(`${name} is not declared`);
  for (const name of declared) if (!needed.has(name)) found.push(`${name} is not used`);
  return found;
}

function filesOf(name: string): Map<string, string> {
  const paths = readdirSync(join(root, 'examples', name), { recursive: true, encoding: 'utf8' });
  const sources = paths
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules/'));
  return new Map(sources.map((path) => [path, read('examples', name, path)]));
}

it('there are examples, and no file beside them but their list', () => {
  expect(names.length).toBeGreaterThan(5);
  const entries = readdirSync(join(root, 'examples'));
  expect(entries.toSorted()).toEqual(['README.md', ...names].toSorted());
});

it.each(names)(
  'examples/%s imports nothing but its own files and the packages it declares',
  (name) => {
    expect(offences(filesOf(name), Object.keys(manifestOf('examples', name).dependencies))).toEqual(
      [],
    );
  },
);

it('an import of another example, or of a package that is not declared, is found', () => {
  const files = new Map([
    ['main.ts', "import '../survey/dialogue.ts'; import './inner/a.ts'; import 'lmdb';"],
    [
      'inner/a.ts',
      "import '../main.ts'; import '../../serving.ts'; import 'colloquy/persist/lmdb';",
    ],
  ]);
  expect(offences(files, [...ALWAYS, 'zod'])).toEqual([
    'main.ts:1 imports ../survey/dialogue.ts',
    'inner/a.ts:1 imports ../../serving.ts',
    'lmdb is not declared',
    'zod is not used',
  ]);
});

describe.each(names)('the package of examples/%s', (name) => {
  const manifest = manifestOf('examples', name);

  it('is private, and has the three scripts', () => {
    expect(manifest).toMatchObject({
      name: `example-${name}`,
      private: true,
      type: 'module',
      scripts: { chat: 'colloquy chat', test: 'tsc && colloquy lint && colloquy test' },
    });
    expect(['colloquy chat', 'tsx main.ts']).toContain(manifest.scripts['start']);
  });

  it('takes the versions that the library was tried with', () => {
    const ranges = { ...library.devDependencies, ...library.peerDependencies };
    const expected = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).map(
      (each) => [each, each === 'colloquy' ? `^${library.version}` : ranges[each]],
    );
    expect({ ...manifest.dependencies, ...manifest.devDependencies }).toEqual(
      Object.fromEntries(expected),
    );
  });

  it('has transcripts, and a README with its commands and no link that a copy has not', () => {
    const files = readdirSync(join(root, 'examples', name));
    expect(files.filter((each) => each.endsWith('.chat'))).not.toEqual([]);
    const readme = read('examples', name, 'README.md');
    const list = read('examples/README.md');
    expect(list).toContain(`[${name}](${name})`);
    expect(readme).toMatch(
      name === 'wechat-echo' ? /`npm start`/u : new RegExp(`npm run example ${name}`, 'u'),
    );
    for (const script of readme.matchAll(/npm run (?!example)([\w-]+)/gu)) {
      expect(Object.keys(manifest.scripts)).toContain(script[1]);
    }
    for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)/gu))
      expect(files).toContain(target);
  });

  it('has the same settings as the others', () => {
    for (const file of ['tsconfig.json', '.gitignore']) {
      expect(read('examples', name, file)).toBe(read('examples/telegram', file));
    }
    if (filesOf(name).has('serving.ts')) {
      expect(read('examples', name, 'serving.ts')).toBe(read('examples/telegram/serving.ts'));
    }
  });
});
