import type { Clock } from '../../clock.ts';
import { ColloquyError } from '../../errors.ts';
import type { TurnTaker } from '../turn-taker.ts';
import { readBody } from '../body.ts';
import type { WebhookContext } from '../host-request.ts';
import { parseJsonBody } from '../json-body.ts';
import type { BodyReading } from '../lazy-request.ts';
import type { Report } from '../report.ts';
import {
  emptyResponse,
  errorResponse,
  jsonResponse,
  responseToBadBody,
  tryAgain,
} from './answers.ts';
import type { Visitor, Visitors, SeenRequest } from './visitors.ts';
import { type PageRequest, toPageRequest } from './page-request.ts';
import { STREAM_HEADERS } from './event-stream.ts';
import type { Greeter } from './greeter.ts';
import type { Origins } from './origins.ts';
import { asksForScript, scriptResponse } from './page-script.ts';
import { toHeard } from './said.ts';
import type { TokenBuckets } from './token-buckets.ts';
import type { SaidMessage } from './protocol.ts';
import { type MessageTurn, type Turns, inRoom } from './turns.ts';
import { UiDraftStream } from './ui-draft-stream.ts';
import { UI_STREAM_HEADERS, toUiStream } from './ui-stream.ts';
import type { UserLines } from './user-lines.ts';

export interface WebChatParts {
  readonly runner: Pick<TurnTaker, 'idle'>;
  readonly clock: Clock;
  readonly report: Report;
  readonly origins: Origins;
  readonly visitors: Visitors;
  readonly lines: UserLines;
  readonly turns: Turns;
  readonly greeter: Greeter;
  readonly reading: BodyReading;
  /** How often one person may write, and how often their pages may ask for anything. */
  readonly messages: TokenBuckets;
  readonly requests: TokenBuckets;
  readonly newSessions: TokenBuckets;
  readonly getAddress: ((request: Request) => string | undefined) | undefined;
}

/** A request of a person who is known. */
interface KnownRequest {
  readonly visitor: Visitor;
  readonly asked: PageRequest;
  readonly receivedAt: number;
}

/** A request by which the person says something. */
type SpokenRequest = Extract<PageRequest, { readonly type: 'message' | 'ui' }>;

/** What the host waits for after the answer. */
type Host = Required<WebhookContext> | undefined;

/** Answers the requests of pages. It looks where a request comes from before it reads it, and never rejects. */
export class WebChat {
  readonly #parts: WebChatParts;

  constructor(parts: WebChatParts) {
    this.#parts = parts;
  }

  async answer(request: Request, host: Host): Promise<Response> {
    const { origins } = this.#parts;
    const { method, headers } = request;
    const seen = { request, method, headers, url: new URL(request.url) };
    if (method === 'GET' && asksForScript(seen.url)) return scriptResponse(headers);
    if (method === 'OPTIONS') return origins.preflight(seen);
    if (method !== 'GET' && method !== 'POST') {
      return emptyResponse(405, { allow: 'GET, POST, OPTIONS' });
    }
    let response: Response;
    try {
      if (!origins.admits(seen)) response = errorResponse('bad_origin');
      else response = await (method === 'GET' ? this.#connect(seen) : this.#take(seen, host));
    } catch (error) {
      response = this.#responseTo(error);
    }
    for (const [name, value] of Object.entries(origins.headersFor(seen))) {
      response.headers.set(name, value);
    }
    return response;
  }

  /** Opens the stream of events. */
  async #connect({ request, headers, url }: SeenRequest): Promise<Response> {
    const { visitors, lines } = this.#parts;
    if (headers.get('accept')?.includes('text/event-stream') !== true) {
      // A client of the AI SDK asks whether an answer is under way. The runner has it, and the same message gets it.
      return url.pathname.endsWith('/stream') ? emptyResponse(204) : emptyResponse(406);
    }
    const visitor = await visitors.find({ request, headers });
    if (visitor === undefined) return errorResponse('no_session');
    const waitMs = this.#parts.requests.take(visitor.user);
    if (waitMs > 0) return errorResponse('too_many', waitMs);
    const page = lines.open(visitor);
    if (page === undefined) return tryAgain();
    request.signal.addEventListener('abort', () => page.close(), { once: true });
    if (request.signal.aborted) page.close();
    return new Response(page.body, { headers: STREAM_HEADERS });
  }

  async #take(seen: SeenRequest, host: Host): Promise<Response> {
    const { visitors, clock } = this.#parts;
    const { request, headers } = seen;
    const receivedAt = clock.now();
    // A form of another site cannot send this type, and a script there has to ask first.
    if (!isJson(headers.get('content-type'))) return errorResponse('not_json');
    const known = await visitors.find(seen);
    if (known === undefined && !visitors.areAnonymous) return errorResponse('no_session');
    const waitMs = known === undefined ? 0 : this.#parts.requests.take(known.user);
    if (waitMs > 0) return errorResponse('too_many', waitMs);
    const asked = await this.#read(request, receivedAt, known !== undefined);
    if (asked === undefined) return errorResponse('no_session');
    if (known !== undefined) {
      return this.#answerTo({ visitor: known, asked, receivedAt }, seen, host);
    }
    if (asked.type !== 'hello' && asked.type !== 'ui') return errorResponse('no_session');
    const address = this.#parts.getAddress?.(request) ?? '';
    const pauseMs = this.#parts.newSessions.take(address);
    if (pauseMs > 0) return errorResponse('too_many', pauseMs);
    return this.#answerTo({ visitor: visitors.create(), asked, receivedAt }, seen, host);
  }

  /**
   * @param isKnown a stranger's body of no sense is that of a stranger
   * @throws MessageError
   */
  async #read(
    request: Request,
    receivedAt: number,
    isKnown: boolean,
  ): Promise<PageRequest | undefined> {
    const { timeoutMs, ...limits } = this.#parts.reading;
    const body = await readBody(request, { ...limits, deadlineAt: receivedAt + timeoutMs });
    try {
      return toPageRequest(parseJsonBody(body));
    } catch (error) {
      if (isKnown) throw error;
      return undefined;
    }
  }

  async #answerTo(known: KnownRequest, seen: SeenRequest, host: Host): Promise<Response> {
    const { visitors } = this.#parts;
    const { visitor, asked } = known;
    const answering = this.#respond(known);
    if (host !== undefined) this.#announce(host, answering, visitor.openid);
    const response = await answering;
    if ((asked.type === 'hello' || visitor.isNew) && response.ok) {
      const cookie = visitors.cookieOf(visitor, seen);
      if (cookie !== undefined) response.headers.append('set-cookie', cookie);
    }
    return response;
  }

  async #respond(known: KnownRequest): Promise<Response> {
    const { visitor, asked, receivedAt } = known;
    const { lines, greeter } = this.#parts;
    switch (asked.type) {
      case 'hello': {
        const welcome = await greeter.welcome(visitor, receivedAt);
        return welcome === undefined ? tryAgain() : jsonResponse(200, welcome);
      }
      case 'ack':
        // Not awaited: what comes next in the outbox waits for the page, and the page may wait for this answer.
        void lines.acknowledge(visitor, asked.shown);
        return emptyResponse(204);
      case 'message':
      case 'ui':
        return this.#say({ ...known, asked });
    }
  }

  async #say({
    visitor,
    asked,
    receivedAt,
  }: KnownRequest & { readonly asked: SpokenRequest }): Promise<Response> {
    const { lines, turns, messages } = this.#parts;
    const { openid } = visitor;
    const waitMs = messages.take(visitor.user);
    if (waitMs > 0) return errorResponse('too_many', waitMs);
    const { id, said, raw } = asked;
    const isAlone = asked.type === 'ui';
    if (visitor.isInRoom) {
      if (isAlone) return errorResponse('bad_request');
      // The stream has to bring what was said before: an answer is for the one who asked.
      if (lines.of(openid)?.has(visitor.id) !== true) return tryAgain();
    }
    if (said !== undefined) this.#tellSaid(visitor, id, said);
    const turn: MessageTurn = {
      from: visitor,
      id,
      countsAs: `${isAlone ? 'ui' : 'page'}:${visitor.isInRoom ? inRoom(visitor.user, id) : id}`,
      message: toHeard(said, raw),
      receivedAt,
      shown: isAlone ? [] : asked.shown,
      isAlone,
    };
    if (isAlone) return this.#stream(turn);
    const answer = await turns.take(turn);
    if (answer === undefined) return tryAgain();
    return jsonResponse(answer.outcome === 'pending' ? 202 : 200, answer);
  }

  /** Tells the pages beside the one that sends a message, in a room also those of the others. */
  #tellSaid(visitor: Visitor, id: string, message: SaidMessage): void {
    const { lines } = this.#parts;
    const { openid, id: own, name = own, isInRoom, user } = visitor;
    const said = { type: 'said', id, message } as const;
    if (!isInRoom) return lines.send(openid, said);
    const key = inRoom(user, id);
    const forOthers = { ...said, id: key, from: name };
    lines.tell(openid, `said ${key}`, (person) => (person === own ? said : forOthers), forOthers);
  }

  /** Answers a client of the AI SDK: as a whole, or from the first draft on. */
  async #stream(turn: MessageTurn): Promise<Response> {
    const { lines, turns, report } = this.#parts;
    const stream = new UiDraftStream(turn.id);
    const leave = lines.follow(turn.from.openid, (text) => stream.draft(text));
    const answering = turns.take(turn).finally(leave);
    const answer = await Promise.race([answering, stream.begun.then(() => 'draft' as const)]);
    if (answer === undefined) return tryAgain();
    if (answer !== 'draft') return new Response(toUiStream(answer), { headers: UI_STREAM_HEADERS });
    void answering.then(
      (later) => (later === undefined ? stream.fail() : stream.finish(later)),
      (error: unknown) => {
        report(error);
        stream.fail();
      },
    );
    return new Response(stream.body, { headers: UI_STREAM_HEADERS });
  }

  #announce(host: Required<WebhookContext>, answering: Promise<unknown>, openid: string): void {
    const { runner, report } = this.#parts;
    const work = async (): Promise<void> => {
      await answering;
      await runner.idle(openid);
    };
    try {
      host.waitUntil(work().catch(report));
    } catch (error) {
      report(error);
    }
  }

  #responseTo(error: unknown): Response {
    const response = responseToBadBody(error);
    if (response !== undefined) return response;
    this.#parts.report(error);
    const isBetterLater = ColloquyError.is(error) && error.retryable;
    return isBetterLater ? tryAgain() : emptyResponse(500);
  }
}

function isJson(type: string | null): boolean {
  return type !== null && /^application\/json\s*(?:;|$)/iu.test(type);
}
