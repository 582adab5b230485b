import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Plugin, build } from 'esbuild';
import type { Chart } from '../../../src/graph/chart.ts';
import { NO_TESTS } from '../../../test/docs/dialogues.ts';
import { type Program, root } from '../../../test/docs/pages.ts';

/** What a program of the guide has to show. */
export interface ProgramCharts {
  /** The chart of each dialogue that the program defines, by its id. */
  readonly charts: readonly (Chart & { readonly name: string })[];
  /** The same, as it was when the program printed its Mermaid diagram. */
  readonly printed: readonly { readonly text: string; readonly chart: Chart & { name: string } }[];
}

/** The library, which notes every dialogue that a program defines or runs, and writes its chart at the end of the process. */
const LIBRARY = `
  import { writeFileSync } from 'node:fs';
  import * as library from './src/index.ts';
  import { chartsOf } from './src/graph/chart.ts';
  import { isAsking } from './src/graph/walk.ts';
  export * from './src/index.ts';
  const noted = new Set();
  const printed = [];
  const note = (dialogue) => {
    noted.add(dialogue);
    return dialogue;
  };
  const chartOf = (dialogue, isOneBox) => chartsOf(dialogue, undefined, isOneBox)[0];
  export const setupDialogue = (options) => {
    const words = library.setupDialogue(options);
    return { ...words, createDialogue: (config) => note(words.createDialogue(config)) };
  };
  export const createRunner = (dialogue, options) => library.createRunner(note(dialogue), options);
  export const toMermaid = (dialogue) => {
    const text = library.toMermaid(dialogue);
    printed.push({ text, chart: chartOf(dialogue, isAsking) });
    return text;
  };
  process.once('exit', () => {
    const charts = [...noted].map((each) => chartOf(each));
    // A state knows its machine, which is no data.
    const plain = (key, value) => (key === 'state' || key === 'dialogue' ? undefined : value);
    writeFileSync(process.env.CHARTS_FILE, JSON.stringify({ charts, printed }, plain));
  });`;

/** All programs are built at once, so that they share what they import. */
function entriesOf(programs: readonly Program[]): Plugin {
  return {
    name: 'programs',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^program:\d+$/ }, ({ path }) => ({ path, namespace: 'program' }));
      onLoad({ filter: /.*/, namespace: 'program' }, ({ path }) => ({
        contents: programs[Number(path.slice('program:'.length))]?.code ?? '',
        loader: 'ts',
        resolveDir: root,
      }));
      // What is under `src` imports by paths, so the programs alone ask by these names.
      onResolve({ filter: /^(?:colloquy|vitest)$/ }, ({ path }) => ({ path, namespace: 'noting' }));
      onLoad({ filter: /.*/, namespace: 'noting' }, ({ path }) => ({
        contents: path === 'vitest' ? NO_TESTS : LIBRARY,
        resolveDir: root,
      }));
    },
  };
}

/** Runs each program in its own process, and takes the charts of what it defines. */
export async function chartsOfPrograms(
  programs: readonly Program[],
  folder: string,
): Promise<readonly ProgramCharts[]> {
  await build({
    entryPoints: programs.map((_program, index) => ({ in: `program:${index}`, out: `${index}` })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'shared-[hash]',
    tsconfig: join(root, 'tsconfig.json'),
    plugins: [entriesOf(programs)],
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  const found: ProgramCharts[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < programs.length; index = next++) {
      const program = programs[index];
      if (program !== undefined) found[index] = await run(program, join(folder, `${index}`));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return found;
}

async function run(program: Program, path: string): Promise<ProgramCharts> {
  const file = `${path}.json`;
  // What it writes beside itself is gone with the folder.
  mkdirSync(path);
  const child = spawn(process.execPath, ['--disable-warning=not_started', `${path}.mjs`], {
    cwd: path,
    env: { ...process.env, CHARTS_FILE: file },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
  });
  const complaints: Buffer[] = [];
  child.stderr.on('data', (data: Buffer) => complaints.push(data));
  const status = await new Promise<unknown>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  const complaint = Buffer.concat(complaints).toString();
  if (status !== 0) throw new Error(`${program.name} ended with ${String(status)}: ${complaint}`);
  // A program without the library says nothing.
  if (!existsSync(file)) return { charts: [], printed: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as ProgramCharts;
}
