import type { EventObject } from 'xstate';
import type { Message } from '../../message.ts';
import { isUntaken } from '../text/current-step.ts';
import type { Words } from '../text/localize.ts';
import { repeat, say } from './actions.ts';
import type { AskTransition } from './ask.ts';

/** A “back” at the first of several questions that no state around takes gets a reply, and is no answer. */
export function nothingBefore(words: Words): Record<string, AskTransition> {
  return {
    'message.*': {
      guard: ({ event }: { readonly event: EventObject }) => isUntaken(event, 'back'),
      actions: [
        say(({ context, event }: { readonly context: object; readonly event: EventObject }) => {
          const { locale } = words.parseContext(context, event as Message);
          return words.say({ key: 'form.first' }, locale);
        }),
        repeat,
      ],
      description: 'nothing before',
    },
  };
}
