import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf } from './architecture.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Manifest {
  readonly main: string;
  readonly module: string;
  readonly types: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly typesVersions: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A project that has the packed tarball installed, and nothing of the repository but its dependencies. */
export interface Project {
  readonly folder: string;
  /** `node_modules/colloquy` in it. */
  readonly packageFolder: string;
  readonly tarball: string;
  /** What the tarball holds: paths from the root of the package, in order. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
}

/** What the package tests share: one tarball, installed twice. */
export interface Projects {
  /** With the optional peers. */
  readonly full: Project;
  /** Of a program that needs the core only. */
  readonly bare: Project;
}

/** The specifiers that a user may write: `colloquy`, `colloquy/testing` and so on. */
export function specifiersOf(manifest: Manifest): string[] {
  return Object.keys(manifest.exports)
    .filter((subpath) => !/\.js(?:on)?$/u.test(subpath))
    .map((subpath) => posix.join('colloquy', subpath));
}

/** The packages that have to be there for the core. */
function requiredPeers(manifest: Manifest): string[] {
  return Object.keys(manifest.peerDependencies).filter(
    (name) => manifest.peerDependenciesMeta[name]?.optional !== true,
  );
}

/** Packs what was built, and installs it as a registry would give it, but without a network, in a folder. */
export async function createProjects(folder: string): Promise<Projects> {
  await checkBuild();
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [report] = JSON.parse(await run('npm', pack, root)) as [{ filename: string }];
  const tarball = join(folder, report.filename);
  const [full, bare] = await Promise.all([
    createProject(join(folder, 'full'), tarball, (manifest) =>
      Object.keys(manifest.peerDependencies),
    ),
    createProject(join(folder, 'bare'), tarball, requiredPeers),
  ]);
  return { full, bare };
}

async function createProject(
  folder: string,
  tarball: string,
  peersOf: (manifest: Manifest) => readonly string[],
): Promise<Project> {
  const packageFolder = join(folder, 'node_modules', 'colloquy');
  await mkdir(packageFolder, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', packageFolder, '--strip-components', '1'], folder);
  const text = await readFile(join(packageFolder, 'package.json'), 'utf8');
  const manifest = JSON.parse(text) as Manifest;
  const names = [...Object.keys(manifest.dependencies), ...peersOf(manifest), '@types/node'];
  for (const name of names) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules', name), link, 'junction');
  }
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true }\n');
  return { folder, packageFolder, tarball, files: await listFiles(packageFolder), manifest };
}

/** Without a build, or with an old one, these tests would say nothing about the sources; so they fail. */
async function checkBuild(): Promise<void> {
  const remedy = 'run `npm run build`, then the package tests';
  const sources = await listFiles(join(root, 'src'));
  const inputs = [...sources.map((path) => `src/${path}`), 'tsup.config.ts'];
  for (const output of ['js', 'cjs', 'd.ts', 'd.cts'].map((ending) => `dist/index.${ending}`)) {
    const built = await timeOf(output);
    if (built === undefined) throw new Error(`There is no ${output}: ${remedy}.`);
    for (const input of inputs) {
      if (((await timeOf(input)) ?? 0) > built) {
        throw new Error(`${input} is newer than ${output}: ${remedy}.`);
      }
    }
  }
}

async function timeOf(path: string): Promise<number | undefined> {
  return stat(join(root, path)).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .map((path) => path.replaceAll('\\', '/').replace(/^\//, ''))
    .toSorted();
}

/** What a program prints. It throws, with all that was printed, where the program fails. */
export async function run(
  command: string,
  args: readonly string[],
  folder: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { npm_config_package: _package, ...env } = process.env;
    // What `npx -p node@22` asks for is not for the `npx` of a project.
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, env };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else {
        const line = [command, ...args].join(' ');
        reject(new Error(`\`${line}\` failed (${error.code}):\n${stdout}\n${stderr}`));
      }
    });
  });
}

/** Imports what the user of the command line names. */
const LOADER = 'dist/cli/main.js';

/** What is reached from some built files by their imports. */
export interface Reach {
  /** Paths from the root of the package. */
  readonly files: ReadonlySet<string>;
  /** Packages and builtins, as written. */
  readonly packages: ReadonlySet<string>;
}

/**
 * Follows the imports of built files, code or declarations.
 * @param entries paths from the root of the package, such as `dist/index.cjs`
 */
export async function follow(project: Project, entries: readonly string[]): Promise<Reach> {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (files.has(path)) return;
    files.add(path);
    const built = await readFile(join(project.packageFolder, path), 'utf8');
    // So Rollup writes the `import.meta.url` of a module in CommonJS.
    const text = built.replaceAll("require('u' + 'rl')", "require('node:url')");
    for (const { specifier, line } of importsOf(path, text)) {
      if (specifier === undefined) {
        if (path === LOADER) continue;
        throw new Error(`${path}:${line} loads a module whose name it computes.`);
      }
      if (specifier.startsWith('.')) await visit(targetOf(path, specifier));
      else packages.add(packageOf(specifier));
    }
  };
  for (const entry of entries) await visit(entry);
  return { files, packages };
}

/** The package of a specifier: `lmdb` of `lmdb/index.js`. */
function packageOf(specifier: string): string {
  const [scope = '', name] = specifier.split('/');
  return scope.startsWith('@') && name !== undefined ? `${scope}/${name}` : scope;
}

/** A declaration names the code beside the declaration that it means. */
function targetOf(path: string, specifier: string): string {
  const target = posix.join(posix.dirname(path), specifier);
  return /\.d\.c?ts$/.test(path) ? target.replace(/\.(c?)js$/, '.d.$1ts') : target;
}
