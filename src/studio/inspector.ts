import { randomBytes } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import { insideOf } from '../runner/reporting/inside.ts';
import type { Runner } from '../runner/runner.ts';
import { InspectorDesk } from './inspector-desk.ts';
import { NOTHING_HIDDEN, hidingRedaction } from './observe/redaction.ts';
import { RunnerWatch } from './observe/runner-watch.ts';
import { type RingOptions, TurnRing, checkRingOptions } from './observe/turn-ring.ts';
import type { Authorize } from './server/access.ts';
import { createStudioHandler } from './server/handler.ts';

/** Options of `createInspector()`: who may see the page, what it shows, and how much is kept for it. */
export interface InspectorOptions extends RingOptions {
  /**
   * Whether a request may see the page. Without it, the page opens on the machine itself only, with the `token` of the
   * inspector. A Response is the answer to a request that is not let in, such as a question for a password or a way to your
   * login. What it throws refuses the request.
   */
  readonly authorize?: Authorize | undefined;
  /**
   * Whether the page is without texts, context, drafts, what models are asked and answer, and the sources of states, and has
   * short hashes for openids and ids of messages. Default true. `false` over a store with encrypted records (`sealed`) needs `authorize`.
   */
  readonly redact?: boolean | undefined;
  /**
   * What a page may do beside looking. `say`: it writes as a user, and sends events from outside; what the bot answers is for the
   * page. Default: nothing.
   */
  readonly allow?: readonly 'say'[] | undefined;
}

const KEYS = keyTable(
  'authorize redact allow maxTurns maxBytes maxConversations',
) satisfies KeysOf<InspectorOptions>;

/** Serves the page of Studio for a runner, at any path. */
export interface Inspector {
  (request: Request): Promise<Response>;
  /** Without `authorize`: what the address of the page has to hold, as `/?token=…`. */
  readonly token: string | undefined;
  /** Ends the watch, and the streams of all pages. The runner continues. */
  close(): void;
}

/**
 * Shows in a browser what a runner does: its last turns, how its conversations stand, and the charts of its dialogue. It sees what
 * happens from now on. By default a page only looks, and sees no text, no context and no openid.
 * @example
 * const inspector = createInspector(runner, { authorize: (request) => request.headers.get('x-admin') === 'yes' });
 * const answer = await inspector(new Request('https://bot.example/inspect/'));
 * console.log(answer.status); // → 401
 * inspector.close();
 * @throws UsageError `bad_option`
 */
export function createInspector(runner: Runner, options: InspectorOptions = {}): Inspector {
  checkOptions('createInspector()', options, KEYS);
  checkRingOptions(options);
  const { authorize, redact = true, allow = [] } = options;
  const inside = insideOf(runner);
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw new UsageError('bad_option', '`authorize` of createInspector() is a function.');
  }
  if (allow.some((power) => power !== 'say')) {
    throw new UsageError(
      'bad_option',
      '`allow` of createInspector() is a list of `say`, or empty.',
    );
  }
  // A person who may read the disk of such a store sees nothing; a page with a token alone would show it to them.
  if (!redact && inside.core.isEncrypted && authorize === undefined) {
    throw new UsageError(
      'bad_option',
      'An inspector over encrypted records shows texts and contexts only to those whom `authorize` lets in: give both `authorize` and `redact: false`.',
    );
  }
  const redaction = redact ? hidingRedaction() : NOTHING_HIDDEN;
  const watch = new RunnerWatch(runner, { redaction, ring: new TurnRing(options) });
  const desk = new InspectorDesk({ runner, inside, watch, redaction, powers: [...new Set(allow)] });
  const token = authorize === undefined ? randomBytes(24).toString('base64url') : undefined;
  const handler = createStudioHandler(desk, { authorize, token });
  const serve = (request: Request): Promise<Response> => handler(request);
  return Object.assign(serve, {
    token,
    close() {
      handler.close();
      watch.close();
    },
  });
}
