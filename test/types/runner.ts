import {
  type ContextStore,
  type Conversation,
  type Runner,
  type RunnerEvents,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { runTerminal } from 'colloquy/channels/terminal';
import { createWebhook } from 'colloquy/channels/webhook';
import { jsonWebhook } from 'colloquy/channels/json';
import { observe } from 'colloquy/otel';
import { expectTypeOf } from 'vitest';
import { type AnyStateMachine, fromPromise, setup } from 'xstate';

// The input that a dialogue takes.
const address = setup({
  types: {} as { context: { city: string }; input: { city: string } },
}).createMachine({ context: ({ input }) => ({ city: input.city }) });
createRunner(address, { input: ({ openid }) => ({ city: openid }) });
// @ts-expect-error not the input that the dialogue takes
createRunner(address, { input: () => ({ town: 'Oslo' }) });
// @ts-expect-error it takes an input
createRunner(address);
// @ts-expect-error among other options, too
createRunner(address, { deadlineMs: 1 });

// What gathers is an object of its options.
createRunner(setup({}).createMachine({}), { gather: {} });
createRunner(setup({}).createMachine({}), { gather: { quietMs: 1000, maxMs: 5000, max: 4 } });
// @ts-expect-error there is no such option
createRunner(setup({}).createMachine({}), { gather: { quiet: 1000 } });
// @ts-expect-error it is no switch
createRunner(setup({}).createMachine({}), { gather: true });

// One that does not name its input takes any, and the default does for one that takes the openid, or nothing in particular.
const open = setup({}).createMachine({});
createRunner(open, { input: () => ({ town: 'Oslo' }) });
createRunner(open);
createRunner(
  setup({ types: {} as { input: { openid: string } } }).createMachine({ context: {} }),
).expectRedelivery(1);
createRunner(setup({ types: {} as { input: { city?: string } } }).createMachine({ context: {} }));

// What a runner tells of its dialogue.
interface Order {
  cups?: number;
  milk: boolean;
}
const child = setupDialogue({
  types: {} as { context: object; emitted: { type: 'poured'; litres: number } },
}).createDialogue({ id: 'child', context: {} });
const words = setupDialogue({
  types: {} as {
    context: Order;
    output: { paid: number };
    emitted: { type: 'brewed'; cups: number };
  },
  actors: {
    child,
    heat: fromPromise<void, unknown, { type: 'heated'; degrees: number }>(async () => {}),
    wait: fromPromise(async () => {}),
  },
});
const dialogue = words.createDialogue({
  id: 'order',
  context: { milk: false },
  output: { paid: 1 },
});
const runner = createRunner(dialogue);
expectTypeOf(runner).toEqualTypeOf<Runner<typeof dialogue>>();
const conversation = await runner.inspect('ann');
expectTypeOf(conversation).toEqualTypeOf<Conversation<Order> | undefined>();
expectTypeOf(conversation?.context.cups).toEqualTypeOf<number | undefined>();
// @ts-expect-error no such key
void conversation?.context.cusp;
runner.on('done', ({ output }) => expectTypeOf(output).toEqualTypeOf<{ paid: number }>());
runner.on('emit', ({ event }) => {
  expectTypeOf(event).toEqualTypeOf<
    | { type: 'brewed'; cups: number }
    | { type: 'poured'; litres: number }
    | { type: 'heated'; degrees: number }
  >();
  // @ts-expect-error not every event has it
  void event.cups;
});

// Where the types of a dialogue say nothing, anything may come.
const plain = createRunner(open);
plain.on('done', ({ output }) => expectTypeOf(output).toEqualTypeOf<{} | null | undefined>());
plain.on('emit', ({ event }) => expectTypeOf(event.type).toEqualTypeOf<string>());
createRunner(words.createDialogue({ id: 'order', context: { milk: false } })).on(
  'emit',
  ({ event }) => event.type.trim(),
);

// Code that serves any dialogue takes any runner.
const any: Runner = runner;
expectTypeOf(await any.inspect('ann')).toEqualTypeOf<Conversation | undefined>();
expectTypeOf<RunnerEvents['working']>().toEqualTypeOf<{
  readonly openid: string;
  readonly isWorking: boolean;
}>();
expectTypeOf<RunnerEvents['done']['output']>().toEqualTypeOf<unknown>();
expectTypeOf<RunnerEvents['emit']['event']>().toEqualTypeOf<{ readonly type: string }>();
any.on('done', ({ output }) => output);
const unknown: AnyStateMachine = dialogue;
expectTypeOf(createRunner(unknown, { store: createContextStore<Order>() })).toEqualTypeOf<Runner>();
observe(runner);
createWebhook(runner, jsonWebhook({ secret: '' }));
void runTerminal(runner);
// @ts-expect-error a runner of another dialogue
const other: Runner<typeof address> = runner;
void other;

// A store holds a part of what the dialogue keeps, or does not say what it holds.
createRunner(dialogue, { store: createContextStore() });
createRunner(dialogue, { store: createContextStore<Order>() });
createRunner(dialogue, { store: createContextStore<{ cups?: number }>() });
createRunner(dialogue, { store: createContextStore<{ milk?: boolean }>() });
createRunner(open, { store: createContextStore<Order>() });
declare const store: ContextStore<{ nope: string }>;
// @ts-expect-error a store of another shape
createRunner(dialogue, { store });
// @ts-expect-error a value of another type
createRunner(dialogue, { store: createContextStore<{ cups?: string }>() });
