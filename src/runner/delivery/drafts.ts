import type { EventObject } from 'xstate';
import type { RunningService } from '../../context/record/record.ts';
import { isDraft } from '../../draft.ts';
import { UsageError } from '../../errors.ts';
import type { Events } from '../../internal/emitter.ts';
import type { Reporter } from '../reporting/reporter.ts';
import type { RunnerEvents } from '../events.ts';

interface DraftsOptions {
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
}

/**
 * Tells listeners the drafts of services while they run. The id of a draft is the token of the run: a process that runs the
 * service again after a crash continues the same draft.
 */
export class Drafts {
  readonly #events: Events<RunnerEvents>;
  readonly #reporter: Reporter;
  /** The user who saw the last draft of a service that still runs, by its token. */
  readonly #told = new Map<string, string>();

  constructor({ events, reporter }: DraftsOptions) {
    this.#events = events;
    this.#reporter = reporter;
  }

  /** A running service emitted an event of the type `draft`. */
  show(openid: string, { token, src }: RunningService, event: EventObject): void {
    if (!isDraft(event)) return this.#reporter.error(badDraft(src, openid), openid);
    if (!this.#events.heard('draft')) return;
    this.#told.set(token, openid);
    this.#events.emit('draft', { openid, id: token, text: event.text });
  }

  /** The service has ended, was stopped, or works for another openid from now on. */
  end(token: string): void {
    const openid = this.#told.get(token);
    if (openid === undefined) return;
    this.#told.delete(token);
    this.#events.emit('draft', { openid, id: token, text: '' });
  }
}

function badDraft(src: string, openid: string): UsageError {
  return new UsageError(
    'bad_draft',
    `The service '${src}' emitted a 'draft' without a text, and nothing was shown. Emit draft(text) with the whole text so far, or give an event of your own another type.`,
    { openid, details: { service: src } },
  );
}
