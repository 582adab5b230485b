import type { Plugin } from 'esbuild';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Finding } from 'colloquy/testing';
import { type Program, root } from './pages.ts';

/** The dialogues that a program of the documentation defines. */
export interface DefinedDialogues {
  readonly ids: readonly string[];
  readonly findings: readonly Finding[];
}

/** The library, which notes every dialogue that the program defines or runs, and lints them at the end of the process. */
const LIBRARY = `
  import { writeSync } from 'node:fs';
  import * as library from './src/index.ts';
  import { machinesOf } from './src/dialogue/engine/machine-walk.ts';
  import { lintDialogue } from './src/testing/lint.ts';
  export * from './src/index.ts';
  const noted = new Set();
  const note = (dialogue) => {
    noted.add(dialogue);
    return dialogue;
  };
  export const setupDialogue = (options) => {
    const words = library.setupDialogue(options);
    return { ...words, createDialogue: (config) => note(words.createDialogue(config)) };
  };
  export const createRunner = (dialogue, options) => library.createRunner(note(dialogue), options);
  process.once('exit', () => {
    // What is within another dialogue is looked at as a part of that.
    const inner = new Set([...noted].flatMap((each) => [...machinesOf(each)].slice(1)));
    const whole = [...noted].filter((each) => !inner.has(each));
    const findings = whole.flatMap((each) => lintDialogue(each));
    writeSync(3, JSON.stringify({ ids: whole.map(({ id }) => id), findings }));
  });`;

/** Stands for vitest, and defines no test: what a page of tests defines beside its tests is there all the same. */
export const NO_TESTS = `
  const none = () => {};
  export const it = Object.assign(none, { each: () => none });
  export const test = it;
  export const describe = it;
  export const beforeEach = none;
  export const afterEach = none;
  export const expect = Object.assign(none, { extend: none });
  export const vi = {};`;

const replaced: Plugin = {
  name: 'noting',
  setup({ onResolve, onLoad }) {
    // What is under `src` imports by paths, so the program alone asks by these names.
    onResolve({ filter: /^(?:colloquy|vitest)$/ }, ({ path }) => ({ path, namespace: 'noting' }));
    onLoad({ filter: /.*/, namespace: 'noting' }, ({ path }) => ({
      contents: path === 'vitest' ? NO_TESTS : LIBRARY,
      resolveDir: root,
    }));
  },
};

/** Runs a program in a new process, and looks at what it defines. */
export async function dialoguesOf(program: Program): Promise<DefinedDialogues> {
  const { outputFiles } = await build({
    stdin: { contents: program.code, resolveDir: root, loader: 'ts', sourcefile: program.name },
    tsconfig: join(root, 'tsconfig.json'),
    plugins: [replaced],
    bundle: true,
    write: false,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: root,
    timeout: 50_000,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  const [complaints, noted] = [child.stderr, child.stdio[3]].map((stream) => {
    const parts: Buffer[] = [];
    (stream as NodeJS.ReadableStream).on('data', (data: Buffer) => parts.push(data));
    return parts;
  });
  child.stdin?.end(outputFiles[0]?.contents);
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  const text = Buffer.concat(noted ?? []).toString();
  if (status === 0 && text === '') return { ids: [], findings: [] };
  if (status === 0) return JSON.parse(text) as DefinedDialogues;
  const complaint = Buffer.concat(complaints ?? []).toString();
  throw new Error(`${program.name} ended with ${String(status)}: ${complaint}`);
}
