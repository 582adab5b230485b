import { filesOf } from '../../src/cli/new/files.ts';
import {
  type Lang,
  LANGS,
  type NewProject,
  STORES,
  type StoreKind,
  TEMPLATES,
  type Template,
} from '../../src/cli/new/project.ts';

export const templates = Object.keys(TEMPLATES) as Template[];
export const stores = Object.keys(STORES) as StoreKind[];
export const langs = Object.keys(LANGS) as Lang[];

/** A project that `colloquy new` makes, as it is without a word more. */
export function newProject(wishes: Partial<NewProject> = {}): NewProject {
  return {
    name: 'demo',
    template: 'web',
    store: 'memory',
    lang: 'en',
    origin: { kind: 'spec', spec: '^0.1.0' },
    ...wishes,
  };
}

/** Its files, by name. */
export function newFiles(wishes: Partial<NewProject> = {}): Readonly<Record<string, string>> {
  return filesOf(newProject(wishes), '/work/demo');
}

/** All projects that there can be. */
export function allProjects(): NewProject[] {
  return templates.flatMap((template) =>
    stores.flatMap((store) => langs.map((lang) => newProject({ template, store, lang }))),
  );
}

export function titleOf({ template, store, lang }: NewProject): string {
  return `${template} on ${store} in ${lang}`;
}
