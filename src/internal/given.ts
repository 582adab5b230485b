type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are `undefined`. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<T>;
}
