// What a turn costs that fills a whole form, beside the turns of a survey that asks one question at a time.
import { library } from '../library.ts';
import { serve } from '../serve.ts';
import { TURNS, check, line } from '../survey.ts';
import { open as openSurvey } from '../systems/colloquy-words.ts';
import { namesOf } from '../system.ts';

export type FormKind = 'plain' | 'form';

const USERS = 1000;
const STRIDE = 32;

type Turns = () => Promise<void>;

const kinds = new Map<FormKind, Turns>();

const calls = {
  async open(): Promise<void> {
    kinds.set('plain', await plainTurns());
    kinds.set('form', await formTurns());
  },
  /** @returns microseconds per turn */
  async play({ kind, ms }: { kind: FormKind; ms: number }): Promise<number> {
    const turn = kinds.get(kind) as Turns;
    const start = performance.now();
    let turns = 0;
    while (performance.now() - start < ms) {
      for (let stride = 0; stride < STRIDE; stride += 1) await turn();
      turns += STRIDE;
    }
    return ((performance.now() - start) * 1000) / turns;
  },
};

export type FormCalls = typeof calls;

serve(calls);

/** The turns of the survey in `ask` and `confirm`, of all users in turn. */
async function plainTurns(): Promise<Turns> {
  const system = await openSurvey(USERS);
  let next = 0;
  return async () => {
    const user = next % USERS;
    const step = Math.floor(next / USERS);
    next += 1;
    const said = await system.turn(user, line(user, step % TURNS));
    check(user, Math.floor(step / TURNS), step % TURNS, said);
  };
}

/** Each message leads to a form of three slots, and fills all of them. */
async function formTurns(): Promise<Turns> {
  const {
    anywhere,
    choice,
    createContextStore,
    createRunner,
    integer,
    setupDialogue,
    text,
    within,
  } = await library();
  const { createDialogue, form, reply } = setupDialogue({
    types: {} as { context: { people?: number; day?: string; name?: string } },
  });
  const days = choice(['friday', 'saturday']);
  const people = integer({ min: 1, max: 10 });
  const name = text({ maxLength: 40 });
  const booking = createDialogue({
    id: 'booking',
    context: {},
    initial: 'open',
    states: {
      open: { on: { 'message.text': 'table' } },
      table: form({
        slots: {
          people: {
            question: 'For how many?',
            parse: people,
            extract: anywhere(within(/(\S+) (?:people|persons)/i, people)),
          },
          day: {
            question: 'Which day?',
            parse: days,
            extract: anywhere(within(/on (\w+)/i, days)),
          },
          name: {
            question: 'In which name?',
            parse: name,
            extract: anywhere(within(/in the name of (\w+)/i, name)),
          },
        },
        confirm: false,
        target: 'booked',
      }),
      booked: {
        entry: reply(({ context }) => `${context.people} on ${context.day}, ${context.name}.`),
        always: 'open',
      },
    },
  });
  const store = createContextStore({ max: USERS });
  const runner = createRunner(booking, { store });
  const openids = namesOf(USERS);
  let next = 0;
  return async () => {
    const user = next % USERS;
    next += 1;
    const { replies } = await runner.handle(
      openids[user] as string,
      `A table for 4 people on friday in the name of n${user}`,
      { id: `m${next}` },
    );
    const [said] = replies;
    const expected = `4 on friday, n${user}.`;
    if (said?.type !== 'text' || said.text !== expected) {
      throw new Error(`expected '${expected}', got ${JSON.stringify(replies)}`);
    }
  };
}
