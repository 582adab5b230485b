import { fieldsOf, nameOf } from '../../internal/fields.ts';
import type { Reception } from '../reception.ts';
import { parseJsonBody, badBody, parseJson } from '../json-body.ts';
import { rejectBadBody, handshake } from '../receptions.ts';
import { acknowledged } from './envelope.ts';
import { messagesOf } from './event.ts';
import { parseForm, type Form } from './form.ts';
import type { SlackListener } from './inbound.ts';
import { interactionsOf, commandOf } from './interaction.ts';

const MAX_CHALLENGE_LENGTH = 512;

export function receiveProven(hearing: SlackListener, body: Uint8Array): Reception {
  try {
    // Events are JSON, all else is a form; neither can begin as the other does.
    return body[0] === BRACE
      ? receiveEvent(hearing, parseJsonBody(body))
      : receiveForm(hearing, parseForm(body));
  } catch (error) {
    return rejectBadBody(error);
  }
}

const BRACE = 0x7b;

function receiveEvent(hearing: SlackListener, body: unknown): Reception {
  const fields = fieldsOf(body);
  switch (fields['type']) {
    case 'url_verification': {
      const challenge = nameOf(fields['challenge']);
      if (challenge === undefined || challenge.length > MAX_CHALLENGE_LENGTH) {
        throw badBody('a challenge');
      }
      return handshake(challenge);
    }
    case 'event_callback':
      return acknowledged(messagesOf(hearing, fields));
    default:
      // app_rate_limited, and types that are not known yet: no user said anything.
      return acknowledged([]);
  }
}

function receiveForm(hearing: SlackListener, form: Form): Reception {
  const payload = form.get('payload');
  if (payload !== undefined)
    return acknowledged(interactionsOf(hearing, fieldsOf(parseJson(payload))));
  if (form.has('command')) return acknowledged(commandOf(hearing, form));
  // Slack checks now and then whether an address of commands is there.
  if (form.has('ssl_check')) return acknowledged([]);
  throw badBody('an event, an interaction or a command of Slack');
}
