import { UsageError } from '../errors.ts';

/**
 * What a host gives to its handlers: a `Request`, or an object that holds one under `request` (SvelteKit, React Router,
 * Astro, Elysia), under `req` (h3), or as `req.raw` (Hono).
 */
export type HostRequest =
  | Request
  | {
      /** In SvelteKit, React Router, Astro and Elysia. */
      readonly request: Request;
    }
  | {
      /** In h3 the request itself, in Hono an object around it. */
      readonly req:
        | Request
        | {
            /** The request. */
            readonly raw: Request;
          };
    };

/** What a host gives beside the request. Cloudflare's `ctx` is one. */
export interface WebhookContext {
  /** Receives the work that continues after the answer. */
  waitUntil?(work: Promise<unknown>): void;
}

/** @throws UsageError `not_a_request` */
export function requestIn(given: unknown): Request {
  if (isObject(given)) {
    const { request, req } = given;
    const raw = isObject(req) ? req['raw'] : undefined;
    const found = [given, request, req, raw].find(isRequest);
    if (found !== undefined) return found;
  }
  throw new UsageError(
    'not_a_request',
    'The handler of createWebhook() takes a Request, or a context of its host that holds one; this is something else. On Express, Koa, Fastify and node:http, use the listener that toNodeListener() of colloquy/channels/node makes of the handler.',
  );
}

/** The first of a host's arguments that takes work. What else they hold is the host's business. */
export function waiterIn(given: readonly unknown[]): Required<WebhookContext> | undefined {
  for (const host of given) {
    if (typeof host !== 'object' || host === null) continue;
    if (isWaiter(host)) return host;
    const inner = executionOf(host);
    if (isWaiter(inner)) return inner;
  }
  return undefined;
}

/** Where Hono keeps what Workers give. Elsewhere, to ask for it throws. */
function executionOf(host: object): unknown {
  try {
    return (host as { readonly executionCtx?: unknown }).executionCtx;
  } catch {
    return undefined;
  }
}

function isWaiter(host: unknown): host is Required<WebhookContext> {
  return isObject(host) && typeof host['waitUntil'] === 'function';
}

/** A host may have its own class of requests, which is not the global one. */
function isRequest(value: unknown): value is Request {
  return (
    isObject(value) &&
    typeof value['url'] === 'string' &&
    typeof value['method'] === 'string' &&
    isObject(value['headers']) &&
    typeof value['headers']['get'] === 'function'
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
