/** Two hashes of the id of a message, of 27 bits each. */
export interface IdKey {
  readonly one: number;
  readonly two: number;
}

/** The maximum of each hash. */
const MAX_HASH = 2 ** 27 - 1;

/** A turn needs the key of its id several times: to see whether the id counted before, and to add it. */
let lastId = '';
let lastKey: IdKey = newKey(lastId);

/** The key by which the id is remembered. Of 2 000 ids, two have the same key once in ten billion times. */
export function hashesOf(id: string): IdKey {
  if (id === lastId) return lastKey;
  lastKey = newKey(id);
  lastId = id;
  return lastKey;
}

/** The key as a short text, which tells nothing of the id. */
export function markOf(id: string): string {
  return Object.values(hashesOf(id)).join('.');
}

/** Two multiplicative hashes of the whole id, which are mixed with each other at the end. */
function newKey(id: string): IdKey {
  let one = 0x9e3779b9;
  let two = 0x41c6ce57;
  for (let place = 0; place < id.length; place += 1) {
    const code = id.charCodeAt(place);
    one = Math.imul(one ^ code, 0x9e3779b1);
    one = (one << 13) | (one >>> 19);
    two = Math.imul(two ^ code, 0x5f356495);
    two = (two << 17) | (two >>> 15);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return { one: one & MAX_HASH, two: two & MAX_HASH };
}
