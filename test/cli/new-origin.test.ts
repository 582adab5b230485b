import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { originOf, specOf } from '../../src/cli/new/origin.ts';
import { version } from '../../src/cli/version.ts';
import { newFiles } from './new-projects.ts';

/** A folder that has the library under a path, and what else is in it. */
function installed(path: string, files: Readonly<Record<string, string | object>>): string {
  const root = mkdtempSync(join(tmpdir(), 'colloquy-origin-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, path), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), typeof text === 'string' ? text : JSON.stringify(text));
  }
  return root;
}

const NPM = 'bot/node_modules/colloquy';
const PNPM = 'bot/node_modules/.pnpm/colloquy@1/node_modules/colloquy';
const asked = (spec: string): object => ({
  'bot/package.json': { dependencies: { colloquy: spec } },
});
const REGISTRY = 'https://registry.npmjs.org/colloquy/-/colloquy-0.1.0.tgz';

describe('where a new project takes the library from', () => {
  it.each([
    ['npm', NPM],
    ['pnpm', PNPM],
  ])('is the packed file that %s has installed', async (_name, path) => {
    const root = installed(path, { ...asked('file:../colloquy-9.tgz'), 'colloquy-9.tgz': 'x' });
    const origin = await originOf(join(root, path));
    expect(origin).toEqual({ kind: 'tarball', path: join(root, 'colloquy-9.tgz') });
    expect(specOf(origin, join(root, 'bot/demo'))).toBe('file:colloquy-9.tgz');
  });

  it.each([
    ['a repository', 'git+https://git.example/colloquy.git#v1'],
    ['a repository of GitHub', 'github:colloquy/colloquy'],
    ['a repository by its short name', 'colloquy/colloquy#main'],
    ['an address', 'https://files.example/colloquy.tgz'],
  ])('is %s, as it was asked for', async (_name, spec) => {
    const root = installed(NPM, asked(spec) as Record<string, object>);
    expect(await originOf(join(root, NPM))).toEqual({ kind: 'spec', spec });
  });

  it.each(['^0.1.0', '0.1.0', 'latest', '*', 'npm:colloquy@0.1.0', ''])(
    'is the registry, in this version, where %j was asked for',
    async (spec) => {
      const root = installed(NPM, asked(spec) as Record<string, object>);
      expect(await originOf(join(root, NPM))).toEqual({ kind: 'spec', spec: `^${version}` });
    },
  );

  it('is what npm has installed for a package that needs the library, as npm create does', async () => {
    const locked = (resolved: string): Record<string, object> => ({
      'bot/package.json': { dependencies: { 'create-colloquy': '^1.0.0' } },
      'bot/node_modules/.package-lock.json': {
        packages: { 'node_modules/colloquy': { version: '0.1.0', resolved } },
      },
    });
    const fromRegistry = installed(NPM, locked(REGISTRY));
    expect(await originOf(join(fromRegistry, NPM))).toEqual({ kind: 'spec', spec: `^${version}` });
    const fromFile = installed(NPM, { ...locked('file:../c.tgz'), 'c.tgz': 'x' });
    expect(await originOf(join(fromFile, NPM))).toMatchObject({ kind: 'tarball' });
  });

  it.each([
    ['a clone', 'clone', {}],
    ['installed for the whole machine', 'lib/node_modules/colloquy', {}],
    ['installed from a file that has gone', NPM, asked('file:../gone.tgz')],
    ['installed by a project that does not parse', NPM, { 'bot/package.json': '{' }],
  ])('is the folder of the library, where that is %s', async (_name, path, files) => {
    const root = installed(path, files as Record<string, string>);
    const origin = await originOf(join(root, path));
    expect(origin).toEqual({ kind: 'folder', path: join(root, path) });
    expect(specOf(origin, join(root, 'new/demo'))).toBe(`file:../../${path}`);
  });

  it('is a linked folder by its own path', async () => {
    const root = installed('clone', asked('file:../clone') as Record<string, object>);
    mkdirSync(join(root, NPM), { recursive: true });
    expect(await originOf(join(root, NPM))).toEqual({ kind: 'folder', path: join(root, 'clone') });
  });

  it('is copied if it is a folder, so that its own packages are not loaded beside those of the project', () => {
    const files = newFiles({ origin: { kind: 'folder', path: '/work/clone' } });
    expect(files['.npmrc']).toBe('install-links=true\n');
    expect(files['package.json']).toContain('"colloquy": "file:../clone"');
    expect(files['Dockerfile']).toContain(' .npmrc ./\n');
  });

  it('is in the image if it is a packed file', () => {
    const files = newFiles({ origin: { kind: 'tarball', path: '/work/colloquy-1.tgz' } });
    expect(files['package.json']).toContain('"colloquy": "file:colloquy-1.tgz"');
    expect(files['Dockerfile']).toContain(
      'COPY package.json package-lock.json* colloquy-1.tgz ./\n',
    );
  });
});
