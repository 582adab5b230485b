import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { type Host, complain } from './host.ts';

/** Files that a command writes. Why one cannot be written is one line for its reader. */

/** A text, and the file that it goes to, as the reader of the command named it. */
export interface OutputFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Writes a file.
 * @param options.isNew whether a file that is there already is an error
 * @throws UsageError `bad_file` where it cannot be written
 */
export async function writeOutput(
  { cwd }: Pick<Host, 'cwd'>,
  { name, text }: OutputFile,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<void> {
  try {
    await writeFile(resolve(cwd, name), text, { flag: isNew ? 'wx' : 'w' });
  } catch (error) {
    throw unwritable(name, error);
  }
}

/** Writes files into a folder, and makes the folder. @throws UsageError `bad_file` at the first that cannot be written */
export async function writeFolder(
  { cwd }: Pick<Host, 'cwd'>,
  folder: string,
  files: readonly OutputFile[],
): Promise<void> {
  try {
    await mkdir(resolve(cwd, folder), { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
  for (const { name, text } of files)
    await writeOutput({ cwd }, { name: join(folder, name), text });
}

/**
 * Writes what a command has found, after it has printed that: what cannot be written is complained of, and what was
 * printed stays.
 * @returns whether all was written
 */
export async function tryToWrite(host: Host, write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (!UsageError.is(error, 'bad_file')) throw error;
    complain(host, error.message);
    return false;
  }
}

/** The error of a file or folder that cannot be written, by what the system says of it. */
export function unwritable(name: string, error: unknown): UsageError {
  const { code = '' } = error as NodeJS.ErrnoException;
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  const why = reason?.(name) ?? `the system says ${code || 'nothing more'}.`;
  return new UsageError('bad_file', `'${name}' cannot be written: ${why}`, { cause: error });
}

const REASONS: Readonly<Record<string, (name: string) => string>> = {
  ENOENT: (name) => `there is no folder '${dirname(name)}'; make it first.`,
  ENOTDIR: () => 'a part of its path is a file, and no folder; take another path.',
  EISDIR: () => 'it is a folder; name a file.',
  EEXIST: () => 'there is a file of this name already; take another name.',
  EACCES: () => 'you have no permission to write there.',
  EPERM: () => 'you have no permission to write there.',
  EROFS: () => 'its disk is read-only.',
  ENOSPC: () => 'its disk is full.',
  EDQUOT: () => 'its disk is full for you.',
  ENAMETOOLONG: () => 'its name is too long.',
  EMFILE: () => 'too many files are open.',
  EBUSY: () => 'another program is using it.',
  ELOOP: () => 'its path leads in a circle.',
};
