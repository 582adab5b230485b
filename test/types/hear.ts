import { and, not } from 'xstate';
import { type Heard, hear, setupDialogue } from 'colloquy';

const words = setupDialogue({
  types: {} as { context: { n: number } },
  guards: { known: ({ context }) => context.n > 0, ok: hear('ok') },
});
const order = hear('tea', /^(?<n>\d+) (?<what>\w+)$/u);

words.createDialogue({
  id: 'hears',
  context: { n: 0 },
  initial: 'open',
  on: { 'event.scan': { guard: hear('yes') } },
  states: {
    open: {
      always: { guard: hear('yes'), target: 'open' },
      on: {
        'message.text': [
          { guard: hear('yes'), target: 'open' },
          { guard: and(['known', hear('no'), not(hear(/n+/u))]), target: 'open' },
          {
            guard: order,
            actions: words.assign({
              n: ({ event }) => Number(order.match(event)?.groups['n'] ?? 1),
            }),
          },
          { guard: 'ok' },
        ],
        'message.voice': { guard: hear('yes') },
        'message.*': { guard: hear('yes', 'sure', /^ok/u) },
      },
    },
  },
});

const heard: Heard | undefined = order.match({ type: 'message.text' });
heard?.text.trim();
heard?.phrase?.trim();
// @ts-expect-error a group may have taken no part
heard?.groups['n'].trim();
// @ts-expect-error what was heard is not to be changed
if (heard) heard.text = '';
// @ts-expect-error neither a string nor a RegExp
hear(7);
// @ts-expect-error not a message
order.match('tea');
