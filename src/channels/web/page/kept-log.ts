import { type Entry, isSaid } from './chat-log.ts';

/** What a browser keeps of a chat. */
export interface KeptLog {
  /** Whose it is, as the server names the person. */
  readonly user?: string | undefined;
  /** Another one whenever the log begins again, so that a page does not put back what another one has removed. */
  readonly began: string;
  readonly entries: readonly Entry[];
}

/** Keeps the log of one address in the storage of the browser, for its next page and for pages beside this one. */
export class LogKeeper {
  readonly #key: string;

  constructor(endpoint: string) {
    this.#key = `colloquy-chat ${endpoint}`;
  }

  /** Undefined where nothing is kept, or nothing that this page can read. */
  read(): KeptLog | undefined {
    try {
      return parsed(localStorage.getItem(this.#key));
    } catch {
      // The browser lets this page keep nothing.
      return undefined;
    }
  }

  /** Where there is no room for all of it, what is newest is kept. */
  write(log: KeptLog): void {
    for (let { entries } = log; ; entries = entries.slice(Math.ceil(entries.length / 2))) {
      try {
        localStorage.setItem(this.#key, JSON.stringify({ ...log, entries }));
        return;
      } catch {
        if (entries.length < 2) return;
      }
    }
  }

  forget(): void {
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Then nothing is there.
    }
  }

  /** Calls whenever a page beside this one has written. @returns ends that */
  listen(changed: (log: KeptLog) => void): () => void {
    const heard = ({ key, newValue }: StorageEvent): void => {
      const log = key === this.#key ? parsed(newValue) : undefined;
      if (log !== undefined) changed(log);
    };
    addEventListener('storage', heard);
    return () => removeEventListener('storage', heard);
  }
}

/** Any script of this origin can write there: what is no log is none. */
function parsed(text: string | null): KeptLog | undefined {
  try {
    const log = JSON.parse(text ?? '') as KeptLog;
    return typeof log.began === 'string' && log.entries.every(isEntry) ? log : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(entry: Entry): boolean {
  if (typeof entry.id !== 'string') return false;
  const { type } = isSaid(entry) ? entry.message : entry.reply;
  return typeof type === 'string';
}
