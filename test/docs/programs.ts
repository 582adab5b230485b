import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { type Program, fileOf, root } from './pages.ts';

/** Compiles programs under the options of the project. @returns what does not compile, each with its page and line */
export function diagnose(programs: readonly Program[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
    readonly config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const pages = new Map(programs.map((each) => [join(root, 'test/docs', fileOf(each)), each]));
  const { fileExists, readFile } = ts.sys;
  const host = ts.createIncrementalCompilerHost(options, {
    ...ts.sys,
    fileExists: (path) => pages.has(path) || fileExists(path),
    readFile: (path, encoding) => pages.get(path)?.code ?? readFile(path, encoding),
  });
  const program = ts.createProgram([...pages.keys()], options, host);
  return [...pages].flatMap(([path, { name }]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map((each) => format(each, name.split(':')[0] ?? name)),
  );
}

function format({ file, start, messageText }: ts.Diagnostic, page: string): string {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || start === undefined) return text;
  return `${page}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${text}`;
}

/** Runs a program in a new process and returns what it prints. Rejects unless the program ends by itself and in time. */
export async function run(program: Program): Promise<string[]> {
  const { outputFiles } = await build({
    stdin: { contents: program.code, resolveDir: root, loader: 'ts', sourcefile: program.name },
    tsconfig: join(root, 'tsconfig.json'),
    bundle: true,
    write: false,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  // What it writes beside itself is gone with it. The folder is in the repository, where Node.js finds the packages.
  const folder = await mkdtemp(join(root, 'test/docs/tmp-'));
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: folder,
    timeout: 50_000,
  });
  const printed: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => printed.push(data));
  child.stderr.on('data', (data: Buffer) => complaints.push(data));
  child.stdin.end(outputFiles[0]?.contents);
  const status = await new Promise<number | string | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  await rm(folder, { recursive: true, force: true });
  const complaint = Buffer.concat(complaints).toString();
  if (status !== 0 || complaint !== '') {
    throw new Error(`${program.name} ended with ${status}: ${complaint}`);
  }
  return Buffer.concat(printed).toString().split('\n').slice(0, -1);
}
