import { wordsOf, type Parser } from './parser.ts';

/**
 * “A valid email address” of the HTML standard (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address),
 * but with a domain of at least two labels, as every address of a user has.
 */
const ADDRESS =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$/;

/** Lengths of a path and of its part before the @ (RFC 5321, 4.5.3.1). */
const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;

const CANDIDATE = /[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]*@[a-zA-Z0-9.-]*/g;

/** What writers put around an address, though it may also stand in one. */
const AROUND = /^['`{|.]+|[.-]+$/g;

/**
 * Takes an email address, the only one in the text, and gives it with its domain in lower case. Whether anybody reads it,
 * only a mail sent to it tells. A text of over 1,000 characters is an issue.
 */
export function email(): Parser<string> {
  return (message) => {
    const found = new Set<string>();
    for (const [candidate] of (wordsOf(message) ?? '').matchAll(CANDIDATE)) {
      const address = candidate.replace(AROUND, '');
      const at = address.indexOf('@');
      if (address.length <= LONGEST_ADDRESS && at <= LONGEST_LOCAL_PART && ADDRESS.test(address)) {
        found.add(address.slice(0, at) + address.slice(at).toLowerCase());
      }
    }
    const [value, ...others] = found;
    if (value === undefined) return { issue: { key: 'issue.email' } };
    return others.length > 0 ? { issue: { key: 'issue.severalEmails' } } : { value };
  };
}
