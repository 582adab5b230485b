/** Resolves when everything that waits for nothing but the event loop has run. */
export function atRest(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
