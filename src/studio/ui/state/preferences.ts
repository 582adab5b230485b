/** What the person who looks has chosen for the page, kept in the browser where it allows that. */

const PREFIX = 'colloquy-studio.';

export function readPreference(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    // A page from a file may have no storage.
    return undefined;
  }
}

export function keepPreference(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // It holds for this visit, then.
  }
}
