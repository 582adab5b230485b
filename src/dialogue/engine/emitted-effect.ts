import { StepError } from '../../errors.ts';
import type { WordEvent } from '../../reply.ts';
import { toReply } from '../../reply-check.ts';
import type { Effect } from './effect.ts';
import { askedBy } from './question.ts';

/** The effect of what a dialogue emits, but for `repeat`, which the step itself carries out. */
export function emittedEffect(
  event: Exclude<WordEvent, { readonly type: 'repeat' }>,
  actor: string,
): Effect {
  switch (event.type) {
    case 'reply': {
      const reply = toReply(event.reply);
      const asked = askedBy(event);
      return asked === undefined && reply.type !== 'choices'
        ? { type: 'reply', reply }
        : { type: 'reply', reply, actor, asked };
    }
    case 'expireIn':
      return { type: 'expireIn', milliseconds: toSpan(event.milliseconds) };
    case 'forget':
      return { type: 'forget' };
    default:
      return { type: 'emit', event };
  }
}

function toSpan(milliseconds: unknown): number | null {
  if (milliseconds === null) return null;
  if (typeof milliseconds === 'number' && milliseconds >= 0 && Number.isFinite(milliseconds)) {
    return milliseconds;
  }
  throw new StepError(
    'bad_expiry',
    'A dialogue asks to expire in a finite number of milliseconds of at least 0, or null for the default age.',
  );
}
