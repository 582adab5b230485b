const SHARED = new WeakSet<object>();

/**
 * Marks JSON data that several messages carry, and freezes it: so no message needs its own copy. A copy of a long list for
 * each of its items would take time by the square of its length. The data is nested less than 32 levels deep.
 */
export function share<T extends object>(data: T): T {
  freezeAll(data);
  SHARED.add(data);
  return data;
}

export function isShared(value: unknown): boolean {
  return typeof value === 'object' && value !== null && SHARED.has(value);
}

function freezeAll(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const item of Object.values(value) as unknown[]) freezeAll(item);
  Object.freeze(value);
}
