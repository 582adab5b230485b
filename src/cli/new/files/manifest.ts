import { rangeOf } from '../../version.ts';
import type { NewProject, StoreKind } from '../project.ts';
import { PACKAGE, specOf } from '../origin.ts';
import { programName } from './program.ts';

/** What a store needs beside this library. */
const CLIENTS: Readonly<Record<StoreKind, readonly string[]>> = {
  memory: [],
  lmdb: ['lmdb'],
  sqlite: ['libsql'],
  redis: ['ioredis'],
  postgres: ['pg'],
};
const TYPES: Readonly<Record<StoreKind, readonly string[]>> = {
  memory: [],
  lmdb: [],
  sqlite: [],
  redis: [],
  postgres: ['@types/pg'],
};

/** `package.json` of a new project. @param folder that the project is in */
export function manifestFile(project: NewProject, folder: string): string {
  const { name, origin, store, template } = project;
  const manifest = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: {
      start: `node --import tsx ${programName(project)}`,
      chat: 'colloquy chat',
      // The bot of this template is a page.
      ...(template !== 'web' && { page: 'colloquy chat --web' }),
      studio: 'colloquy studio',
      test: 'tsc && colloquy lint && colloquy test && node --import tsx --test dialogue.test.ts',
      coverage: 'colloquy coverage dialogue.ts',
      graph: 'colloquy graph',
    },
    dependencies: sorted({
      [PACKAGE]: specOf(origin, folder),
      ...rangesOf(['tsx', 'xstate', ...CLIENTS[store]]),
    }),
    devDependencies: sorted(rangesOf(['@types/node', 'typescript', ...TYPES[store]])),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

function rangesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, rangeOf(name)]));
}

function sorted(ranges: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ranges).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
