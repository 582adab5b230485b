import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { version } from '../version.ts';

/**
 * Where a new project takes this library from: from where the program that makes it came. So it works before the library is
 * on a registry, too.
 */
export type LibraryOrigin =
  /** What `package.json` says, as `^1.0.0` or the address of a repository. */
  | { readonly kind: 'spec'; readonly spec: string }
  /** A packed file, which the project gets a copy of. */
  | { readonly kind: 'tarball'; readonly path: string }
  /** A folder, such as a clone, or a package that was installed for the whole machine. */
  | { readonly kind: 'folder'; readonly path: string };

export const PACKAGE = 'colloquy';

/** Where this program came from. */
export function findOrigin(): Promise<LibraryOrigin> {
  return originOf(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)));
}

/**
 * Where a package came from.
 * @param folder of the package, as `…/node_modules/colloquy`
 */
export async function originOf(folder: string): Promise<LibraryOrigin> {
  for (const root of installersOf(folder)) {
    const spec = (await specIn(root)) ?? (await resolvedIn(root));
    if (spec !== undefined) return toOrigin(spec, root);
  }
  return { kind: 'folder', path: folder };
}

/** What `package.json` of a project says of the library. */
export function specOf(origin: LibraryOrigin, project: string): string {
  if (origin.kind === 'spec') return origin.spec;
  if (origin.kind === 'tarball') return `file:${basename(origin.path)}`;
  return `file:${relative(project, origin.path).split(sep).join('/')}`;
}

/** The folders whose `node_modules` a package is in, the nearest one first. */
function installersOf(folder: string): string[] {
  const parts = folder.split(sep);
  return parts
    .flatMap((part, index) => (part === 'node_modules' ? [parts.slice(0, index).join(sep)] : []))
    .toReversed();
}

/** What was asked for where it is installed. */
async function specIn(root: string): Promise<string | undefined> {
  const manifest = (await readJson(join(root, 'package.json'))) as Readonly<
    Record<string, Readonly<Record<string, string>> | undefined>
  >;
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return (dependencies ?? devDependencies ?? optionalDependencies) === undefined
    ? undefined
    : { ...optionalDependencies, ...devDependencies, ...dependencies }[PACKAGE];
}

/** What npm has installed for a package that needs it, as `create-colloquy`. */
async function resolvedIn(root: string): Promise<string | undefined> {
  const { packages = {} } = (await readJson(join(root, 'node_modules/.package-lock.json'))) as {
    readonly packages?: Readonly<Record<string, { readonly resolved?: string } | undefined>>;
  };
  const resolved = packages[`node_modules/${PACKAGE}`]?.resolved;
  return resolved !== undefined && REGISTRY.test(resolved) ? version : resolved;
}

/** A tarball as registries name it; GitHub and others name theirs otherwise. */
const REGISTRY = /^https?:\/\/\S+\/-\/\S+\.tgz$/u;
const ELSEWHERE = /^(?:git\b|https?:|github:|gitlab:|bitbucket:|[\w-]+\/[\w.-]+(?:#|$))/u;
const PLACE = /^(?:(?:file|link):)(.+)$/u;

async function toOrigin(spec: string, root: string): Promise<LibraryOrigin> {
  const [, place = /^[./~]|\.tgz$/u.test(spec) ? spec : undefined] = PLACE.exec(spec) ?? [];
  if (place !== undefined && !/^https?:/u.test(place)) {
    const path = resolve(root, place);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) return { kind: 'tarball', path };
    if (found?.isDirectory() === true) return { kind: 'folder', path };
    // It was installed from there, and has gone since.
    return { kind: 'folder', path: join(root, 'node_modules', PACKAGE) };
  }
  return { kind: 'spec', spec: ELSEWHERE.test(spec) ? spec : `^${version}` };
}

async function readJson(path: string): Promise<object> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as object;
  } catch {
    // There is none, or it is not for us to say what is wrong with it.
    return {};
  }
}
