import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytes } from './format.ts';

const COMPARED = [
  'xstate',
  'telegraf',
  'grammy',
  '@grammyjs/conversations',
  'botbuilder-dialogs',
  'bottender',
  'lmdb',
  'ioredis',
  'pg',
  'autocannon',
];

/** The machine that ran the benchmark, and the date. */
export function machineText(): readonly string[] {
  const [cpu] = cpus();
  const day = new Date().toISOString().slice(0, 10);
  const processor = `${cpu?.model.trim() ?? 'unknown processor'} × ${cpus().length}`;
  return [day, processor, bytes(totalmem()), `Node ${process.version}`];
}

export function versionsText(): readonly string[] {
  return COMPARED.map((name) => `${name} ${versionOf(name)}`);
}

/** The version that an import from this folder finds. */
function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const text = readFileSync(join(folder, name, 'package.json'), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // The nearer folders do not have it.
    }
  }
  throw new Error(`${name} is not installed under ${dirname(fileURLToPath(import.meta.url))}.`);
}
