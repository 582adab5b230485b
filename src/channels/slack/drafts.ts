import type { DeliveryError } from '../../errors.ts';
import { type Fields, fieldsOf, nameOf } from '../../internal/fields.ts';
import { visiblePartsOf } from '../text-parts.ts';
import { whileWanted } from '../web-api.ts';
import { momentOf } from './address.ts';
import type { PostedAt } from './message-id.ts';
import { toMrkdwn } from './mrkdwn.ts';
import { TEXT_LIMIT } from './posts.ts';
import { type SlackCall, refusalOf } from './push.ts';

/** The message that shows a draft. */
interface DraftMessage {
  readonly call: SlackCall;
  /** Absent until Slack has answered the post. */
  at?: PostedAt;
  /** A reply has taken its place, or it was taken off, before Slack answered. */
  isGone?: boolean;
  /** The user has written below it, so a reply in its place would be out of order. */
  isOvertaken?: boolean;
}

/** The maximum of drafts and of replaced ones that are remembered; the message of an older draft stays. */
const MAX_DRAFTS = 1000;
/** Shows that more is to come, also where a crash has left it. */
const MORE = ' …';
const DRAFT_LIMIT = { ...TEXT_LIMIT, max: TEXT_LIMIT.max - MORE.length };

/**
 * The messages that show drafts: one for each conversation, which changes until the next reply takes its place. Only this
 * process knows them: what a crash leaves stays in the conversation, with its sign that more was to come.
 */
export class DraftMessages {
  /** By openid. */
  readonly #shown = new Map<string, DraftMessage>();
  /** The messages that a reply is replacing, by the id of the reply: a next try replaces the same one. */
  readonly #replaced = new Map<string, PostedAt>();

  /**
   * Shows a draft; of an empty text, takes it off.
   * @throws DeliveryError
   */
  async show(
    openid: string,
    text: string,
    { call, place, signal }: { call: SlackCall; place: Fields; signal: AbortSignal },
  ): Promise<void> {
    const part = visiblePartsOf(text, DRAFT_LIMIT).at(-1);
    const before = this.#shown.get(openid);
    if (part === undefined || before?.isOvertaken === true) this.#remove(openid);
    if (part === undefined) return;
    const said = { text: toMrkdwn(part) + MORE };
    const known = this.#shown.get(openid);
    if (known === undefined) {
      const posting = this.#post(openid, { ...place, ...said }, call);
      return whileWanted(posting, { channel: 'slack', signal });
    }
    // Its post is still on its way: the next draft changes it.
    if (known.at === undefined) return;
    const refusal = refusalOf(await call('chat.update', { ...known.at, ...said }, signal));
    if (refusal === undefined) return;
    if (!refusal.retryable) this.#shown.delete(openid);
    throw refusal;
  }

  /** The user has written something. */
  overtake(openid: string): void {
    const known = this.#shown.get(openid);
    if (known !== undefined) known.isOvertaken = true;
  }

  /**
   * Says something in place of the draft.
   * @param id that of the reply
   * @param said undefined where a draft cannot become it; the draft goes
   * @returns false where it still has to be said
   * @throws DeliveryError where it is to be tried again
   */
  async replace(
    openid: string,
    {
      id,
      said,
      call,
      signal,
    }: {
      id: string;
      said: Fields | undefined;
      call: SlackCall;
      signal: AbortSignal;
    },
  ): Promise<boolean> {
    const at = this.#replaced.get(id) ?? this.#take(openid, said !== undefined);
    if (at === undefined || said === undefined) return false;
    remember(this.#replaced, id, at);
    const refusal: DeliveryError | undefined = refusalOf(
      await call('chat.update', { ...said, ...at }, signal),
    );
    if (refusal?.retryable === true) throw refusal;
    this.#replaced.delete(id);
    return refusal === undefined;
  }

  /** @returns where the draft stands, if it can become the reply; otherwise it goes */
  #take(openid: string, canBecome: boolean): PostedAt | undefined {
    const known = this.#shown.get(openid);
    if (canBecome && known?.at !== undefined && known.isOvertaken !== true) {
      this.#shown.delete(openid);
      return known.at;
    }
    this.#remove(openid);
    return undefined;
  }

  /** The caller may stop to wait for it, and the message is known nevertheless. */
  async #post(openid: string, body: Fields, call: SlackCall): Promise<void> {
    const message: DraftMessage = { call };
    remember(this.#shown, openid, message);
    try {
      const answer = await call('chat.postMessage', body, new AbortController().signal);
      const refusal = refusalOf(answer);
      if (refusal !== undefined) throw refusal;
      const { channel = body['channel'], ts } = fieldsOf(answer.data);
      const [name, moment] = [nameOf(channel), momentOf(ts)];
      if (name !== undefined && moment !== undefined) message.at = { channel: name, ts: moment };
    } finally {
      if (message.at === undefined && this.#shown.get(openid) === message) {
        this.#shown.delete(openid);
      }
    }
    if (message.isGone === true) erase(message);
  }

  #remove(openid: string): void {
    const known = this.#shown.get(openid);
    if (known === undefined) return;
    this.#shown.delete(openid);
    known.isGone = true;
    erase(known);
  }
}

/** Deletes a message, and waits for nothing: where Slack refuses, it stays. */
function erase({ at, call }: DraftMessage): void {
  if (at === undefined) return;
  void call('chat.delete', { ...at }, new AbortController().signal).catch(() => {});
}

function remember<Value>(known: Map<string, Value>, key: string, value: Value): void {
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > MAX_DRAFTS && oldest !== undefined) known.delete(oldest);
}
