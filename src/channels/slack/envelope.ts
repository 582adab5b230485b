import { fieldsOf } from '../../internal/fields.ts';
import type { Delivery, Inbound } from '../reception.ts';
import { ACKNOWLEDGE } from '../receptions.ts';
import { messagesOf } from './event.ts';
import type { SlackListener } from './inbound.ts';
import { commandOf, interactionsOf } from './interaction.ts';

/** What an envelope of Socket Mode carries is what a request has in its body. */
export function readEnvelope(hearing: SlackListener, type: string, payload: unknown): Delivery {
  const fields = fieldsOf(payload);
  switch (type) {
    case 'events_api':
      return acknowledged(fields['type'] === 'event_callback' ? messagesOf(hearing, fields) : []);
    case 'interactive':
      return acknowledged(interactionsOf(hearing, fields));
    case 'slash_commands': {
      const texts = Object.entries(fields).filter(
        (field): field is [string, string] => typeof field[1] === 'string',
      );
      return acknowledged(commandOf(hearing, new Map(texts)));
    }
    default:
      return acknowledged([]);
  }
}

export function acknowledged(messages: readonly Inbound[]): Delivery {
  return { type: 'messages', messages, acknowledge: ACKNOWLEDGE };
}
