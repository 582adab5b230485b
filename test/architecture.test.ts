import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findViolations, importsOf, type Rule } from './support/architecture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

async function readSources(): Promise<Map<string, string>> {
  const entries = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return new Map(
    paths.map((path, index) => [
      path.slice(root.length).replaceAll(sep, '/'),
      texts[index] as string,
    ]),
  );
}

/** A set of files that keeps every rule; single tests add to it. */
function withFiles(files: Record<string, string>): Map<string, string> {
  return new Map(
    Object.entries({
      'src/errors.ts': 'export class ColloquyError extends Error {}',
      'src/clock.ts': "import { ColloquyError } from './errors.ts'; export const now = Date.now;",
      'src/message.ts': 'export interface Message {}',
      'src/internal/heap.ts': 'export const heap = new Date();',
      'src/dialogue/engine.ts':
        "import { initialTransition } from 'xstate'; export const step = 1;",
      'src/dialogue/text/now.ts': 'export const { time, ...others } = { time: 1 };',
      'src/dialogue/parsers/integer.ts': "import { time } from '../text/now.ts';",
      'src/dialogue/engine/tree.ts':
        "import type { AnyStateNode } from 'xstate'; import '../parsers/integer.ts'; const a = machine.root._nodes;",
      'src/dialogue/define/ask.ts':
        "import '../engine/tree.ts'; import '../text/now.ts'; const a = subject.config.initial;",
      'src/dialogue/diagram.ts':
        "import './define/ask.ts'; import './engine/tree.ts'; const states = description.root.states;",
      'src/persist/persister.ts': 'export interface Persister {}',
      'src/persist/memory.ts':
        "import type { Persister } from './persister.ts'; export const m = 1;",
      'src/channels/channel.ts':
        "import type { Message } from '../message.ts'; export const c = 1;",
      'src/channels/wechat/xml.ts': "import { createHash } from 'node:crypto'; export const x = 1;",
      'src/persist/lmdb.ts': "import { open } from 'lmdb'; export const l = 1;",
      'src/context/store.ts':
        "import type { Persister } from '../persist/persister.ts'; import { LRUCache } from 'lru-cache'; export const s = 1;",
      'src/runner/runner.ts':
        "import { s } from '../context/store.ts'; import { step } from '../dialogue/engine.ts'; export const r = s;",
      'src/index.ts':
        "export { r } from './runner/runner.ts'; export type { Persister } from './persist/persister.ts';",
      'src/testing/converse.ts':
        "import { r } from '../runner/runner.ts'; import { m } from '../persist/memory.ts'; export const t = r;",
      ...files,
    }),
  );
}

describe('the layout of src', () => {
  it('is kept by every source file', async () => {
    const sources = await readSources();
    expect(sources.has('src/index.ts')).toBe(true);
    expect(findViolations(sources)).toEqual([]);
  });
});

describe('the checker', () => {
  it('accepts files that keep every rule', () => {
    expect(findViolations(withFiles({}))).toEqual([]);
    expect(findViolations(withFiles({ 'src/context/long.ts': '\n'.repeat(300) }))).toEqual([]);
  });

  it('reports a seventeenth file directly in the runner', () => {
    const names = Array.from({ length: 16 }, (_, index) => `src/runner/a${index}.ts`);
    const crowd = withFiles(Object.fromEntries(names.map((name) => [name, ''])));
    expect(findViolations(crowd)).toMatchObject([{ rule: 'crowd', path: 'src/runner/' }]);
    crowd.delete('src/runner/a0.ts');
    expect(findViolations(crowd)).toEqual([]);
  });

  it('does not accept an empty folder', () => {
    expect(findViolations(new Map())).toMatchObject([{ rule: 'empty' }]);
  });

  const offences: [title: string, rule: Rule, path: string, text: string][] = [
    ['a file in no known place', 'placement', 'src/helpers/a.ts', ''],
    ['a loose file', 'placement', 'src/store.ts', ''],
    ['a file named types.ts', 'name', 'src/runner/types.ts', ''],
    ['a file named utils.ts', 'name', 'src/internal/utils.ts', ''],
    ['a file of 301 lines', 'length', 'src/context/a.ts', '\n'.repeat(301)],
    ['export *', 'export-star', 'src/runner/a.ts', "export * from './runner.ts';"],
    ['export type *', 'export-star', 'src/runner/a.ts', "export type * from './runner.ts';"],
    ['export * as', 'export-star', 'src/runner/a.ts', "export * as all from './runner.ts';"],
    ['a file that is not there', 'unresolved', 'src/runner/a.ts', "import './b.ts';"],
    ['a path without extension', 'unresolved', 'src/runner/a.ts', "import './runner';"],
    ['a computed path', 'unresolved', 'src/runner/a.ts', 'await import(`./${name}.ts`);'],
    ['new Date()', 'time', 'src/runner/a.ts', 'export const a = new Date();'],
    ['new Date', 'time', 'src/runner/a.ts', 'export const a = new Date;'],
    ['Date()', 'time', 'src/runner/a.ts', 'export const a = Date();'],
    ['another package', 'package', 'src/runner/a.ts', "import _ from 'lodash';"],
    ['a part of another package', 'package', 'src/runner/a.ts', "import _ from '@scope/a/b';"],
    ['a builtin without node:', 'package', 'src/runner/a.ts', "import fs from 'fs';"],
    ['its own package', 'package', 'src/runner/a.ts', "import { r } from 'colloquy';"],
    ["a driver's package elsewhere", 'package', 'src/runner/a.ts', "import { open } from 'lmdb';"],
    [
      "a driver's package in a channel",
      'package',
      'src/channels/telegram/a.ts',
      "import type { RootDatabase } from 'lmdb';",
    ],
    ['a package by require', 'package', 'src/runner/a.ts', "const a = require('lodash');"],
    ['a package by import()', 'package', 'src/runner/a.ts', "const a = await import('lodash');"],
    ['a package by type', 'package', 'src/runner/a.ts', "type A = import('lodash').A;"],
    ['a package by re-export', 'package', 'src/runner/a.ts', "export { a } from 'lodash';"],
    ['a package by import =', 'package', 'src/runner/a.ts', "import a = require('lodash');"],
    ['the nodes of a snapshot', 'inside', 'src/testing/a.ts', 'export const a = snapshot._nodes;'],
    ['nodes, taken apart', 'inside', 'src/cli/a.ts', 'const { _nodes: nodes } = snapshot;'],
    ['a state node by type', 'inside', 'src/runner/a.ts', 'type A = import("xstate").StateNode;'],
    ['the mark of a machine', 'inside', 'src/cli/a.ts', "const is = '__xstatenode' in value;"],
    [
      'the actors of a machine',
      'inside',
      'src/testing/a.ts',
      'a = machine.implementations.actors;',
    ],
    ['the root of a machine', 'inside', 'src/dialogue/diagram.ts', 'const a = machine.root;'],
    ['the config of a node', 'inside', 'src/dialogue/define/a.ts', 'const a = stateNode.config;'],
    ['the states of a child', 'inside', 'src/testing/a.ts', 'const a = level.childMachine.states;'],
    [
      'a constant with the name of another',
      'homonym',
      'src/runner/step.ts',
      'export const step = 2;',
    ],
    [
      'a type with the name of another',
      'homonym',
      'src/runner/a.ts',
      'export interface Message {}',
    ],
    ['a name in an export list', 'homonym', 'src/runner/a.ts', 'const a = 1; export { a as now };'],
    ['a name in a pattern', 'homonym', 'src/runner/a.ts', 'export const [{ time }] = a;'],
    ['a package by reference', 'package', 'src/runner/a.ts', '/// <reference types="lodash" />'],
  ];
  it.each(offences)('reports %s', (_title, rule, path, text) => {
    expect(findViolations(withFiles({ [path]: text }))).toMatchObject([{ rule, path }]);
  });

  const wrongArrows: [path: string, target: string][] = [
    ['src/errors.ts', './dialogue/engine.ts'],
    ['src/internal/a.ts', '../context/store.ts'],
    ['src/internal/a.ts', '../persist/persister.ts'],
    ['src/dialogue/a.ts', '../persist/persister.ts'],
    ['src/dialogue/a.ts', '../channels/channel.ts'],
    ['src/dialogue/a.ts', '../context/store.ts'],
    ['src/persist/persister.ts', './memory.ts'],
    ['src/persist/a.ts', '../dialogue/engine.ts'],
    ['src/persist/a.ts', '../channels/channel.ts'],
    ['src/persist/a.ts', '../context/store.ts'],
    ['src/channels/a.ts', '../dialogue/engine.ts'],
    ['src/channels/a.ts', '../persist/persister.ts'],
    ['src/channels/a.ts', '../context/store.ts'],
    ['src/channels/a.ts', '../runner/runner.ts'],
    ['src/channels/a.ts', '../index.ts'],
    ['src/context/a.ts', '../runner/runner.ts'],
    ['src/context/a.ts', '../channels/channel.ts'],
    ['src/context/a.ts', '../persist/memory.ts'],
    ['src/runner/a.ts', '../channels/channel.ts'],
    ['src/runner/a.ts', '../persist/memory.ts'],
    ['src/runner/a.ts', '../testing/converse.ts'],
    ['src/runner/a.ts', '../index.ts'],
    ['src/index.ts', './channels/channel.ts'],
    ['src/index.ts', './persist/memory.ts'],
    ['src/index.ts', './testing/converse.ts'],
    ['src/index.ts', './cli/main.ts'],
    ['src/testing/a.ts', '../cli/main.ts'],
  ];
  it.each(wrongArrows)('reports the arrow %s → %s, also for a type-only import', (path, target) => {
    for (const text of [`import { a } from '${target}';`, `import type { a } from '${target}';`]) {
      const found = findViolations(withFiles({ 'src/cli/main.ts': '', [path]: text }));
      expect(found.filter(({ rule }) => rule !== 'cycle')).toMatchObject([{ rule: 'arrow', path }]);
    }
  });

  it('lets a page import what it and its server say to each other, and nothing else', () => {
    const page = 'src/channels/web/page/element.ts';
    const files = {
      'src/channels/web/protocol.ts': 'export interface Posted {}',
      'src/channels/web/index.ts': "import type { Posted } from './protocol.ts';",
      'src/channels/web/page/words.ts': 'export const words = new Date();',
    };
    const found = (text: string, more: Record<string, string> = {}) =>
      findViolations(withFiles({ ...files, [page]: text, ...more }));
    const right =
      "import type { Posted } from '../protocol.ts'; import { words } from './words.ts';";
    expect(found(right)).toEqual([]);
    expect(found("import '../index.ts';")).toMatchObject([{ rule: 'arrow', path: page }]);
    expect(found("import '../../../errors.ts';")).toMatchObject([{ rule: 'arrow', path: page }]);
    expect(found("import 'xstate';")).toMatchObject([{ rule: 'package', path: page }]);
    expect(found("import 'node:fs';")).toMatchObject([{ rule: 'package', path: page }]);
    const host = { 'src/channels/web/host.ts': "import './page/words.ts';" };
    expect(found('', host)).toMatchObject([{ rule: 'arrow', path: 'src/channels/web/host.ts' }]);
  });

  const wrongLayers: [path: string, target: string][] = [
    ['src/dialogue/text/a.ts', '../parsers/integer.ts'],
    ['src/dialogue/text/a.ts', '../diagram.ts'],
    ['src/dialogue/parsers/a.ts', '../engine/tree.ts'],
    ['src/dialogue/parsers/a.ts', '../define/ask.ts'],
    ['src/dialogue/engine/a.ts', '../define/ask.ts'],
    ['src/dialogue/define/a.ts', '../diagram.ts'],
  ];
  it.each(wrongLayers)('reports the arrow %s → %s within dialogue', (path, target) => {
    for (const text of [`import '${target}';`, `export type { a } from '${target}';`]) {
      expect(findViolations(withFiles({ [path]: text }))).toMatchObject([{ rule: 'layer', path }]);
    }
  });

  it('lets adapters of one port use the same names, which no other file may use', () => {
    const text = 'export interface Timetable {}';
    const [slack, telegram] = ['src/channels/slack/a.ts', 'src/channels/telegram/a.ts'];
    expect(findViolations(withFiles({ [slack]: text, [telegram]: text }))).toEqual([]);
    const found = findViolations(withFiles({ [slack]: text, 'src/runner/a.ts': text }));
    expect(found).toMatchObject([{ rule: 'homonym' }]);
  });

  it('does not count a re-exported name as a second one', () => {
    const texts = [
      "export { time, type others } from './text/now.ts';",
      "import { time } from './text/now.ts'; export { time };",
    ];
    for (const text of texts) {
      expect(findViolations(withFiles({ 'src/dialogue/a.ts': text }))).toEqual([]);
    }
  });

  it('reports a cycle of two, of three, and of a file with itself', () => {
    for (const text of ["import './b.ts';", "import './c.ts';", "import './a.ts';"]) {
      const found = findViolations(
        withFiles({
          'src/runner/a.ts': text,
          'src/runner/b.ts': "import { a } from './a.ts';",
          'src/runner/c.ts': "export { b } from './b.ts';",
        }),
      );
      expect(found).toMatchObject([{ rule: 'cycle' }]);
    }
  });

  it('reports a cycle that only types close', () => {
    const found = findViolations(
      withFiles({
        'src/runner/a.ts': "import { b } from './b.ts';",
        'src/runner/b.ts': "import type { A } from './a.ts';",
      }),
    );
    expect(found).toMatchObject([
      { rule: 'cycle', message: 'src/runner/a.ts → src/runner/b.ts → src/runner/a.ts' },
    ]);
  });

  it('reads code, not strings and comments that look like it', () => {
    const text = [
      "// import 'lodash';",
      'const a = "import \'lodash\'";',
      'const b = `export * from "lodash"; ${a}`;',
      '/* new Date() */',
    ].join('\n');
    expect(importsOf('src/a.ts', text)).toEqual([]);
    expect(findViolations(withFiles({ 'src/runner/a.ts': text }))).toEqual([]);
  });
});
