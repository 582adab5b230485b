import { copyFile, cp, mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../support/package.ts';

/** What a Dockerfile makes, without Docker: its steps are done in a folder of this machine, by its Node.js. */
export interface Image {
  readonly folder: string;
  readonly base: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[] | undefined;
}

interface Stage {
  readonly name: string | undefined;
  readonly folder: string;
  base: string;
  user: string;
  env: Record<string, string>;
  command: readonly string[];
  healthCheck: readonly string[] | undefined;
}

/**
 * Does what the Dockerfile of a project says, in new folders of `target`.
 * @param env of its commands, such as the registry of npm
 * @throws Error for an instruction that is not known here, or a file that the build would not find
 */
export async function buildImage(
  project: string,
  target: string,
  env: Readonly<Record<string, string>>,
): Promise<Image> {
  const text = await readFile(join(project, 'Dockerfile'), 'utf8');
  const ignored = await ignoredOf(project);
  const context = (await readdir(project)).filter((name) => !ignored(name));
  const stages: Stage[] = [];
  for (const line of text.replaceAll(/\\\n\s*/gu, '').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, instruction = '', rest = ''] = /^(\w+) (.+)$/u.exec(line) ?? [];
    if (instruction === 'FROM') {
      const [base = '', , name] = rest.split(' ');
      const folder = join(target, `stage-${stages.length}`);
      await mkdir(folder, { recursive: true });
      stages.push({
        name,
        folder,
        base,
        user: 'root',
        env: {},
        command: [],
        healthCheck: undefined,
      });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`Before a FROM there is ${line}`);
    if (instruction === 'COPY') await copy(rest, { stage, stages, project, context });
    // The user of the image is not one of this machine.
    else if (instruction === 'RUN') {
      await run(
        'env',
        [...settings(env), 'sh', '-c', rest.replace(/ && chown node:node \w+$/u, '')],
        stage.folder,
      );
    } else if (instruction === 'ENV') {
      for (const each of rest.split(' ')) {
        const [name = '', value = ''] = each.split('=');
        stage.env[name] = value;
      }
    } else if (instruction === 'USER') stage.user = rest;
    else if (instruction === 'CMD') stage.command = JSON.parse(rest) as string[];
    else if (instruction === 'HEALTHCHECK') {
      stage.healthCheck = JSON.parse(rest.replace(/^.*? CMD /u, '')) as string[];
    } else if (!['WORKDIR /app', 'EXPOSE 8080'].includes(line)) {
      throw new Error(`It is not known here what this does: ${line}`);
    }
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error('The Dockerfile has no FROM.');
  return last;
}

const settings = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

async function copy(
  rest: string,
  {
    stage,
    stages,
    project,
    context,
  }: {
    readonly stage: Stage;
    readonly stages: readonly Stage[];
    readonly project: string;
    readonly context: readonly string[];
  },
): Promise<void> {
  const [, from, origin, place] = /^--from=(\w+) \/app\/(\S+) (\S+)$/u.exec(rest) ?? [];
  if (origin !== undefined && place !== undefined) {
    const other = stages.find(({ name }) => name === from);
    await cp(join(other?.folder ?? '', origin), join(stage.folder, place), {
      recursive: true,
      verbatimSymlinks: true,
    });
    return;
  }
  const names = rest.split(' ');
  if (!/^(?:\.\/|\.)$/u.test(names.pop() ?? '')) throw new Error(`Where to? ${rest}`);
  for (const name of names) {
    const found = context.filter((each) => name === '.' || patternOf(name).test(each));
    if (found.length === 0 && !name.includes('*')) throw new Error(`The context has no ${name}.`);
    for (const each of found) await copyFile(join(project, each), join(stage.folder, each));
  }
}

async function ignoredOf(project: string): Promise<(name: string) => boolean> {
  const text = await readFile(join(project, '.dockerignore'), 'utf8');
  const patterns = text.trim().split('\n').map(patternOf);
  return (name) => patterns.some((pattern) => pattern.test(name));
}

function patternOf(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replaceAll('.', String.raw`\.`));
  return new RegExp(`^${parts.join('.*')}$`, 'u');
}
