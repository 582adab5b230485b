import { type Clock, systemClock } from '../clock.ts';
import { ColloquyError, DeliveryError } from '../errors.ts';
import { readBody } from './body.ts';
import type { Answer, Channel, Delivery, Rendering, TurnTaker } from './channel.ts';
import { createReport, type Report } from './report.ts';

export interface WebhookOptions {
  readonly clock?: Clock;
  /**
   * Told of everything the platform must not see: a turn that threw, a proven request that could not be read, and a
   * DeliveryError `reply_not_sent` for each reply that did not fit into the answer. Without it, the name and code of
   * the error become a process warning.
   */
  readonly onError?: (error: unknown) => void;
}

const MAX_BODY_BYTES = 1024 * 1024;
const BODY_TIMEOUT_MS = 3000;

const STATUS_OF_BODY_ERROR: Readonly<Record<string, number>> = {
  body_too_large: 413,
  body_timeout: 408,
  body_interrupted: 400,
};

/**
 * The HTTP side of a bot, for `toNodeListener` or any host that speaks `Request` and `Response`.
 * It verifies before it parses and parses before it touches state. It never rejects, and no error of ours is ever in
 * an answer: what goes wrong after the sender is proven is answered with the channel's acknowledgement, unless it left no
 * trace and may go better the next time (the runner is overloaded, the persister out of reach): that is an empty 503,
 * so that the platform delivers it again. A client that hangs up does not end the turn; it will get the recorded
 * replies.
 */
export function createWebhook(
  runner: TurnTaker,
  channel: Channel,
  options: WebhookOptions = {},
): (request: Request) => Promise<Response> {
  const { clock = systemClock } = options;
  const report = createReport(options.onError);
  const { maxBodyBytes = MAX_BODY_BYTES, bodyTimeoutMs = BODY_TIMEOUT_MS } = channel.limits ?? {};

  return async (request) => {
    // Queue wait and body reading count against the platform's deadline, too.
    const receivedAt = clock.now();
    try {
      let body: Promise<Uint8Array> | undefined;
      const reception = await channel.receive({
        method: request.method,
        url: new URL(request.url),
        headers: request.headers,
        receivedAt,
        readBody() {
          body ??= readBody(request, {
            maxBytes: maxBodyBytes,
            deadlineAt: receivedAt + bodyTimeoutMs,
            clock,
          });
          // A channel that does not wait for what it asked for must not end the process.
          body.catch(() => {});
          return body;
        },
      });
      switch (reception.type) {
        case 'reject':
          if (reception.error) report(reception.error);
          return empty(reception.status, reception.headers);
        case 'handshake':
          return toResponse(reception.answer);
        case 'messages':
          return await deliver(reception, receivedAt);
      }
    } catch (error) {
      const status = ColloquyError.is(error) ? STATUS_OF_BODY_ERROR[error.code] : undefined;
      if (status === undefined) report(error);
      return empty(status ?? 500);
    }
  };

  async function deliver(delivery: Delivery, receivedAt: number): Promise<Response> {
    const turns = await takeTurns(runner, delivery, receivedAt, report);
    // Not taken in, and nothing is stored: the platform has to deliver it again, or the message is lost.
    if (turns.some(isRefused)) return empty(503);
    const replies = turns.flatMap((turn) => turn.replies);
    let rendering: Rendering = { unsent: [] };
    try {
      if (replies.length > 0) {
        rendering = delivery.render?.(replies, clock.now()) ?? {
          unsent: replies.map((_, index) => ({ index, reason: 'no_place_in_answer' })),
        };
      }
      const response = toResponse(rendering.answer ?? delivery.acknowledge);
      for (const unsent of rendering.unsent) report(notSent(channel, delivery, unsent));
      return response;
    } catch (error) {
      report(error);
      return toResponse(delivery.acknowledge);
    }
  }
}

type Taken = Awaited<ReturnType<TurnTaker['handle']>>;

/** Each message is handed over at once and in order; how users wait for one another is the runner's business. */
function takeTurns(
  runner: TurnTaker,
  delivery: Delivery,
  receivedAt: number,
  report: Report,
): Promise<readonly Taken[]> {
  const turns = delivery.messages.map(async ({ openid, message, id }): Promise<Taken> => {
    try {
      return await runner.handle(openid, message, {
        ...(id === undefined ? {} : { id }),
        receivedAt,
      });
    } catch (error) {
      report(error);
      return { outcome: 'failed', replies: [], error };
    }
  });
  return Promise.all(turns);
}

/** Whether a turn left no trace and may go better the next time. */
function isRefused({ outcome, replies, error }: Taken): boolean {
  if (outcome === 'shed') return true;
  return outcome === 'failed' && replies.length === 0 && ColloquyError.is(error) && error.retryable;
}

function notSent(
  channel: Channel,
  delivery: Delivery,
  { index, reason }: Rendering['unsent'][number],
): DeliveryError {
  const [only, ...others] = delivery.messages;
  return new DeliveryError(
    'reply_not_sent',
    `Reply ${index + 1} of a turn is not, or not wholly, in the answer to ${channel.name}: ${reason}. An answer has room for little: say less in a turn, or what the platform takes there.`,
    {
      ...(others.length === 0 && only ? { openid: only.openid } : {}),
      details: { channel: channel.name, index, reason },
    },
  );
}

function toResponse({ status, headers, body }: Answer): Response {
  return body === ''
    ? empty(status, headers)
    : new Response(body, { status, headers: { ...headers } });
}

function empty(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...headers } });
}
