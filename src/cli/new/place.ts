import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Host } from '../host.ts';
import { unwritable } from '../output-files.ts';
import { type Lang, inLanguage, isProjectName } from './project.ts';

/** What is wrong with a folder that a project is to be made in, whose last part is its name; undefined if nothing is. */
export async function problemOfPlace(
  { cwd }: Pick<Host, 'cwd'>,
  place: string,
  lang: Lang = 'en',
): Promise<UsageError | undefined> {
  const say = inLanguage(lang);
  const folder = resolve(cwd, place);
  const name = basename(folder);
  if (place === '' || !isProjectName(name)) {
    const problem = say(
      `A project is named in small letters, digits and hyphens, and begins with a letter; not '${place === '' ? '' : name}'.`,
      `项目名用小写字母、数字和连字符，以字母开头；'${place === '' ? '' : name}' 不行。`,
    );
    return new UsageError('bad_arguments', problem);
  }
  try {
    const there = await readdir(folder);
    if (there.length === 0) return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== 'ENOTDIR') return unwritable(place, error);
    const problem = say(`'${place}' is no folder.`, `'${place}' 不是文件夹。`);
    return new UsageError('bad_file', problem, { cause: error });
  }
  const problem = say(
    `There is a folder '${place}' already, and it is not empty.`,
    `已经有一个文件夹 '${place}'，而且不是空的。`,
  );
  return new UsageError('bad_file', problem);
}
