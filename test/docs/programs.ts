import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { type Program, fileOf, root } from './pages.ts';

/** Where the compiler keeps what it knows of the files that have not changed. */
const KNOWN = join(root, 'node_modules/.cache/colloquy/types.tsbuildinfo');

/**
 * Compiles programs of the pages under the options of the project.
 * @param options.withProject whether all files of the project are compiled with them; then the next time is quick
 * @returns what does not compile, each with its file and line: that of the page
 */
export function diagnose(
  programs: readonly Program[],
  { withProject = false }: { readonly withProject?: boolean } = {},
): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
    readonly config: unknown;
  };
  const project = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const options = withProject
    ? { ...project.options, incremental: true, tsBuildInfoFile: KNOWN }
    : project.options;
  const pages = new Map(programs.map((each) => [join(root, 'test/docs', fileOf(each)), each]));
  const { fileExists, readFile } = ts.sys;
  const host = ts.createIncrementalCompilerHost(options, {
    ...ts.sys,
    fileExists: (path) => pages.has(path) || fileExists(path),
    readFile: (path, encoding) => pages.get(path)?.code ?? readFile(path, encoding),
  });
  const program = ts.createIncrementalProgram({
    rootNames: [...(withProject ? project.fileNames : []), ...pages.keys()],
    options,
    host,
  });
  const sources = withProject
    ? [undefined]
    : [...pages.keys()].map((path) => program.getSourceFile(path));
  const found = sources.flatMap((source) => [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(source),
    ...program.getGlobalDiagnostics(),
    ...program.getSemanticDiagnostics(source),
  ]);
  if (withProject) program.emit();
  return found.map((each) =>
    format(each, (path) => pages.get(path)?.name.split(':')[0] ?? relative(root, path)),
  );
}

/**
 * Compiles a folder whose code runs in a browser, under a `tsconfig.json` of its own.
 * @returns what of the folder does not compile. What it imports from elsewhere the project compiles.
 */
export function diagnoseFolder(folder: string): string[] {
  const path = join(root, folder, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile) as {
    readonly config: unknown;
    readonly error?: ts.Diagnostic;
  };
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    join(root, folder),
  );
  const program = ts.createProgram(fileNames, options);
  const found = [
    ...(error === undefined ? [] : [error]),
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...fileNames.flatMap((name) => {
      const source = program.getSourceFile(name);
      return [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ];
    }),
  ];
  return found.map((each) => format(each, (name) => relative(root, name)));
}

function format(
  { file, start, messageText }: ts.Diagnostic,
  nameOf: (path: string) => string,
): string {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || start === undefined) return text;
  return `${nameOf(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${text}`;
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
