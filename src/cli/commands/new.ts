import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { CliCommand } from '../command.ts';
import { print, printJson } from '../host.ts';
import { templateOf } from '../new/template.ts';
import { unwritable, writeFolder } from '../output-files.ts';
import { relativePath } from '../subject.ts';

/** As npm takes it for a package (https://docs.npmjs.com/cli/configuring-npm/package-json#name), and XState for an id. */
const NAME = /^[a-z][a-z0-9-]{0,60}$/u;

export const create: CliCommand = {
  usage: 'new <name>',
  does: 'Makes a project: a dialogue, its tests and a server',
  options: {},
  takes: [1, 1],
  async run({ host, names, json }) {
    const folder = resolve(host.cwd, names[0] ?? '');
    const name = basename(folder);
    if (!NAME.test(name)) {
      throw new UsageError(
        'bad_arguments',
        `A project is named in small letters, digits and hyphens, and begins with a letter; not '${name}'.`,
      );
    }
    const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error.code === 'ENOTDIR'
        ? new UsageError('bad_file', `'${names[0]}' is no folder.`, { cause: error })
        : unwritable(names[0] ?? '', error);
    });
    if (there.length > 0) {
      throw new UsageError(
        'bad_file',
        `There is a folder '${names[0]}' already, and it is not empty.`,
      );
    }
    const files = Object.entries(templateOf(name)).map(([file, text]) => ({ name: file, text }));
    await writeFolder(host, names[0] ?? '', files);
    if (json) printJson(host, { folder, files: files.map((file) => file.name) });
    else {
      const place = relativePath(host, folder);
      const next = [`cd ${place}`, 'npm install', 'npm test', 'npm run chat', 'npm start'];
      print(host, [`${name} is there. What next:`, ...next.map((line) => `  ${line}`)].join('\n'));
    }
    return 0;
  },
};
