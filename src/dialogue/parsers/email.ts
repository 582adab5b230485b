import { lazy } from '../../internal/lazy.ts';
import { createFillers, isFiller } from '../text/explained.ts';
import { commonFillers } from '../text/fillers.ts';
import { fold } from '../text/normalize.ts';
import { issue, messageWords, type Parser } from './parser.ts';

/**
 * “A valid email address” of the HTML standard (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address),
 * with a domain of at least two labels that ends in a name, as every address of a user has. Two points in a row are the
 * end of a sentence before it, and `=`, `/`, `?`, `|` and marks at the edges are what was written around it.
 */
const ADDRESS =
  /^[a-z0-9_](?:[a-z0-9!#$%&'*+^_`{}~-]|\.(?![.@]))*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/i;

/** Lengths of a path and of its part before the @ (RFC 5321, 4.5.3.1). */
const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;

/** Everything that hangs together with an @, from its first character on, so that the search takes linear time. */
const CANDIDATE = /(?<![a-z0-9.!#$%&'*+/=?^_`{|}~-])[a-z0-9.!#$%&'*+/=?^_`{|}~-]*@[a-z0-9.-]*/gi;

/** Marks that set an address off and that an address may hold as well: `*` and `_` are bold and italic in Slack. */
const MARKS = /^[*_~`'|]+/;

const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['<', '>'],
  ['[', ']'],
]);

/** A letter or a digit beside a candidate belongs to the address, unless its script writes without spaces. */
const JOINED = /^(?!\p{Script=Han})[\p{L}\p{M}\p{N}@]/u;

/**
 * Takes an answer that is an email address, with words that only introduce it (“my email is …”, `我的邮箱是…`), and gives
 * the address with its domain in lower case. It may be in quotes or brackets, or in bold as Slack writes it. Only
 * a mail shows whether the address exists.
 *
 * Everything else is an issue: two addresses, letters beyond ASCII (`müller@…`, which is never read as `ller@…`), a question,
 * a denial or any other content beside the address, and a text of over 500 characters.
 * @example
 * words.ask({ question: 'Your email address?', parse: email(), assign: 'name' });
 */
export function email(): Parser<string> {
  return (message) => {
    // Telephones make the apostrophe of O'Brien a curly one while it is typed.
    const words = (messageWords(message) ?? '').replace(/(?<=[a-z0-9])[’ʼ](?=[a-z0-9]+@)/gi, "'");
    const found = new Set<string>();
    const before: string[] = [];
    let from = 0;
    for (const { 0: candidate, index } of words.matchAll(CANDIDATE)) {
      const part = partAround(words, index, candidate);
      const address = part === undefined ? undefined : addressOf(part.inner);
      if (part === undefined || address === undefined) return issue('issue.email');
      found.add(address);
      before.push(words.slice(from, part.start));
      from = part.end;
    }
    const [value, ...others] = found;
    if (value === undefined) return issue('issue.email');
    if (others.length > 0) return issue('issue.severalEmails');
    const isWhole =
      isFiller(fold(words.slice(from)), endings()) &&
      before.every((rest) => isFiller(fold(rest), introductions()));
    return isWhole ? { value } : issue('issue.email');
  };
}

/** What leads to an address. Behind it, some of it would make a question: “is my email ann@…”. */
const INTRODUCTIONS =
  'my email, my email is, my email’s, my e-mail, my e-mail is, my mail, my mail is, my email address, my email address is, my e-mail address is, ' +
  'my mail address is, my address, my address is, the email is, the address is, the email address is, email, e-mail, mail, email address, ' +
  'e-mail address, mail address, address, mailto, to, send it to, please send it to, send to, send that to, write to, write to me at, ' +
  'mail me at, email me at, you can email me at, you can write to me at, you can reach me at, reach me at, contact me at, i’m at, i am at, ' +
  'here it is, here is my email, here’s my email, this is my email, this is my address, that’s my email, ' +
  'use, use this, take, take this, 📧, ✉, 📩, 📨, ' +
  '我, 我的, 是, 为, 邮箱, 邮箱是, 我邮箱, 我邮箱是, 我的邮箱, 我的邮箱是, 我的邮箱地址是, 邮箱地址, 邮箱地址是, 电子邮箱, 电子邮箱是, 我的电子邮箱是, 电子邮件, 电子邮件是, 电子邮件地址, ' +
  '邮件, 邮件地址, 邮件地址是, 郵箱, 電子郵件, 我的郵箱是, 信箱, 我的信箱是, 地址, 地址是, 联系方式, 联系方式是, 联系邮箱, 发到, 发给, 发送到, 发至, 请发到, 请发送到, 发我邮箱, 寄到, ' +
  '用, 用这个, 这个, 这个邮箱, 这是我的邮箱';

const introductions = /* @__PURE__ */ lazy(() => createFillers(INTRODUCTIONS, commonFillers()));

const ENDINGS = 'is my email, is my e-mail, is my email address, is my address, 是我的邮箱, 是邮箱';

const endings = /* @__PURE__ */ lazy(() => createFillers(ENDINGS, introductions()));

interface Part {
  /** What stands between the marks around it. */
  readonly inner: string;
  readonly start: number;
  readonly end: number;
}

/** A candidate without the marks around it; undefined if letters follow that no candidate contains. */
function partAround(words: string, index: number, candidate: string): Part | undefined {
  const body = candidate.replace(/\.+$/u, '');
  const marks = MARKS.exec(body)?.[0] ?? '';
  const closing = Array.from(marks).toReversed().join('');
  const isMarked = words.startsWith(closing, index + body.length);
  const inner = isMarked ? body.slice(marks.length) : body;
  const end = index + body.length + (isMarked ? marks.length : 0);
  const isJoined =
    JOINED.test(lastCharacter(words.slice(0, index))) || JOINED.test(words.slice(end, end + 2));
  if (isJoined) return undefined;
  const bracket = BRACKETS.get(words.charAt(index - 1));
  const isBracketed = bracket !== undefined && bracket === words.charAt(end);
  return isBracketed ? { inner, start: index - 1, end: end + 1 } : { inner, start: index, end };
}

function lastCharacter(text: string): string {
  return Array.from(text.slice(-2)).at(-1) ?? '';
}

function addressOf(text: string): string | undefined {
  const at = text.indexOf('@');
  if (text.length > LONGEST_ADDRESS || at > LONGEST_LOCAL_PART || !ADDRESS.test(text)) return;
  return text.slice(0, at) + text.slice(at).toLowerCase();
}
