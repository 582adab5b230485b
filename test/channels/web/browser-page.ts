import type {
  WebChatHandler,
  ChatEvent,
  ChatAnswer,
  ChatWelcome,
  SaidMessage,
  SentReply,
} from 'colloquy/channels/web';
import { formatReply } from 'colloquy';
import { atRest } from '../../../src/internal/async.ts';

export const HOST = 'https://bot.example';
export const SECRET = 'canary-web-secret-of-this-test';

/** The cookies of a browser. */
export class Jar {
  cookies = new Map<string, string>();

  get header(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  take(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

/** What happens with a connection of a page. */
interface Line {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  isOpen: boolean;
}

/** A page as the protocol asks for: it shows what has an id once, and acknowledges what it has shown. */
export class BrowserPage {
  chat: WebChatHandler;
  readonly jar: Jar;
  /** What a person sees: `> ` before what was said, in a room `Bob> ` before what another one said; the text of replies. */
  readonly shown: string[] = [];
  readonly events: ChatEvent[] = [];
  /** Whether it acknowledges. */
  acknowledges = true;
  /** Headers of a browser beside the cookie. */
  headers: Record<string, string> = { origin: HOST, 'sec-fetch-site': 'same-origin' };
  readonly #known = new Set<string>();
  #line: Line | undefined;
  #nextId = 1;

  constructor(chat: WebChatHandler, jar = new Jar()) {
    this.chat = chat;
    this.jar = jar;
  }

  /** Whether its stream is open. */
  get isConnected(): boolean {
    return this.#line?.isOpen === true;
  }

  async post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const response = await this.chat(
      new Request(`${HOST}/chat`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          cookie: this.jar.header,
          ...this.headers,
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
    this.jar.take(response);
    return response;
  }

  async get(headers: Record<string, string> = {}, path = '/chat'): Promise<Response> {
    return this.chat(
      new Request(HOST + path, {
        headers: {
          accept: 'text/event-stream',
          cookie: this.jar.header,
          ...this.headers,
          ...headers,
        },
      }),
    );
  }

  async hello(): Promise<ChatWelcome> {
    const response = await this.post({ type: 'hello' });
    if (response.status !== 200) throw new Error(`hello: ${response.status}`);
    const welcome = (await response.json()) as ChatWelcome;
    this.#show(welcome.replies);
    return welcome;
  }

  /** Opens the stream, and reads it in the background. */
  async connect(): Promise<void> {
    const response = await this.get();
    if (response.status !== 200 || response.body === null)
      throw new Error(`get: ${response.status}`);
    const line: Line = { reader: response.body.getReader(), isOpen: true };
    this.#line = line;
    void this.#read(line);
    await atRest();
  }

  /** As a page that is closed, or loaded again. */
  async disconnect(): Promise<void> {
    await this.#line?.reader.cancel();
    this.#line = undefined;
    await atRest();
  }

  async open(): Promise<ChatWelcome> {
    const welcome = await this.hello();
    await this.connect();
    return welcome;
  }

  newId(): string {
    return `m${this.#nextId++}`;
  }

  /** Says something once, and shows the answer. */
  async say(message: string | SaidMessage, id = this.newId()): Promise<ChatAnswer> {
    const said =
      typeof message === 'string' ? ({ type: 'message.text', text: message } as const) : message;
    this.#showSaid(id, said);
    const response = await this.post({ type: 'message', id, message: said });
    if (response.status !== 200 && response.status !== 202)
      throw new Error(`say: ${response.status}`);
    const answer = (await response.json()) as ChatAnswer;
    await this.#showAnswer(answer);
    return answer;
  }

  async #read({ reader, ...line }: Line): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) if (part.startsWith('data: ')) await this.#hear(part.slice(6));
      }
    } catch {
      // The server has cut it off.
    }
    line.isOpen = false;
    if (this.#line?.reader === reader) this.#line.isOpen = false;
  }

  async #hear(data: string): Promise<void> {
    const event = JSON.parse(data) as ChatEvent;
    this.events.push(event);
    if (event.type === 'reply') await this.#take([event]);
    else if (event.type === 'said') this.#showSaid(event.id, event.message, event.from);
    else if (event.type === 'answer') await this.#showAnswer(event);
  }

  async #showAnswer({ pushed, replies }: ChatAnswer): Promise<void> {
    await this.#take(pushed);
    this.#show(replies);
  }

  async #take(replies: readonly SentReply[]): Promise<void> {
    if (replies.length === 0) return;
    this.#show(replies);
    if (this.acknowledges) void this.post({ type: 'ack', shown: replies.map(({ id }) => id) });
  }

  #show(replies: readonly SentReply[]): void {
    for (const { id, reply } of replies) {
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      this.shown.push(formatReply(reply));
    }
  }

  #showSaid(id: string, message: SaidMessage, from = ''): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.shown.push(`${from}> ${message.type === 'message.text' ? message.text : message.type}`);
  }
}
