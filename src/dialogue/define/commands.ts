import { lazy } from '../../internal/lazy.ts';
import type { IntentMessage, Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import { byWords, wordsOf } from '../text/by-words.ts';
import { type IntentRecognizer, keywords } from '../text/recognizers.ts';
import { repeat, say } from './actions.ts';
import { COMMAND } from '../engine/command-region.ts';
import type { AskArgs } from './answer-reading.ts';
import type { Words } from '../text/localize.ts';

/** The commands that users expect to work everywhere. */
export type CommandName = 'help' | 'cancel' | 'back' | 'restart';

/** What a command does: the state that it leads to, or more. */
export type Command<Context, Target extends string, Actions = unknown> =
  | Target
  | {
      /** The state that it leads to. Without one, the dialogue stays where it is and repeats the open question. */
      readonly target?: Target;
      /** What it says: a text, a reply, or a function of the `context` and the `event`. */
      readonly say?:
        | string
        | Reply
        | ((args: { readonly context: Context; readonly event: IntentMessage }) => string | Reply);
      /** Further actions of XState's, before the target is entered. */
      readonly actions?: Actions;
      /** Whether it holds, by the `context` and the `event`. If it does not hold, the message counts as an answer. */
      readonly guard?: (args: {
        readonly context: Context;
        readonly event: IntentMessage;
      }) => boolean;
    };

/**
 * How users say the commands, in English and Chinese: intents to declare in `setupDialogue`.
 * @example
 * const { commands } = setupDialogue({ types: {} as { context: object }, intents: commandIntents });
 * commands({ cancel: { target: '.bye' } });
 */
export const commandIntents: Readonly<Record<CommandName, IntentRecognizer>> =
  /* @__PURE__ */ Object.freeze({
    help: /* @__PURE__ */ phrases('help, ?, what can I say, 帮助, 怎么用, 说明'),
    cancel: /* @__PURE__ */ phrases(
      'cancel, stop, quit, exit, never mind, 取消, 退出, 算了, 不办了',
    ),
    back: /* @__PURE__ */ phrases('back, go back, previous, 返回, 上一步, 后退'),
    restart: /* @__PURE__ */ phrases(
      'restart, start over, start again, reset, 重来, 重新开始, 从头开始',
    ),
  });

/** The same as `keywords()` of a list, but made for the first message: many programs that import the library never need it. */
function phrases(list: string): IntentRecognizer {
  const samples = list.split(', ');
  const made = lazy(() => keywords(...samples));
  return byWords((message) => wordsOf(made())?.(message) === true, samples);
}

/**
 * The transitions of the commands, for the `on` of the outermost state. A command without a target does not leave the
 * state: it says its reply and repeats the open question, also that of a sub-dialogue.
 */
export function commandTransitions(
  commands: Readonly<Record<string, string | object | undefined>>,
  words: Words,
): object {
  return Object.fromEntries(
    Object.entries(commands).flatMap(([name, command]) =>
      command === undefined ? [] : [[`intent.${name}`, transitionOf(name, command, words)]],
    ),
  );
}

function transitionOf(name: string, command: string | object, words: Words): object {
  if (typeof command === 'string') return { [COMMAND]: true, target: command, description: name };
  const { target, actions, guard, say: said } = command as Exclude<Command<object, string>, string>;
  const isHelp = name === 'help' && target === undefined;
  const own = said ?? (isHelp ? helpIn(words) : undefined);
  return {
    [COMMAND]: true,
    ...(target !== undefined && { target }),
    ...(guard !== undefined && { guard }),
    description: name,
    actions: [
      ...(own === undefined ? [] : [say(own)]),
      ...(actions === undefined ? [] : [actions].flat()),
      ...(target === undefined ? [repeat] : []),
    ],
  };
}

function helpIn(words: Words): (args: AskArgs) => string {
  return ({ context, event }) =>
    words.say({ key: 'command.help' }, words.parseContext(context, event as Message).locale);
}
