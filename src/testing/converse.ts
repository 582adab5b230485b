import { checkDialogue } from '../dialogue/engine/validate.ts';
import { type ConverseOptions, DEFAULT_OPENID, checkConverseOptions } from './converse-options.ts';
import type { AnyStateMachine, ContextFrom } from 'xstate';
import type { OutsideEventOf } from '../runner/calls.ts';
import type { Chat } from './converse-chat.ts';
import { TestEnvironment } from './converse-environment.ts';

import { TestChat } from './test-chat.ts';
/**
 * Talks with a dialogue in a test: the real runner and the real store, on virtual time, with nothing to be closed unless
 * a persister of yours is.
 *
 * @example
 * const chat = converse(survey);
 * await chat.say('hi');
 * chat.expectReply('What is your name?').expectState('name');
 * await chat.advance({ hours: 2 });
 * chat.expectExpired();
 * @throws UsageError `bad_dialogue`, `bad_option`, `bad_service`
 */
export function converse<Dialogue extends AnyStateMachine>(
  dialogue: Dialogue,
  options: ConverseOptions<Dialogue> = {},
): Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>> {
  checkDialogue(dialogue);
  checkConverseOptions(options);
  const environment = new TestEnvironment(dialogue, options as ConverseOptions<AnyStateMachine>);
  const user = environment.user(options.openid ?? DEFAULT_OPENID, true);
  const chat = new TestChat(environment, user, options.onError !== undefined);
  return chat as unknown as Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>>;
}
