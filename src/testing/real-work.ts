const open = new Set<Promise<unknown>>();

/** Work of this process that takes real time, as a call that is being recorded. Virtual time waits for it. */
export const realWork: ReadonlySet<Promise<unknown>> = open;

/** Marks work as such. @returns the same work */
export function inRealTime<T>(work: Promise<T>): Promise<T> {
  open.add(work);
  const end = (): void => void open.delete(work);
  work.then(end, end);
  return work;
}
