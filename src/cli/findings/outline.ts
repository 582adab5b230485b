/**
 * The object literals of a source text, by their keys. It reads JavaScript and TypeScript without a parser of either, so
 * it may miss what is written in an unusual way, and it throws for nothing.
 */

export interface ObjectOutline {
  /** By key; what it returns, where it is the body of a function, is under `return`, and what is spread under `...name`. */
  readonly entries: ReadonlyMap<string, OutlineEntry>;
}

/** What stands behind a key, or behind the name of a variable or a function. */
export interface OutlineEntry {
  /** From 1 on. */
  readonly line: number;
  /** The value, where it is a string. */
  readonly text: string | undefined;
  /** The name that the value begins with, as of a variable or of a function that is called. */
  readonly name: string | undefined;
  /** The outermost object literals in the value. */
  readonly objects: readonly ObjectOutline[];
}

export interface FileOutline {
  readonly objects: readonly ObjectOutline[];
  /** The variables and functions, by their names. */
  readonly declared: ReadonlyMap<string, OutlineEntry>;
  /** The names that are imported, each with the module that it is from. */
  readonly imported: ReadonlyMap<string, string>;
  /** All modules that are imported or exported again. */
  readonly modules: readonly string[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type OpenEntry = Mutable<OutlineEntry> & { objects: ObjectOutline[] };

/** A bracket that is still open. */
interface Frame {
  readonly closes: string;
  readonly entries?: Map<string, OpenEntry>;
  entry: OpenEntry | undefined;
  /** Whether a key may follow. */
  isAtKey: boolean;
}

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\$]|\\[\s\S]|\$(?!\{))*`|\.{3}|[\p{ID_Start}$_#][\p{ID_Continue}$]*|\d[\w.]*|[\s\S]/uy;
const REGEXP = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/uy;
/** Up to the end of a template, or to the next value in it. */
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/uy;
const IMPORT =
  /^\s*(?:import|export)\s+(?:type\s+)?([\w$]+\s*,?\s*)?(?:\{([^}]*)\}|\*(?:\s+as\s+[\w$]+)?)?\s*from\s*['"]([^'"]+)['"]/gmu;
const DECLARES = new Set(['const', 'let', 'var', 'function']);

export function outlineOf(text: string): FileOutline {
  const reader = new OutlineReader(text);
  reader.read();
  const imported = new Map<string, string>();
  const modules: string[] = [];
  for (const [, whole = '', names = '', module = ''] of text.matchAll(IMPORT)) {
    modules.push(module);
    const all = [whole.replace(',', ''), ...names.split(',')];
    for (const each of all) {
      const name = each
        .split(/\bas\b/u)
        .at(-1)
        ?.replace(/^\s*type\s/u, '')
        .trim();
      if (name) imported.set(name, module);
    }
  }
  return { objects: reader.objects, declared: reader.declared, imported, modules };
}

class OutlineReader {
  readonly objects: ObjectOutline[] = [];
  readonly declared = new Map<string, OutlineEntry>();
  readonly #text: string;
  readonly #frames: Frame[] = [{ closes: '', entry: undefined, isAtKey: false }];
  #line = 1;
  /** The last token that is no space. */
  #before = '';
  #isValueNext = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    const text = this.#text;
    for (let at = 0; at < text.length;) {
      const token = this.#tokenAt(at);
      const isSpace = !this.#isInTemplate && /^(?:\s|\/[/*])/u.test(token);
      if (!isSpace) this.#take(token, at + token.length);
      this.#line += token.split('\n').length - 1;
      at += token.length;
    }
  }

  get #isInTemplate(): boolean {
    return this.#frames.at(-1)?.closes === '`';
  }

  #tokenAt(at: number): string {
    const isOperand = /^$|^[(,=:[!&|?{};>]$|^return$/u.test(this.#before);
    const first = this.#isInTemplate ? TEMPLATE : isOperand ? REGEXP : TOKEN;
    for (const pattern of [first, TOKEN]) {
      pattern.lastIndex = at;
      const [found = ''] = pattern.exec(this.#text) ?? [];
      if (found !== '' && !/^\/[/*]/u.test(pattern === REGEXP ? found : '')) return found;
    }
    return this.#text[at] ?? '';
  }

  #take(token: string, end: number): void {
    const frame = this.#frames.at(-1) as Frame;
    if (frame.closes === '`') this.#takeTemplate(token);
    else if (token === '`') this.#push({ closes: '`' });
    else if (token === frame.closes) this.#frames.pop();
    else if (token === '(' || token === '[') this.#push({ closes: token === '(' ? ')' : ']' });
    else if (token === '{') this.#openObject();
    else if (token === ',' && frame.entries !== undefined) {
      frame.isAtKey = true;
      frame.entry = undefined;
    } else this.#takeWord(frame, token, end);
    this.#before = token;
  }

  #takeTemplate(token: string): void {
    if (token.endsWith('${')) this.#push({ closes: '}' });
    else this.#frames.pop();
  }

  #openObject(): void {
    const entries = new Map<string, OpenEntry>();
    const outline = { entries };
    const around = this.#frames.findLast(({ entry, entries: own }) => own ?? entry);
    around?.entry?.objects.push(outline);
    this.objects.push(outline);
    this.#push({ closes: '}', entries, isAtKey: true });
  }

  #takeWord(frame: Frame, token: string, end: number): void {
    const wasAtKey = frame.isAtKey;
    frame.isAtKey = false;
    const follows = (pattern: RegExp): boolean => {
      pattern.lastIndex = end;
      return pattern.test(this.#text);
    };
    const isWord = /^[\p{ID_Start}$_]/u.test(token);
    if (wasAtKey && frame.entries !== undefined && /^['"\p{ID_Start}$_\d]/u.test(token)) {
      const isShort = isWord && follows(/\s*[,}]/uy);
      if (isShort || follows(/\s*[:(]/uy)) {
        const key = isWord ? token : token.replace(/^['"]|['"]$/gu, '');
        frame.entry = this.#entry(isShort ? token : undefined);
        frame.entries.set(key, frame.entry);
        this.#isValueNext = true;
        return;
      }
    }
    if (isWord && DECLARES.has(this.#before)) {
      frame.entry = this.#entry(undefined);
      this.declared.set(token, frame.entry);
    } else if (isWord && this.#before === '...' && frame.entries !== undefined) {
      frame.entries.set(`...${token}`, this.#entry(token));
    } else if (token === 'return' && frame.entries !== undefined) {
      frame.entry = this.#entry(undefined);
      frame.entries.set('return', frame.entry);
    } else if (frame.entry !== undefined && this.#isValueNext && token !== ':') {
      if (isWord) frame.entry.name = token;
      else if (/^['"`]/u.test(token)) frame.entry.text = token.slice(1, -1);
    }
    this.#isValueNext &&= token === ':';
  }

  #entry(name: string | undefined): OpenEntry {
    return { line: this.#line, text: undefined, name, objects: [] };
  }

  #push(frame: Pick<Frame, 'closes' | 'entries'> & Partial<Frame>): void {
    this.#isValueNext = false;
    this.#frames.push({ entry: undefined, isAtKey: false, ...frame });
  }
}
