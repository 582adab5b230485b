import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { entries } from '../../tsup.config.ts';
import { type Program, root } from './pages.ts';

/** An `@example` of a docstring. */
export interface Example {
  /** Its file and line, as `src/reply.ts:12`. */
  readonly name: string;
  /** What it is an example of: a function, a class, or a member. */
  readonly of: string;
  readonly lines: readonly string[];
}

/** What examples may use without a word: dialogues, and what is made of them. */
const GIVEN: Readonly<Record<string, string>> = {
  createServer: "const { createServer } = await import('node:http');",
  fromPromise: "const { fromPromise } = await import('xstate');",
  fc: "const { default: fc } = await import('fast-check');",
  z: "const z = await import('zod');",
  DraftEvent: "type DraftEvent = import('colloquy').DraftEvent;",
  model: "const model = scripted(['Hello.']);",
  words: `const words = setupDialogue({
    types: {} as {
      context: Answers;
      emitted: { type: 'booked'; day: string };
    },
    intents: { ...commandIntents, hours: keywords('hours') },
    actors: { guess: fromPromise(async ({ input }: { input: { name: string } }) => input.name.length) },
  });`,
  survey: `const survey = words.createDialogue({
    id: 'survey', version: '1', context: {}, initial: 'name',
    states: {
      name: words.ask({ question: 'What is your name?', parse: text(), assign: 'name', target: 'met' }),
      met: words.done(({ context }) => \`Hello \${context.name}.\`),
    },
  });`,
  order: `const order = words.createDialogue({
    id: 'order', version: '1', context: {}, initial: 'sure',
    states: {
      sure: words.confirm({ question: 'Shall I order?', yes: 'done', no: 'done' }),
      done: words.done('Thank you.'),
    },
  });`,
  store: 'const store = createContextStore();',
  runner: 'const runner = createRunner(survey);',
};

/** The examples of files by their paths; by default of all sources. */
export function readExamples(files: ReadonlyMap<string, string> = sources()): readonly Example[] {
  return [...files].flatMap(([path, text]) => examplesIn(path, text.split('\n')));
}

function sources(): Map<string, string> {
  const paths = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const names = paths.filter((path) => path.endsWith('.ts')).map((path) => `src/${path}`);
  return new Map(names.toSorted().map((name) => [name, readFileSync(join(root, name), 'utf8')]));
}

function examplesIn(path: string, lines: readonly string[]): readonly Example[] {
  return lines.flatMap((line, index) => {
    const [, first] = /^\s*\* @example\s*(.*)$/u.exec(line) ?? [];
    if (first === undefined) return [];
    const rest = lines.slice(index + 1);
    const length = rest.findIndex((each) => /^\s*\*(?:\/| @)/u.test(each));
    const code = rest.slice(0, length).map((each) => each.replace(/^\s*\* ?/u, ''));
    const after = rest.slice(rest.findIndex((each) => /^\s*\*\//u.test(each)) + 1);
    const [, of = ''] =
      /^\s*(?:export |async |static |declare |readonly |function |const |class |interface )*(\w+)/u.exec(
        after[0] ?? '',
      ) ?? [];
    const all = [first, ...code].filter((each) => each !== '');
    return [{ name: `${path}:${index + 1}`, of, lines: all }];
  });
}

/** All examples as one program, each in a function. Before what an example prints stands its name. */
export function programOf(examples: readonly Example[]): Program {
  const bodies = examples.map(({ name, lines }) => {
    const code = lines.join('\n');
    return `{ console.log('${name}');\nawait (async () => {\n${[...givenFor(code), code].join('\n')}\n})(); }`;
  });
  const body = bodies.join('\n');
  const types =
    "interface Answers { name?: string; age?: number; colour?: 'red' | 'blue'; day?: string; sure?: boolean }";
  const prints = examples.flatMap(({ name, lines }) => [
    name,
    ...lines.flatMap((line) => /\/\/ → (.*)$/u.exec(line)?.slice(1) ?? []),
  ]);
  const code = `${importsFor(body)}\n${types}\n${body}\n`;
  return { name: 'docstrings:1', heading: '', code, prints, isTest: false };
}

/** What of the given things a piece of code names and does not declare, and what those name, in their order. */
function givenFor(code: string): readonly string[] {
  const needed = new Set<string>();
  const need = (text: string): void => {
    for (const [name, given] of Object.entries(GIVEN)) {
      if (!isNamed(name, text) || new RegExp(`(?:const|let) ${name}\\b`, 'u').test(text)) continue;
      if (needed.has(name)) continue;
      needed.add(name);
      need(given);
    }
  };
  need(code);
  return Object.entries(GIVEN).flatMap(([name, given]) => (needed.has(name) ? [given] : []));
}

/** Imports of what a text names, each from the first entry that has it: the core, the parsers, then any other. */
function importsFor(text: string): string {
  const names = new Map<string, string>();
  const order = ['index', 'parsers', ...Object.keys(entries)];
  for (const entry of order) {
    const specifier = entry === 'index' ? 'colloquy' : `colloquy/${entry}`;
    if (entry === 'testing/vitest' || entry === 'testing/jest') continue;
    for (const name of valuesOf(entries[entry] as string)) {
      if (!names.has(name) && isNamed(name, text)) names.set(name, specifier);
    }
  }
  return [...names].map(([name, from]) => `import { ${name} } from '${from}';`).join('\n');
}

function valuesOf(path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const lists = [...text.matchAll(/^export \{([^}]*)\}/gmu)].flatMap(([, list = '']) =>
    list.split(','),
  );
  const listed = lists
    .map((each) => each.trim())
    .filter((each) => each !== '' && !each.startsWith('type '));
  const declared = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gmu)];
  return [
    ...listed.map((each) => each.replace(/^.* as /u, '')),
    ...declared.map(([, name = '']) => name),
  ];
}

/** A use of the name itself, not of a member of that name. */
function isNamed(name: string, text: string): boolean {
  return new RegExp(`(?<![.\\w'])${name}\\b(?!')`, 'u').test(text);
}
