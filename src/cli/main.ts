#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { createFreshModules } from './fresh-modules.ts';
import type { Host } from './host.ts';
import { createLoader, createPreparation } from './load-module.ts';
import { run } from './program.ts';

const cwd = process.cwd();
const host: Host = {
  cwd,
  // oxlint-disable-next-line node/no-process-env -- it is asked for colours and the root of a repository only
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  load: createLoader(cwd),
  stopped: () =>
    new Promise((resolve) => {
      // Not `once`: Ctrl-C may reach this process several times, from the terminal and from npm.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
    }),
  fresh: () => createFreshModules(createPreparation(cwd)),
  again: (args) =>
    new Promise((resolve, reject) => {
      const [, program = ''] = process.argv;
      const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
        stdio: 'inherit',
      });
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 2));
    }),
};

// The reader has closed the pipe, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const code = await run(process.argv.slice(2), host);
// A module of the user may hold a timer or a socket open. What was printed reaches its reader first.
const printed = [process.stdout, process.stderr].map(
  (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
);
await Promise.all(printed);
process.exit(code);
