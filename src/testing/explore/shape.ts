import type { ConversationRecord } from '../../context/record/record.ts';
import type { StoredSnapshot } from '../../dialogue/engine/snapshot.ts';

/**
 * When two nodes of a conversation count as the same: the same states, and a context of the same shape. A node of the
 * same shape may still hold something new, as a third item in a list: its details say so.
 */

/** The maximum of different words that are distinct at one place of the context; more count as any text. */
const MAX_WORDS = 6;
const MAX_DEPTH = 3;
/** Counts up to this are distinct in details. */
const MAX_COUNT = 20;
const MAX_KEYS = 20;

export class Shapes {
  readonly #words = new Map<string, Set<string>>();

  /** @param stored the dialogue's state as data */
  keyOf(record: ConversationRecord | undefined, stored: StoredSnapshot | undefined): string {
    if (record === undefined) return '';
    const pending = [...record.timers, ...record.services].map(({ actor, id }) => `${actor}/${id}`);
    return JSON.stringify([
      stored && this.#stateOf(stored),
      this.of(record.data, ''),
      pending.toSorted(),
    ]);
  }

  /** Each detail of the contexts alone, with the states: `tries` is 3 there, `cart` has two items there. */
  detailsOf(
    record: ConversationRecord | undefined,
    stored: StoredSnapshot | undefined,
    statesKey: string,
  ): readonly string[] {
    if (record === undefined) return [];
    const details: string[] = [];
    this.#detail(record.data, `${statesKey} `, 0, details);
    const walk = ({ children }: StoredSnapshot, place: string): void => {
      for (const [id, { snapshot }] of Object.entries(children)) {
        if (snapshot === undefined) continue;
        if (snapshot.context) this.#detail(snapshot.context, `${place}${id}/`, 0, details);
        walk(snapshot, `${place}${id}/`);
      }
    };
    if (stored !== undefined) walk(stored, `${statesKey} `);
    return details;
  }

  #detail(value: unknown, place: string, depth: number, details: string[]): void {
    if (Array.isArray(value)) details.push(`${place}#${Math.min(value.length, MAX_COUNT)}`);
    else if (typeof value === 'number') details.push(`${place}=${countOf(value)}`);
    else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      const keys = Object.keys(value);
      details.push(`${place}#${Math.min(keys.length, MAX_COUNT)}`);
      if (depth === MAX_DEPTH) return;
      for (const key of keys.slice(0, MAX_KEYS)) {
        const inner = (value as Record<string, unknown>)[key];
        this.#detail(inner, `${place}.${key}`, depth + 1, details);
      }
    } else details.push(`${place}=${String(this.of(value, place))}`);
  }

  /** What is known of a value: all of what is small, the kind of what is not. */
  of(value: unknown, place: string, depth = 0): unknown {
    switch (typeof value) {
      case 'string':
        return this.#ofText(value, place);
      case 'number':
        return value === 0 || value === 1 ? value : value < 0 ? 'negative' : 'number';
      case 'boolean':
        return value;
      case 'object':
        break;
      default:
        return typeof value;
    }
    if (value === null) return null;
    if (Array.isArray(value)) return value.length === 0 ? 'empty' : 'list';
    if (value instanceof Date) return 'date';
    if (depth === MAX_DEPTH) return 'object';
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, this.of(inner, `${place}.${key}`, depth + 1)]),
    );
  }

  /** A word such as a dialogue decides by: `refund`. */
  #ofText(text: string, place: string): string {
    if (text === '') return '';
    if (!/^[a-z][\w-]{0,15}$/u.test(text)) return 'text';
    let words = this.#words.get(place);
    if (words === undefined) this.#words.set(place, (words = new Set()));
    if (!words.has(text) && words.size >= MAX_WORDS) return 'text';
    words.add(text);
    return `=${text}`;
  }

  #stateOf({ status, value, children, history, paused, context }: StoredSnapshot): unknown {
    const inner = Object.entries(children).map(([id, child]) => [
      id,
      child.src,
      child.snapshot && this.#stateOf(child.snapshot),
    ]);
    const waiting = paused?.map(({ state, snapshot }) => [
      state,
      snapshot && this.#stateOf(snapshot),
    ]);
    return [status, value, inner, history, waiting, context && this.of(context, 'inner')];
  }
}

function countOf(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_COUNT) return String(value);
  return value < 0 ? 'negative' : 'number';
}

/** The states alone. */
export function statesKeyOf(stored: StoredSnapshot | undefined): string {
  if (stored === undefined) return '';
  const walk = ({ value, children }: StoredSnapshot): unknown => [
    value,
    Object.entries(children).map(([id, { snapshot }]) => [id, snapshot && walk(snapshot)]),
  ];
  return JSON.stringify(walk(stored));
}
