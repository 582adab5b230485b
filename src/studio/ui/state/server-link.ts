import type { StudioEvents } from '../../wire.ts';
import type { StudioAnswers, StudioRefusal, StudioRequests } from '../../wire-requests.ts';
import { callAfter } from './page-clock.ts';
import type { ArrivedEvent } from './take-events.ts';

/** What the server did not do, and why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

/** Requests that set how something behaves: what is asked after them counts on it. */
const SETTINGS: ReadonlySet<keyof StudioRequests> = new Set(['break', 'recognize', 'service']);

/** The last setting that was sent. A browser sends requests side by side, and a later one may arrive first. */
let setting: Promise<unknown> = Promise.resolve();

/** Asks the server for something. @throws RefusedError if it says no, or cannot be reached */
export async function askServer<Name extends keyof StudioRequests>(
  name: Name,
  body: StudioRequests[Name],
): Promise<StudioAnswers[Name]> {
  const answer = setting.then(() => send(name, body));
  if (SETTINGS.has(name)) setting = answer.catch(() => undefined);
  return answer;
}

async function send<Name extends keyof StudioRequests>(
  name: Name,
  body: StudioRequests[Name],
): Promise<StudioAnswers[Name]> {
  const response = await fetch(`api/${name}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', 'x-colloquy-csrf': '1' },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new RefusedError('no_connection', String(error));
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as StudioAnswers[Name];
  const refusal = (answer as Partial<StudioRefusal> | undefined)?.error;
  throw new RefusedError(
    refusal?.code ?? `http_${response.status}`,
    refusal?.text ?? response.statusText,
  );
}

const NAMES: Readonly<Record<keyof StudioEvents, true>> = {
  hello: true,
  turn: true,
  model: true,
  draft: true,
  conversation: true,
  gone: true,
  clock: true,
  services: true,
  rewound: true,
  problem: true,
};

export interface LinkListener {
  readonly onEvents: (events: readonly ArrivedEvent[]) => void;
  /** `refused`: the server wants to know who looks; `none`: there never was a stream. */
  readonly onConnection: (connection: 'open' | 'lost' | 'none' | 'refused') => void;
}

/** How long events gather before the page is drawn once for all of them. */
const GATHER_MS = 16;
const RETRY_MS = 2000;

/**
 * Listens to the stream of the server and connects again when it breaks.
 * @returns what ends it
 */
export function listenToServer({ onEvents, onConnection }: LinkListener): () => void {
  let source: EventSource | undefined;
  let stopWaiting: (() => void) | undefined;
  let gathered: ArrivedEvent[] = [];
  let isFirst = true;
  let wasOpen = false;
  let lastId = '';

  const deliver = (): void => {
    const events = gathered;
    gathered = [];
    onEvents(events);
  };
  const gather = (...events: readonly ArrivedEvent[]): void => {
    if (gathered.length === 0) callAfter(GATHER_MS, deliver);
    gathered.push(...events);
  };
  const take = (name: keyof StudioEvents, { data, lastEventId }: MessageEvent<string>): void => {
    // A stream that does not continue after the last event begins with `hello`, and all that the server knows.
    if (isFirst && name === 'hello' && !follows(lastEventId, lastId)) gather({ name: 'anew' });
    isFirst = false;
    lastId = lastEventId;
    gather({ name, data: JSON.parse(data) as never });
  };
  const connect = (): void => {
    source = new EventSource('events');
    source.addEventListener('open', () => {
      isFirst = true;
      wasOpen = true;
      onConnection('open');
    });
    source.addEventListener('error', () => {
      onConnection(wasOpen ? 'lost' : 'none');
      // The browser tries again, unless the server said no.
      if (source?.readyState !== EventSource.CLOSED) return;
      stopWaiting = callAfter(RETRY_MS, connect);
      void isRefused().then((isTrue) => {
        if (isTrue) onConnection('refused');
      });
    });
    for (const name of Object.keys(NAMES) as (keyof StudioEvents)[]) {
      source.addEventListener(name, (event: MessageEvent<string>) => take(name, event));
    }
  };
  connect();
  return () => {
    stopWaiting?.();
    source?.close();
  };
}

/** Whether an event is the next one of the same process: its id is `<process>-<number>`. */
function follows(id: string, before: string): boolean {
  const [name, number] = id.split('-');
  const [nameBefore, numberBefore] = before.split('-');
  return name === nameBefore && Number(number) === Number(numberBefore) + 1;
}

async function isRefused(): Promise<boolean> {
  const response = await fetch('./', { method: 'HEAD' }).catch(() => undefined);
  return response?.status === 401;
}
