import { DefaultChatTransport, type UIMessage, readUIMessageStream } from 'ai';
import type { WebChatHandler } from 'colloquy/channels/web';
import { HOST, Jar } from './browser-page.ts';

/** What `useChat` does: its transport sends all messages, and its reader makes a message of the stream. */
export class UiClient {
  readonly messages: UIMessage[] = [];
  readonly statuses: number[] = [];
  /** The texts of the last answer, each time that it changed. */
  progress: string[] = [];
  readonly #transport: DefaultChatTransport<UIMessage>;
  #nextId = 1;

  constructor(chat: WebChatHandler, jar = new Jar()) {
    this.#transport = new DefaultChatTransport({
      api: `${HOST}/api/chat`,
      fetch: async (url, init) => {
        const headers = new Headers(init?.headers);
        headers.set('cookie', jar.header);
        headers.set('origin', HOST);
        const response = await chat(
          new Request(url as string, { ...init, headers } as RequestInit),
        );
        jar.take(response);
        this.statuses.push(response.status);
        return response;
      },
    });
  }

  async send(...parts: UIMessage['parts']): Promise<UIMessage['parts']> {
    this.messages.push({ id: `ui-${this.#nextId++}`, role: 'user', parts });
    return this.#ask('submit-message');
  }

  async regenerate(): Promise<UIMessage['parts']> {
    this.messages.pop();
    return this.#ask('regenerate-message');
  }

  reconnect(): Promise<unknown> {
    return this.#transport.reconnectToStream({ chatId: 'chat-1' });
  }

  async #ask(trigger: 'submit-message' | 'regenerate-message'): Promise<UIMessage['parts']> {
    const stream = await this.#transport.sendMessages({
      trigger,
      chatId: 'chat-1',
      messageId: undefined,
      messages: this.messages,
      abortSignal: undefined,
    });
    let last: UIMessage | undefined;
    this.progress = [];
    for await (const message of readUIMessageStream({ stream, terminateOnError: true })) {
      last = message;
      this.progress.push(textsOf(message).join('|'));
    }
    if (last === undefined) throw new Error('The stream has no message.');
    this.messages.push(last);
    return last.parts;
  }
}

function textsOf({ parts }: UIMessage): readonly string[] {
  return parts.flatMap((part) => (part.type === 'text' ? part.text : []));
}
