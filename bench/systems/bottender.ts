import { createRequire } from 'node:module';
import { isNumber } from '../survey.ts';
import { type System, namesOf } from '../system.ts';

// Its own type declarations do not compile under a present TypeScript; this declares what the benchmark uses.
interface Context {
  readonly event: { readonly text: string };
  readonly state: Survey;
  setState(state: Partial<Survey>): void;
  sendText(text: string): unknown;
}

interface Survey {
  readonly step: 'idle' | 'name' | 'age' | 'sure';
  readonly rounds: number;
  readonly name?: string;
  readonly age?: number;
}

interface Body {
  readonly user: string;
  readonly message: { readonly text: string };
}

interface Bottender {
  readonly Bot: new (options: object) => {
    setInitialState(state: Survey): void;
    onEvent(handler: (context: Context) => Promise<void>): void;
    createRequestHandler(): (body: Body, request: { said: string }) => Promise<unknown>;
  };
  readonly ConsoleConnector: new () => object;
  readonly MemorySessionStore: new (max: number) => object;
}

// It is CommonJS, but its package.json does not say so.
const { Bot, ConsoleConnector, MemorySessionStore } = createRequire(import.meta.url)(
  'bottender',
) as Bottender;

/** Its console, with a session for each user, and a list that takes what it says. */
function connector(): object {
  const console = new ConsoleConnector() as {
    createContext(params: object): object;
    mapRequestToEvents(body: Body): object[];
  };
  const createContext = console.createContext.bind(console);
  return Object.assign(console, {
    getUniqueSessionKey: (event: { rawEvent: Body }) => event.rawEvent.user,
    updateSession: async () => {},
    createContext(params: { requestContext: { said: string } }) {
      const context = createContext(params) as { _client: object };
      context._client = {
        sendText: (text: string) => {
          params.requestContext.said = text;
        },
      };
      return context;
    },
  });
}

async function survey(context: Context): Promise<void> {
  const { text } = context.event;
  const { step, name, age, rounds } = context.state;
  switch (step) {
    case 'idle':
      context.setState({ step: 'name' });
      await context.sendText('What is your name?');
      return;
    case 'name':
      context.setState({ step: 'age', name: text });
      await context.sendText('How old are you?');
      return;
    case 'age':
      if (!isNumber(text)) {
        await context.sendText('A number, please.');
        return;
      }
      context.setState({ step: 'sure', age: Number(text) });
      await context.sendText(`${name}, ${Number(text)}. Is that right?`);
      return;
    case 'sure':
      if (text !== 'yes' || age === undefined) return;
      context.setState({ step: 'idle', rounds: rounds + 1 });
      await context.sendText(`Thank you, ${name}: round ${rounds + 1}.`);
  }
}

/** Its request handler, over its session store in memory, made large enough for all users. */
export function open(users: number): System {
  const bot = new Bot({
    connector: connector(),
    sessionStore: new MemorySessionStore(users),
    sync: true,
  });
  bot.setInitialState({ step: 'idle', rounds: 0 });
  bot.onEvent(survey);
  const handle = bot.createRequestHandler();
  const names = namesOf(users);
  return {
    async turn(user, text) {
      const request = { said: '' };
      await handle({ user: names[user] as string, message: { text } }, request);
      return request.said;
    },
  };
}
