import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { type Program, fileOf, root } from './pages.ts';

/** The errors that the compiler finds under the project's own options, each with its page and line. */
export function diagnose(programs: readonly Program[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
    readonly config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const sources = new Map(programs.map((each) => [join(root, 'test/docs', fileOf(each)), each]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path)?.code ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const code = sources.get(path)?.code;
    if (code === undefined) return getSourceFile(path, target, ...rest);
    return ts.createSourceFile(path, code, target);
  };
  // Another step checks the sources of the library.
  const program = ts.createProgram([...sources.keys()], options, host);
  const found = [...sources.keys()].flatMap((path) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)),
  );
  return found.map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    if (file === undefined || start === undefined) return text;
    const page = sources.get(file.fileName)?.name.split(':')[0] ?? file.fileName;
    return `${page}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${text}`;
  });
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
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: root,
    timeout: 20_000,
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
  const complaint = Buffer.concat(complaints).toString();
  if (status !== 0 || complaint !== '') {
    throw new Error(`${program.name} ended with ${status}: ${complaint}`);
  }
  return Buffer.concat(printed).toString().split('\n').slice(0, -1);
}
