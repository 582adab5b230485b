const SHARED = new WeakSet<object>();

/**
 * Marks data of JSON, nested less than 32 levels deep, that several messages carry. It is frozen, so that they need no copy
 * each, which for a long list of parts would take the square of its length.
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
