import { type Fields, fieldsOf, listOf } from '../../internal/fields.ts';
import { badBody } from '../json-body.ts';
import type { SaidMessage } from './protocol.ts';
import { toSaid } from './said.ts';
import { type UiRequest, toUiRequest } from './ui-request.ts';

/** What a POST asks for. */
export type PageRequest =
  | { readonly type: 'hello' }
  | { readonly type: 'ack'; readonly shown: readonly string[] }
  | {
      readonly type: 'message';
      readonly id: string;
      /** Undefined for a kind that is not known. */
      readonly said: SaidMessage | undefined;
      /** The message as the page sent it. */
      readonly raw: unknown;
      readonly shown: readonly string[];
    }
  | UiRequest;

const ID = /^[\w-]{1,128}$/;
const MAX_SHOWN = 256;
const MAX_REPLY_ID_LENGTH = 512;

/**
 * Reads the body of a POST: that of a page, or of a client of the AI SDK.
 * @throws MessageError `bad_body`, which names the field
 */
export function toPageRequest(body: unknown): PageRequest {
  const asked = fieldsOf(body);
  switch (asked['type']) {
    case 'hello':
      return { type: 'hello' };
    case 'ack': {
      const shown = toShown(asked);
      if (shown.length === 0) throw badBody('a list of ids under `shown`');
      return { type: 'ack', shown };
    }
    case 'message': {
      const { id, message } = asked;
      if (typeof id !== 'string' || !ID.test(id)) {
        throw badBody('1 to 128 letters, digits, `_` and `-` under `id`');
      }
      return { type: 'message', id, said: toSaid(message), raw: message, shown: toShown(asked) };
    }
    case undefined:
      if (Array.isArray(asked['messages'])) return toUiRequest(asked);
      break;
    default:
  }
  throw badBody("'hello', 'message' or 'ack' under `type`, or a request of the AI SDK");
}

function toShown({ shown }: Fields): readonly string[] {
  const ids = listOf(shown);
  const areIds = ids.every(
    (id) => typeof id === 'string' && id !== '' && id.length <= MAX_REPLY_ID_LENGTH,
  );
  if ((shown !== undefined && !Array.isArray(shown)) || ids.length > MAX_SHOWN || !areIds) {
    throw badBody(`a list of at most ${MAX_SHOWN} ids under \`shown\``);
  }
  return ids as readonly string[];
}
