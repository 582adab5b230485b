import { setupDialogue } from 'colloquy';
import {
  type ApprovalEvent,
  type ModelMessage,
  type ModelRequest,
  type ModelResponse,
  createAgent,
} from 'colloquy/model';
import { z } from 'zod';

/** A call that begins: what it is, its key, the conversation that it is of, and what the model read. */
export interface Call {
  readonly what: 'model' | 'find' | 'refund' | 'transfer' | 'notify';
  readonly key: string;
  readonly of: string;
  readonly messages?: readonly ModelMessage[];
}

export interface DeskOptions {
  /** Notes that a call begins, and waits a while. @returns the name of this run, which no other run has */
  readonly begin: (call: Call) => Promise<string>;
  /** Asks the manager about the transfer of a conversation, under the id of the notice. */
  readonly ask: (notice: { readonly id: string; readonly of: string }) => Promise<void>;
}

/** What the model calls, by the number of its answers so far; after that it ends. */
const SCRIPT: readonly (readonly string[])[] = [['find'], ['refund', 'transfer'], ['find']];
/** Longer than any call of the test. */
const TIMEOUT = { hours: 2 };

/**
 * A desk whose agent has three tools: one that only reads, one that needs the yes of the user, and one that needs the yes of
 * a manager. Each answer and each result names the run that gave it.
 */
function makeDesk({ begin, ask }: DeskOptions) {
  const tool = (what: Call['what'], more: object = {}): never =>
    ({
      description: what,
      input: z.object({ of: z.string() }),
      run: async ({ key, input }: { key: string; input: { of: string } }) =>
        `ran ${await begin({ what, key, of: input.of })}`,
      timeout: TIMEOUT,
      ...more,
    }) as never;
  const generate = async ({ messages, key = '' }: ModelRequest): Promise<ModelResponse> => {
    const of = messages[1]?.role === 'user' ? messages[1].text : '';
    const run = await begin({ what: 'model', key, of, messages });
    const answers = messages.filter(({ role }) => role === 'assistant').length;
    const calls = (SCRIPT[answers] ?? []).map((name, index) => ({
      id: `${run}-${index}`,
      name,
      input: { of },
    }));
    const isLast = calls.length === 0;
    return {
      text: `${isLast ? 'end' : `step ${answers}`} of ${of} by ${run}`,
      calls,
      finish: isLast ? 'stop' : 'calls',
    };
  };
  const agent = createAgent({
    id: 'agent',
    model: {
      name: 'scripted',
      generate,
      async *stream(request) {
        yield { type: 'text', text: 'I am' };
        const response = await generate(request);
        yield { type: 'text', text: ' at work.' };
        yield { type: 'end', response };
      },
    },
    instructions: 'Do all of it.',
    drafts: true,
    timeout: TIMEOUT,
    tools: {
      find: tool('find', { readOnly: true }),
      refund: tool('refund', { approve: ({ of }: { of: string }) => `refund for ${of}?` }),
      transfer: tool('transfer', {
        approve: {
          notify: async ({ id, input }: { id: string; input: { of: string } }) => {
            await begin({ what: 'notify', key: `notice ${id}`, of: input.of });
            await ask({ id, of: input.of });
          },
          timeout: { days: 2 },
        },
      }),
    },
  });
  const words = setupDialogue({
    types: {} as { context: { said: string } },
    actors: { agent },
    events: { approval: {} as ApprovalEvent },
  });
  return words.createDialogue({
    id: 'agents',
    version: '1',
    context: { said: '' },
    initial: 'idle',
    states: {
      idle: {
        on: {
          'message.text': {
            target: 'working',
            actions: words.assign({ said: ({ event }) => event.text }),
          },
        },
      },
      working: {
        invoke: { src: 'agent', input: ({ context }) => ({ text: context.said }), onDone: 'idle' },
      },
    },
  });
}

export const deskWith: (options: DeskOptions) => ReturnType<typeof makeDesk> = makeDesk;
