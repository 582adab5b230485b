import { isOneOf } from '../../channels/secrets.ts';
import { cookiesOf } from '../../internal/cookies.ts';

/** Lets a request in, or not; a Response is the answer to one that is not let in, such as a question for a password. */
export type Authorize = (request: Request) => boolean | Response | Promise<boolean | Response>;

export interface AccessOptions {
  /** Whether a request may see the page and ask for what it offers. */
  readonly authorize?: Authorize | undefined;
  /** What the address of the page has to hold once, where no other check decides. It counts for requests to loopback only. */
  readonly token?: string | undefined;
}

/** What is decided about a request: to let it pass, to set a cookie and redirect to the address without the token, or to refuse. */
export type AccessDecision =
  | { readonly is: 'granted' }
  | { readonly is: 'entered'; readonly cookie: string }
  | { readonly is: 'answered'; readonly response: Response }
  | { readonly is: 'refused'; readonly status: 401 | 403; readonly text: string };

const GRANTED: AccessDecision = { is: 'granted' };
/** The header of a request that changes something. A page of another site cannot send it without being asked about it. */
export const CSRF_HEADER = 'x-colloquy-csrf';

/**
 * Decides who may see a page. With a token, a request has to be to a name of this machine: under any other name it may be from
 * a page that had its own name lead here (https://en.wikipedia.org/wiki/DNS_rebinding), and one that a proxy passes on is from
 * somewhere else. A Request does not tell where it comes from, and who writes one chooses its Host: so the Host alone opens
 * nothing.
 */
export async function decideAccess(
  request: Request,
  { authorize, token }: AccessOptions,
): Promise<AccessDecision> {
  if (authorize !== undefined) {
    // A program without types may give anything.
    const decided: unknown = await authorize(request);
    if (decided instanceof Response) return { is: 'answered', response: decided };
    return decided === true ? GRANTED : refused(401, 'You are not authorized to see this page.');
  }
  const url = urlAsSent(request);
  if (token === undefined || !isLoopback(url.hostname) || isForwarded(request)) {
    return refused(401, 'This page is for requests on its own machine; others need `authorize`.');
  }
  const name = `colloquy_studio_${url.port}`;
  const given = url.searchParams.get('token');
  if (given !== null && isOneOf([token], given)) {
    const secure = url.protocol === 'https:' ? '; Secure' : '';
    return {
      is: 'entered',
      cookie: `${name}=${token}; Path=/; HttpOnly; SameSite=Strict${secure}`,
    };
  }
  if (cookiesOf(request, name).some((value) => isOneOf([token], value))) return GRANTED;
  return refused(401, 'Open the address that the program printed: it has a token.');
}

/** Refuses what another site makes a browser send. */
export function checkSameSite(request: Request): AccessDecision {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return crossSite();
  const origin = request.headers.get('origin');
  if (origin === null) return GRANTED;
  // A proxy may end TLS: its protocol is not ours.
  return URL.canParse(origin) && new URL(origin).host === urlAsSent(request).host
    ? GRANTED
    : crossSite();
}

/** Refuses, beside that, what no page of ours sends. */
export function checkWrite(request: Request): AccessDecision {
  if (request.headers.get(CSRF_HEADER) === null) {
    return refused(403, `A request that changes something has the header ${CSRF_HEADER}.`);
  }
  return checkSameSite(request);
}

function refused(status: 401 | 403, text: string): AccessDecision {
  return { is: 'refused', status, text };
}

function crossSite(): AccessDecision {
  return refused(403, 'The request comes from a page of another site.');
}

/** The address with the Host that the client sent. */
function urlAsSent(request: Request): URL {
  const url = new URL(request.url);
  const host = request.headers.get('host');
  if (host === null) return url;
  return URL.canParse(`${url.protocol}//${host}`)
    ? new URL(`${url.protocol}//${host}${url.pathname}${url.search}`)
    : url;
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|[\w-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(hostname);
}

function isForwarded({ headers }: Request): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some((name) =>
    headers.has(name),
  );
}
