import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './pages.ts';

/** What GitHub takes in a form (https://docs.github.com/en/communities, "Syntax for GitHub's form schema"). */
interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly Field[];
}
interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly validations?: { readonly required: boolean };
}

/** By type, what a field has to have and what else it may have. */
const ATTRIBUTES: Readonly<Record<string, readonly [needed: string, may: readonly string[]]>> = {
  markdown: ['value', []],
  textarea: ['label', ['description', 'placeholder', 'value', 'render']],
  input: ['label', ['description', 'placeholder', 'value']],
  dropdown: ['options', ['label', 'description', 'multiple', 'default']],
};

function problemsOf(form: Form): string[] {
  const problems = ['name', 'description', 'body'].filter((key) => !(key in form));
  const ids = form.body.flatMap(({ id }) => id ?? []);
  if (new Set(ids).size < ids.length) problems.push('two fields have one id');
  for (const { type, id = type, attributes } of form.body) {
    const [needed, may] = ATTRIBUTES[type] ?? ['a known type', []];
    if (!(needed in attributes)) problems.push(`${id} has no ${needed}`);
    const others = Object.keys(attributes).filter((key) => key !== needed && !may.includes(key));
    if (others.length > 0) problems.push(`${id} has ${others.join()}`);
  }
  return problems;
}

const folder = join(root, '.github/ISSUE_TEMPLATE');
const forms = readdirSync(folder)
  .filter((name) => name !== 'config.yml')
  .map((name) => [name, parse(readFileSync(join(folder, name), 'utf8')) as Form] as const);

describe('the forms for issues', () => {
  it('are one for a bug and one for a feature', () => {
    expect(forms.map(([name]) => name)).toEqual(['bug.yml', 'feature.yml']);
  });

  it.each(forms)('%s is one that GitHub takes', (_name, form) => {
    expect(problemsOf(form)).toEqual([]);
  });

  it('ask for a transcript of a bug, for the dialogue and for the versions', () => {
    const [bug] = forms;
    const required = bug?.[1].body.flatMap(({ id, validations }) =>
      validations?.required === true ? (id ?? []) : [],
    );
    expect(required).toEqual(['what', 'transcript', 'dialogue', 'versions']);
  });

  it('which are found wrong', () => {
    const body = [{ type: 'textarea', id: 'a', attributes: { title: 'A' } }];
    expect(problemsOf({ name: 'x', description: 'x', body: [...body, ...body] })).toEqual([
      'two fields have one id',
      ...['a has no label', 'a has title', 'a has no label', 'a has title'],
    ]);
  });
});

describe('the papers of the project', () => {
  it.each(['SECURITY.md', 'CODE_OF_CONDUCT.md'])('%s names no address that was made up', (name) => {
    const text = readFileSync(join(root, name), 'utf8');
    expect(text).not.toMatch(/[\w.]+@[\w-]+\.\w+/u);
    const hosts = [...text.matchAll(/https?:\/\/([^/)\s]+)/gu)].map(([, host]) => host);
    expect(hosts.filter((host) => host !== 'www.contributor-covenant.org')).toEqual([]);
  });
});
