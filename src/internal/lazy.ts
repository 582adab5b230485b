/** The value that `make` gives, made when it is first asked for: neither an import nor a turn pays for what it does not use. */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
