import { fieldsOf, nameOf } from '../../internal/fields.ts';
import type { IlinkCall } from './api.ts';
import { refusalOf } from './refusal.ts';

/** How often programs show it again; iLink does not say how long it is on the screen. */
export const TYPING_MS = 5000;
/** The maximum of users whose tickets are remembered; another one costs one more call. */
const MAX_TICKETS = 1000;

/** Shows users that a reply is being made (https://github.com/Tencent/openclaw-weixin#sendtyping). It takes a ticket for each user. */
export class IlinkTyping {
  readonly #call: IlinkCall;
  readonly #tickets = new Map<string, string>();

  constructor(call: IlinkCall) {
    this.#call = call;
  }

  /** @throws DeliveryError */
  async show(user: string, signal: AbortSignal): Promise<void> {
    const ticket = this.#tickets.get(user) ?? (await this.#ask(user, signal));
    if (ticket === undefined) return;
    const parameters = { ilink_user_id: user, typing_ticket: ticket, status: 1 };
    const refusal = refusalOf(await this.#call('sendtyping', parameters, { signal }));
    if (refusal === undefined) return;
    // It may be too old.
    this.#tickets.delete(user);
    throw refusal;
  }

  async #ask(user: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#call('getconfig', { ilink_user_id: user }, { signal });
    const refusal = refusalOf(answer);
    if (refusal !== undefined) throw refusal;
    const ticket = nameOf(fieldsOf(answer.data)['typing_ticket']);
    if (ticket === undefined) return undefined;
    this.#tickets.set(user, ticket);
    const [oldest] = this.#tickets.keys();
    if (this.#tickets.size > MAX_TICKETS && oldest !== undefined) this.#tickets.delete(oldest);
    return ticket;
  }
}
