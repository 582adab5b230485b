import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, inject, it } from 'vitest';
import { Editor } from '../docs/hover.ts';
import { MOST_USED, PROGRAM } from '../docs/most-used.ts';

const project = inject('full');
const options: ts.CompilerOptions = {
  strict: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  skipLibCheck: true,
};
const sources = new Editor(PROGRAM);

describe.each([
  ['an ES module', 'main.mts'],
  ['a CommonJS module', 'main.cts'],
])('what an editor shows in %s of a user', (_, file) => {
  const editor = new Editor(PROGRAM, { path: join(project.folder, file), options });

  it.each(MOST_USED)('of $place is what the sources say', ({ place }) => {
    const shown = editor.hover(place);
    expect(shown.text).not.toBe('');
    expect(shown).toEqual(sources.hover(place));
  });
});
