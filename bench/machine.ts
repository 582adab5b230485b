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

/** What it was measured on, and when. */
export function machineText(): string {
  const [cpu] = cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${cpu?.model.trim() ?? 'unknown processor'} × ${cpus().length}, ${bytes(totalmem())}, Node ${process.version}`;
}

export function versionsText(): string {
  return COMPARED.map((name) => `${name} ${versionOf(name)}`).join(', ');
}

/** The version that an import from here would get. */
function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const text = readFileSync(join(folder, name, 'package.json'), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // It is in none of the nearer folders.
    }
  }
  throw new Error(`${name} is not installed under ${dirname(fileURLToPath(import.meta.url))}.`);
}
