import { UsageError } from '../../errors.ts';
import { fieldsOf, nameOf } from '../../internal/fields.ts';
import { type Fetch, postJson } from '../web-api.ts';
import { refusalOf } from './push.ts';

/** How long the Bot API may take to say what the bot is called. */
const LONGEST_CALL_MS = 3000;

/** Undefined where the Bot API does not tell. Rejects with a retryable DeliveryError where it may tell later. */
export type OwnName = () => Promise<string | undefined>;

/**
 * Tells the username of the bot. Where it is not given, the Bot API is asked when it is needed for the first time.
 * @param username with or without the `@`
 * @param url the method `getMe` of this bot
 * @throws UsageError `bad_username`
 */
export function createOwnName(username: string | undefined, url: string, fetch: Fetch): OwnName {
  if (username !== undefined) {
    const name = username.replace(/^@/, '');
    if (!USERNAME.test(name)) {
      throw new UsageError(
        'bad_username',
        '`username` is the name of the bot as BotFather gave it: letters, digits and `_`, as PizzaBot.',
      );
    }
    return async () => name;
  }
  let known: string | undefined;
  let asking: Promise<string | undefined> | undefined;
  return async () => {
    if (known !== undefined) return known;
    try {
      return (known = await (asking ??= ask(fetch, url)));
    } finally {
      // Where the name is still not known, the next message asks again.
      asking = undefined;
    }
  };
}

const USERNAME = /^\w{1,64}$/;

async function ask(fetch: Fetch, url: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(LONGEST_CALL_MS);
  const answer = await postJson(fetch, { channel: 'telegram', url, body: '{}', signal });
  const refusal = refusalOf(answer);
  if (refusal?.retryable === true) throw refusal;
  const name = nameOf(fieldsOf(fieldsOf(answer.data)['result'])['username']);
  return name !== undefined && USERNAME.test(name) ? name : undefined;
}
