import { env } from 'node:process';
import { pathToFileURL } from 'node:url';
import type * as Index from 'colloquy';
import type * as Node from 'colloquy/channels/node';
import type * as Webhook from 'colloquy/channels/webhook';
import type * as Wechat from 'colloquy/channels/wechat';
import type * as Dates from 'colloquy/dialogue/parsers/date';
import type * as Phone from 'colloquy/dialogue/parsers/phone';
import type * as Lmdb from 'colloquy/persist/lmdb';
import type * as Postgres from 'colloquy/persist/postgres';
import type * as Redis from 'colloquy/persist/redis';
import type * as Testing from 'colloquy/testing';

interface Entries {
  readonly index: typeof Index;
  readonly 'channels/node': typeof Node;
  readonly 'channels/webhook': typeof Webhook;
  readonly 'channels/wechat': typeof Wechat;
  readonly 'dialogue/parsers/date': typeof Dates;
  readonly 'dialogue/parsers/phone': typeof Phone;
  readonly 'persist/lmdb': typeof Lmdb;
  readonly 'persist/postgres': typeof Postgres;
  readonly 'persist/redis': typeof Redis;
  readonly testing: typeof Testing;
}

/** The folder of the build that is measured. */
const BUILD = 'COLLOQUY_BUILD';

/** The environment for a process that measures the build in `folder`. */
export function withBuild(folder: string): Readonly<Record<string, string>> {
  return { [BUILD]: folder };
}

/** Imports the library as users get it: from the build, not from the sources. */
export async function library(): Promise<typeof Index> {
  return entry('index');
}

/** Imports another entry point of the build. */
export async function entry<Name extends keyof Entries>(name: Name): Promise<Entries[Name]> {
  return (await import(pathToFileURL(`${buildFolder()}/${name}.js`).href)) as Entries[Name];
}

/** The folder of the build that this process measures. */
export function buildFolder(): string {
  const folder = env[BUILD];
  if (folder === undefined) throw new Error(`${BUILD} has to name the folder of a build.`);
  return folder;
}
