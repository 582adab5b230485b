import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type OutlineEntry, type FileOutline, type ObjectOutline, outlineOf } from './outline.ts';

export interface SourcePlace {
  readonly path: string;
  /** From 1 on; undefined where the state was not found in the file. */
  readonly line: number | undefined;
}

/** The maximum number of files that are read for a dialogue. */
const MAX_FILES = 100;

/**
 * Reads a module and what it imports by relative paths, and gives a function that finds the key of a state in them: by the
 * id of its dialogue and the keys above it. Where a key cannot be found, the nearest one above it stands for it.
 */
export async function readSources(
  main: string,
): Promise<(dialogue: string, path: string) => SourcePlace> {
  const files = new Map<string, SourceFile>();
  const open = [main];
  for (let path = open.shift(); path !== undefined && files.size < MAX_FILES; path = open.shift()) {
    if (files.has(path)) continue;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const outline = outlineOf(text);
    const file = { path, outline, files };
    files.set(path, file);
    for (const module of outline.modules) open.push(...pathsOf(path, module));
  }
  return (dialogue, path) => {
    for (const file of files.values()) {
      const root = file.outline.objects.find((each) => isDialogue(each, dialogue));
      if (root !== undefined) return placeOf(file, root, path === '' ? [] : path.split('.'));
    }
    return { path: main, line: undefined };
  };
}

interface SourceFile {
  readonly path: string;
  readonly outline: FileOutline;
  readonly files: ReadonlyMap<string, SourceFile>;
}

interface Found {
  readonly file: SourceFile;
  readonly entry: OutlineEntry;
}

/** Where a module may be that is imported: TypeScript may name it with the ending of what it becomes, or without any. */
function pathsOf(from: string, module: string): string[] {
  if (!/^\.{1,2}\//u.test(module)) return [];
  const path = resolve(dirname(from), module);
  return [path, path.replace(/\.([cm]?)js$/u, '.$1ts'), `${path}.ts`, `${path}.js`];
}

const OF_DIALOGUE = ['states', 'initial', 'context', 'on'];

function isDialogue({ entries }: ObjectOutline, id: string): boolean {
  return entries.get('id')?.text === id && OF_DIALOGUE.some((key) => entries.has(key));
}

function placeOf(file: SourceFile, root: ObjectOutline, keys: readonly string[]): SourcePlace {
  let at: Found = { file, entry: root.entries.get('id') as OutlineEntry };
  let inner = statesIn([{ file, object: root }]);
  for (const key of keys) {
    const found = inner.flatMap((each) => {
      const entry = each.object.entries.get(key);
      return entry === undefined ? [] : [{ file: each.file, entry }];
    });
    const [first] = found;
    if (first === undefined) break;
    at = first;
    inner = statesIn(objectsOf(first));
  }
  return { path: at.file.path, line: at.entry.line };
}

interface FoundObject {
  readonly file: SourceFile;
  readonly object: ObjectOutline;
}

/** The objects whose keys are states; those of a form are its slots. */
function statesIn(states: readonly FoundObject[]): readonly FoundObject[] {
  return states.flatMap(({ file, object }) =>
    ['states', 'slots'].flatMap((key) => {
      const entry = object.entries.get(key);
      return entry === undefined ? [] : objectsOf({ file, entry });
    }),
  );
}

/** The objects of a value: those in it and those that they spread or return, and those of the variable that it names. */
function objectsOf({ file, entry }: Found, depth = 0): readonly FoundObject[] {
  if (depth > MAX_DEPTH) return [];
  const more = entry.objects.flatMap(({ entries }) =>
    [...entries].flatMap(([key, value]) =>
      key === 'return' || key.startsWith('...') ? [{ file, entry: value }] : [],
    ),
  );
  const declared = declarationOf({ file, entry });
  const further = [...more, ...(declared === undefined ? [] : [declared])];
  return [
    ...entry.objects.map((object) => ({ file, object })),
    ...further.flatMap((each) => objectsOf(each, depth + 1)),
  ];
}

/** The maximum number of names that are followed one after the other. */
const MAX_DEPTH = 5;

/** The variable or function that a value names, in the same file or where it is imported from. */
function declarationOf({ file, entry: { name } }: Found): Found | undefined {
  if (name === undefined) return undefined;
  const own = file.outline.declared.get(name);
  if (own !== undefined) return { file, entry: own };
  const module = file.outline.imported.get(name);
  if (module === undefined) return undefined;
  for (const path of pathsOf(file.path, module)) {
    const other = file.files.get(path);
    const entry = other?.outline.declared.get(name);
    if (other !== undefined && entry !== undefined) return { file: other, entry };
  }
  return undefined;
}
