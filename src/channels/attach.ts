import { type Clock, systemClock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import type { ChannelBase } from './channel.ts';
import { DraftDisplays } from './drafts.ts';
import { type Late, pushRouterOf } from './late-replies.ts';
import { Pacer } from './pacing.ts';
import { type Report, createReport } from './report.ts';
import { Responder } from './response.ts';
import type { TurnTaker } from './turn-taker.ts';
import { TypingIndicators } from './typing.ts';

/** What happens to what is said outside of an answer, and where errors go: the same for all ways in which messages come. */
export interface AttachOptions {
  /** Default: that of the runner, which is its store's. */
  readonly clock?: Clock | undefined;
  /**
   * Told of everything the platform must not see: a turn that threw, a proven request that could not be read, and a
   * DeliveryError `reply_not_sent` for each reply that has no way to the user. Without it, the name and code of the
   * error become a process warning.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * Who says what comes outside of an answer: the runner's `reply` events of this channel's users. `push`, which is the
   * default, pushes it by the channel; where that is not possible, it is kept and said with the user's next message.
   * `leave` leaves it to a listener of your own.
   */
  readonly late?: Late | undefined;
  /**
   * Shows users that a reply is being made, while services of theirs run: after a moment, and again until the last one
   * ends, for at most two minutes. Default false, since each time is a call to the platform. A call that fails changes
   * nothing else.
   */
  readonly typing?: boolean | undefined;
  /**
   * Shows users the drafts that services of theirs emit, as often as the channel says. The next reply takes the place of the
   * draft. Default false, since each time is a call to the platform. A call that fails is reported, ends it for this run of the
   * service, and changes nothing else.
   */
  readonly drafts?: boolean | undefined;
  /**
   * Keeps pushes to the limits that the platform publishes for a bot and for a chat: each waits until there is room for it, in
   * order, for at most three seconds here and else in its record. `share` is the part of the limits that is for this process,
   * where several push for one bot: 0.5 for two. Default false: what the platform refuses is tried again.
   */
  readonly pace?:
    | boolean
    | {
        /** The part of the limits that is for this process, above 0 and up to 1. */
        readonly share: number;
      }
    | undefined;
}

/** A channel on a runner: what is said outside of an answer goes to its users. */
export interface Attached {
  readonly answers: Responder;
  readonly clock: Clock;
  readonly report: Report;
  /** Milliseconds from its arrival within which a turn is answered; undefined: as the runner says. */
  readonly deadlineMs: number | undefined;
  /** How long before the platform gives up an answer has to be on its way. */
  readonly marginMs: number;
}

const MARGIN_MS = 500;

/** @throws UsageError `channel_taken`, `cannot_type`, `cannot_draft`, `cannot_pace`, `bad_option` */
export function attach(runner: TurnTaker, channel: ChannelBase, options: AttachOptions): Attached {
  const { clock = runner.clock ?? systemClock, late = 'push' } = options;
  const report = createReport(options.onError);
  const { answerMs, redelivery } = channel.limits ?? {};
  const marginMs = Math.min(MARGIN_MS, (answerMs ?? 0) / 2);
  const router = pushRouterOf(runner);
  const pushes = late === 'leave' || channel.push !== undefined;
  const answers = new Responder({ runner, channel, router, clock, report, pushes });
  const typing = options.typing ? typingOf(channel, clock) : undefined;
  const drafts = options.drafts ? draftsOf(channel, clock, report) : undefined;
  const pacer = options.pace ? pacerOf(channel, clock, options.pace) : undefined;
  router.add({ channel, clock, late, typing, drafts, pacer });
  if (redelivery) runner.expectRedelivery(redelivery.withinMs);
  const deadlineMs = answerMs === undefined ? undefined : answerMs - marginMs;
  return { answers, clock, report, deadlineMs, marginMs };
}

function typingOf(channel: ChannelBase, clock: Clock): TypingIndicators {
  if (channel.typing !== undefined) {
    return new TypingIndicators(channel, { show: channel.typing.bind(channel), clock });
  }
  throw new UsageError(
    'cannot_type',
    `\`typing\` shows that a reply is being made, which the channel ${channel.name} cannot: its platform has no such call, or the channel was given no right to it. Leave \`typing\` out, or give the channel what it pushes by.`,
  );
}

function draftsOf(channel: ChannelBase, clock: Clock, report: Report): DraftDisplays {
  if (channel.draft !== undefined) {
    return new DraftDisplays(channel, { show: channel.draft.bind(channel), clock, report });
  }
  throw new UsageError(
    'cannot_draft',
    `\`drafts\` shows the text of a reply that is being made, which the channel ${channel.name} cannot: its platform has no such call. Leave \`drafts\` out; the reply arrives as a whole.`,
  );
}

function pacerOf(
  channel: ChannelBase,
  clock: Clock,
  pace: Exclude<AttachOptions['pace'], false | undefined>,
): Pacer {
  const { share } = pace === true ? { share: 1 } : pace;
  if (typeof share !== 'number' || !(share > 0 && share <= 1)) {
    throw new UsageError('bad_option', '`pace.share` is a number above 0 and up to 1.');
  }
  if (channel.pace !== undefined) return new Pacer({ clock, share });
  throw new UsageError(
    'cannot_pace',
    `\`pace\` keeps to the limits that a platform publishes, and the channel ${channel.name} knows of none. Leave \`pace\` out: what the platform refuses is tried again.`,
  );
}
