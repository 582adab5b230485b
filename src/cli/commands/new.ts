import { copyFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CliCommand } from '../command.ts';
import { print, printJson } from '../host.ts';
import { filesOf } from '../new/files.ts';
import { nextSteps } from '../new/next-steps.ts';
import { DEFAULTS, LANGS, STORES, TEMPLATES } from '../new/project.ts';
import { findOrigin } from '../new/origin.ts';
import { wishesOf } from '../new/wishes.ts';
import { unwritable, writeFolder } from '../output-files.ts';
import { relativePath } from '../subject.ts';

export const create: CliCommand = {
  usage: 'new [name]',
  does: 'Makes a project: a dialogue, its tests, and a bot on its channel',
  more: [
    'In a terminal it asks for what was not given. With -y or --json, and without a terminal, it takes the defaults.',
    'The project takes colloquy from where this program came from: a registry, a packed file, a repository or a folder.',
  ],
  options: {
    template: {
      value: 'name',
      short: 't',
      does: `how people talk with the bot: ${listed(TEMPLATES)} (default ${DEFAULTS.template})`,
    },
    store: {
      value: 'name',
      short: 's',
      does: `where conversations are kept: ${listed(STORES)} (default ${DEFAULTS.store})`,
    },
    lang: {
      value: 'tag',
      does: `what the bot and the files speak: ${listed(LANGS)} (default ${DEFAULTS.lang})`,
    },
    yes: { short: 'y', does: 'ask nothing' },
  },
  takes: [0, 1],
  async run(call) {
    const { host, json } = call;
    const { place, ...wishes } = await wishesOf(call);
    const folder = resolve(host.cwd, place);
    const origin = await findOrigin();
    const project = { ...wishes, name: basename(folder), origin };
    const texts = Object.entries(filesOf(project, folder));
    const files = texts.map(([name, text]) => ({ name, text }));
    await writeFolder(host, place, files);
    const names = files.map(({ name }) => name);
    if (origin.kind === 'tarball') {
      // So the project can be moved, and be put into an image.
      const name = basename(origin.path);
      await copyFile(origin.path, join(folder, name)).catch((error: unknown) => {
        throw unwritable(join(place, name), error);
      });
      names.push(name);
    }
    if (json) printJson(host, { folder, ...wishes, files: names });
    else print(host, nextSteps(project, relativePath(host, folder)));
    return 0;
  },
};

function listed(options: object): string {
  return Object.keys(options).join('|');
}
