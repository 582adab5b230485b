type Setting = string | ((context: never) => string | undefined);

/** Where the language and the time zone of a user come from, as the words of a dialogue have it. */
export interface Locality {
  readonly locale?: Setting;
  readonly timeZone?: Setting;
}

/** A dialogue around a sub-dialogue, as far as the language and the time zone of the user follow from it. */
export interface Outer {
  /** The options that its words were made with; undefined for the library's own. */
  readonly options: Locality | undefined;
  readonly context: unknown;
  /** The dialogue around that one; undefined for the outermost. */
  readonly outer: Outer | undefined;
}

// A step is synchronous, so this holds within one call, as the time of the step does.
let nearest: Outer | undefined;

/** The dialogue around the sub-dialogue that takes a step now; undefined in the outermost dialogue, and outside of steps. */
export function outerDialogue(): Outer | undefined {
  return nearest;
}

/**
 * Says which dialogue is around the one that steps, until it is called again; undefined for the outermost dialogue.
 * @returns what to call it with then
 */
export function setOuter(outer: Outer | undefined): Outer | undefined {
  const before = nearest;
  nearest = outer;
  return before;
}
