import { commandIntents, setupDialogue } from 'colloquy';
import { type AgentOutput, type ApprovalEvent, type Model, createAgent } from 'colloquy/model';
import { z } from 'zod';

/** A shop whose agent looks orders up, and gives money back if the user agrees. */
export interface Options {
  readonly model: Model;
  readonly more?: object;
  readonly refund?: object;
  readonly locale?: string;
}

export const refunds: { order: string; amount: number; key: string }[] = [];

function makeAgent({ model, more = {}, refund = {} }: Options) {
  return createAgent({
    id: 'support',
    model,
    instructions: ({ about }) => `Help ${about.openid}.`,
    types: {} as { about: { openid: string } },
    tools: {
      find: {
        description: 'Finds an order.',
        input: z.object({ order: z.string().regex(/^A\d$/u) }),
        readOnly: true,
        run: ({ input, about }) => ({ order: input.order, amount: 5, of: about.openid }),
      },
      refund: {
        description: 'Gives money back.',
        input: z.object({ order: z.string(), amount: z.number().positive().max(100) }),
        approve: ({ order, amount }) => `Give ${amount} back for ${order}?`,
        run: ({ input, key }) => {
          refunds.push({ ...input, key });
          return 'Done.';
        },
        ...refund,
      },
      ping: { description: 'Says whether the shop is open.', readOnly: true, run: () => 'open' },
    },
    ...more,
  });
}

export const agentOf: (options: Options) => ReturnType<typeof makeAgent> = makeAgent;

function makeDesk(options: Options) {
  refunds.length = 0;
  const support = agentOf(options);
  const words = setupDialogue({
    types: {} as { context: { openid: string; said: string; end?: AgentOutput<unknown> } },
    intents: commandIntents,
    actors: { support },
    events: { approval: {} as ApprovalEvent },
    ...(options.locale && { words: { locale: options.locale } }),
  });
  return words.createDialogue({
    id: 'desk',
    context: ({ input }) => ({ openid: (input as { openid: string }).openid, said: '' }),
    initial: 'open',
    on: words.commands({ help: { say: 'We help.' }, cancel: '.off' }),
    states: {
      open: {
        on: {
          'message.text': {
            target: 'helping',
            actions: words.assign({ said: ({ event }) => event.text }),
          },
        },
      },
      helping: {
        invoke: {
          src: 'support',
          input: ({ context: { openid, said } }) => ({ text: said, about: { openid } }),
          onDone: [
            {
              guard: ({ event }) => event.output.reason === 'answered',
              target: 'over',
              actions: words.assign({ end: ({ event }) => event.output }),
            },
            {
              target: 'over',
              actions: [
                words.assign({ end: ({ event }) => event.output }),
                words.reply('I could not help.'),
              ],
            },
          ],
        },
      },
      over: words.done(),
      off: words.done('Off.'),
    },
  });
}

export const deskOf: (options: Options) => ReturnType<typeof makeDesk> = makeDesk;
