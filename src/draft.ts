import { UsageError } from './errors.ts';

/** What a service emits to show the text of the reply that it is making. It is no reply: nothing commits or stores it. */
export interface DraftEvent {
  readonly type: 'draft';
  /** The whole text so far, not what was added. Empty: there is nothing to show any more. */
  readonly text: string;
}

/**
 * The event by which a service shows the text of the reply that it is making. Channels that can show it do so about once a
 * second, and the committed reply takes its place. Give `DraftEvent` as the third parameter of `fromPromise`.
 * @example
 * const story = fromPromise<string, unknown, DraftEvent>(async ({ emit }) => {
 *   emit(draft('Once upon'));
 *   emit(draft('Once upon a time.'));
 *   return 'Once upon a time.';
 * });
 * @param soFar the whole text so far; empty takes the draft off
 * @throws UsageError `bad_draft` if it is no text
 */
export function draft(soFar: string): DraftEvent {
  const event: DraftEvent = { type: 'draft', text: soFar };
  if (isDraft(event)) return event;
  throw new UsageError('bad_draft', 'draft() takes the whole text so far, as a string.');
}

/** Whether an event of the type `draft` has a text. */
export function isDraft(event: { readonly type: string }): event is DraftEvent {
  return 'text' in event && typeof event.text === 'string';
}
