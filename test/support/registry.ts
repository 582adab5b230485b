import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './package.ts';

/** A registry of the packages that are installed here, for an npm without a network. */
export interface Registry {
  readonly url: string;
  /** The names of what was asked for and is not installed here. */
  readonly missing: ReadonlySet<string>;
  close(): Promise<void>;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** By name, then by version. */
type Installed = Map<string, Map<string, { readonly folder: string; readonly manifest: Manifest }>>;

/** Answers what npm asks on an install: the versions of a package, and their tarballs. */
export async function startRegistry(): Promise<Registry> {
  const installed: Installed = new Map();
  await find(join(root, 'node_modules'), installed);
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-registry-'));
  const missing = new Set<string>();
  const packed = new Map<string, Promise<Buffer>>();
  const tarballOf = (name: string, version: string): Promise<Buffer> | undefined => {
    const found = installed.get(name)?.get(version);
    if (found === undefined) return undefined;
    const key = `${name}@${version}`;
    const known = packed.get(key) ?? pack(found.folder, join(folder, `${packed.size}.tgz`));
    packed.set(key, known);
    return known;
  };
  const answer = async (path: string, base: string): Promise<Buffer | object | undefined> => {
    const [, name = '', version] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+)\.tgz)?$/u.exec(path) ?? [];
    if (version !== undefined) return tarballOf(name, version);
    const versions = installed.get(name);
    if (versions === undefined) {
      missing.add(name);
      return undefined;
    }
    const entries = await Promise.all(
      [...versions].map(async ([each, { manifest }]) => {
        const tarball = (await tarballOf(name, each)) ?? Buffer.alloc(0);
        const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
        const optionalDependencies = Object.fromEntries(
          // Those of other platforms are not installed here, and a lock file would miss them.
          Object.entries(manifest.optionalDependencies ?? {}).filter(([other]) =>
            installed.has(other),
          ),
        );
        const dist = { tarball: `${base}/${name}/-/${each}.tgz`, integrity };
        return [each, { ...manifest, optionalDependencies, dist }];
      }),
    );
    return {
      name,
      'dist-tags': { latest: entries.at(-1)?.[0] },
      versions: Object.fromEntries(entries) as object,
    };
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    answer(path, `http://${request.headers.host}`).then(
      (found) => {
        if (found === undefined) response.writeHead(404).end('{}');
        else response.end(Buffer.isBuffer(found) ? found : JSON.stringify(found));
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    missing,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** All that is in a `node_modules`, and in those within it. */
async function find(folder: string, installed: Installed): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('@')) await find(path, installed);
    if (entry.name.startsWith('.') || entry.name.startsWith('@') || !entry.isDirectory()) continue;
    const text = await readFile(join(path, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const manifest = JSON.parse(text) as Manifest;
    const versions = installed.get(manifest.name) ?? new Map<string, never>();
    installed.set(manifest.name, versions.set(manifest.version, { folder: path, manifest }));
    await find(join(path, 'node_modules'), installed);
  }
}

/** As `npm pack` does it, without what is installed for the package itself. */
async function pack(folder: string, target: string): Promise<Buffer> {
  const args = [
    '--transform',
    's,^[.],package,',
    '--exclude',
    './node_modules',
    '-czf',
    target,
    '.',
  ];
  await promisify(execFile)('tar', ['-C', folder, ...args]);
  return readFile(target);
}
