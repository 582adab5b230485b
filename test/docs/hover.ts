import { join } from 'node:path';
import ts from 'typescript';
import { root } from './pages.ts';

/** What an editor shows of a name. */
export interface Hover {
  /** The docstring, without its tags. */
  readonly text: string;
  /** The texts of its tags by their names: `example`, `throws`. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

/** Asks the language service of TypeScript about a program, as an editor does. */
export class Editor {
  readonly #service: ts.LanguageService;
  readonly #path: string = join(root, 'test/docs/in-an-editor.ts');
  readonly #program: string;

  /** @param program its text; it need not be on the disk */
  constructor(program: string) {
    this.#program = program;
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
      readonly config: unknown;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const read = (path: string): string | undefined =>
      path === this.#path ? program : ts.sys.readFile(path);
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [this.#path],
      getScriptVersion: () => '1',
      getScriptSnapshot: (path) => {
        const text = read(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: (path) => path === this.#path || ts.sys.fileExists(path),
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
