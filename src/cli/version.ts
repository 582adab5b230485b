import { createRequire } from 'node:module';

interface Manifest {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Of this package, which knows itself by its name. */
const manifest = createRequire(import.meta.url)('colloquy/package.json') as Manifest;

export const version: string = manifest.version;

/** The range in which this version was tried with a package. */
export function rangeOf(name: string): string {
  return manifest.peerDependencies[name] ?? manifest.devDependencies[name] ?? '*';
}
