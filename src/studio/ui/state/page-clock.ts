/** The time and the timers of the machine that shows the page. Nothing else of the page asks for them. */

export function timeHere(): number {
  return Date.now();
}

/** Calls back once, and returns what prevents it. */
export function callAfter(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** Calls back again and again, and returns what ends it. */
export function callEvery(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms);
  return () => clearInterval(timer);
}
