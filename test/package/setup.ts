import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Projects, createProjects } from '../support/package.ts';

declare module 'vitest' {
  // eslint-disable-next-line typescript/no-empty-object-type -- an augmentation
  export interface ProvidedContext extends Projects {}
}

/** Packs and installs once for all files of package tests, which receive the projects by `inject`. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-package-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { full, bare } = await createProjects(folder);
    provide('full', full);
    provide('bare', bare);
    return remove;
  } catch (error) {
    await remove();
    throw error;
  }
}
