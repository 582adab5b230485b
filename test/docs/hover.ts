import { dirname, join } from 'node:path';
import ts from 'typescript';
import { root } from './pages.ts';

/** What an editor shows of a name. */
export interface Hover {
  /** The docstring, without its tags. */
  readonly text: string;
  /** The texts of its tags by their names: `example`, `throws`. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

/** Where a program is that is looked at, and how it is compiled. */
export interface Desk {
  readonly path: string;
  readonly options: ts.CompilerOptions;
}

/** In the repository, under its own options: what is imported are the sources. */
export function deskOfSources(): Desk {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
    readonly config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return { path: join(root, 'test/docs/in-an-editor.ts'), options };
}

/** Asks the language service of TypeScript about a program, as an editor does. */
export class Editor {
  readonly #service: ts.LanguageService;
  readonly #path: string;
  readonly #program: string;

  /** @param program its text; it need not be on the disk */
  constructor(program: string, { path, options }: Desk = deskOfSources()) {
    this.#program = program;
    this.#path = path;
    const read = (name: string): string | undefined =>
      name === path ? program : ts.sys.readFile(name);
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [path],
      getScriptVersion: () => '1',
      getScriptSnapshot: (name) => {
        const text = read(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => dirname(path),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: (name) => name === path || ts.sys.fileExists(name),
      readFile: read,
    });
  }

  /** What is shown at the last word of `place`, a piece of the program. */
  hover(place: string): Hover {
    const at = this.#program.indexOf(place) + place.length - 1;
    const info = this.#service.getQuickInfoAtPosition(this.#path, at);
    const tags = new Map<string, string[]>();
    for (const { name, text } of info?.tags ?? []) {
      tags.set(name, [...(tags.get(name) ?? []), ts.displayPartsToString(text)]);
    }
    return { text: ts.displayPartsToString(info?.documentation), tags };
  }
}
