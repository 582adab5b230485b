import type { Inbound } from '../../channels/reception.ts';
import { isSpoken } from '../../message.ts';
import { toMessage } from '../../message-check.ts';
import { checkOpenid } from '../../openid.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import { type ChannelCapability, type ChannelPayload, payloadsWith, spokenOf } from './subject.ts';
import { type ChannelHarness, type ChannelCase, channelCase } from './harness.ts';

const MAX_ID_LENGTH = 512;
const NONE: ReadonlySet<string> = new Set();

/** All messages in all payloads that carry some, or in these. */
async function* messagesOf(
  bench: ChannelHarness,
  payloads: readonly ChannelPayload[] = spokenOf(bench.subject),
): AsyncGenerator<Inbound & { readonly payload: ChannelPayload }> {
  for (const payload of payloads) {
    const { messages } = await bench.deliver(payload);
    for (const inbound of messages) yield { ...inbound, payload };
  }
}

/** @returns how many messages the channel made of it */
async function mustAcknowledge(bench: ChannelHarness, payload: ChannelPayload): Promise<number> {
  const { acknowledge, messages } = await bench.deliver(payload);
  mustBe(
    acknowledge.status >= 200 && acknowledge.status < 300,
    `"${payload.name}" is acknowledged with a status of 2xx, not ${acknowledge.status}`,
  );
  return messages.length;
}

/** That some payloads are acknowledged, and are no messages. */
function ignoringCase(
  name: string,
  need: ChannelCapability,
  { isOne, what }: { readonly isOne: (payload: ChannelPayload) => boolean; readonly what: string },
): ChannelCase {
  return channelCase(name, [need], async (bench) => {
    for (const payload of payloadsWith(bench.subject, isOne, what)) {
      mustEqual(await mustAcknowledge(bench, payload), 0, `messages in "${payload.name}"`);
    }
  });
}

export const messageCases: readonly ChannelCase[] = [
  channelCase('a payload becomes the messages that it carries', [], async (bench) => {
    for (const payload of spokenOf(bench.subject)) {
      const { messages } = await bench.deliver(payload);
      mustEqual(
        messages.map(({ message }) => message.type),
        payload.gives.map(({ type }) => type),
        `the types of the messages in "${payload.name}"`,
      );
      for (const [index, expected] of payload.gives.entries()) {
        const found: Record<string, unknown> = { ...messages[index]?.message };
        const fields = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
        mustEqual(fields, { ...expected }, `the message in "${payload.name}"`);
      }
      await mustAcknowledge(bench, payload);
    }
  }),

  channelCase('every message can be handed to a runner', [], async (bench) => {
    for await (const { payload, openid, message, id } of messagesOf(bench)) {
      checkOpenid(openid);
      const declared = message.type.startsWith('event.') ? new Set([message.type]) : NONE;
      toMessage(message, declared, bench.clock.now());
      mustBe(
        id === undefined || (id !== '' && id.length <= MAX_ID_LENGTH),
        `the id of "${payload.name}" has 1 to ${MAX_ID_LENGTH} characters: ${brief(id)}`,
      );
    }
  }),

  channelCase('an openid begins with the prefix of its channel', [], async (bench) => {
    const { prefix } = bench.channel;
    for await (const { payload, openid } of messagesOf(bench)) {
      mustBe(
        openid.startsWith(prefix) && openid.length > prefix.length,
        `the openid of "${payload.name}" is ${brief(openid)}, and the prefix ${brief(prefix)}`,
      );
    }
  }),

  channelCase('users of the same name are one, and others never meet', [], async (bench) => {
    const openids = new Map<string, string>();
    for await (const { payload, openid } of messagesOf(bench)) {
      if (payload.user === undefined) continue;
      const known = openids.get(payload.user) ?? openid;
      mustEqual(openid, known, `the openid of ${payload.user} in "${payload.name}"`);
      openids.set(payload.user, openid);
    }
    mustEqual(new Set(openids.values()).size, openids.size, 'different openids of different users');
  }),

  channelCase('what is delivered again has the same openid and id', [], async (bench) => {
    const keysOf = async (payload: ChannelPayload): Promise<unknown> =>
      (await bench.deliver(payload)).messages.map(({ openid, id }) => [openid, id]);
    for (const payload of spokenOf(bench.subject)) {
      const first = await keysOf(payload);
      await bench.clock.advance(5000);
      const again = await keysOf(payload);
      mustEqual(again, first, `openid and id of "${payload.name}", delivered again`);
    }
  }),

  channelCase('different messages of a user have different ids', [], async (bench) => {
    const seen = new Map<string, string>();
    for await (const { payload, openid, id } of messagesOf(bench)) {
      const key = JSON.stringify([openid, id]);
      mustEqual(seen.get(key), undefined, `the other message with the id of "${payload.name}"`);
      if (id !== undefined) seen.set(key, payload.name);
    }
  }),

  channelCase('what is of an unknown kind is there as it came', [], async (bench) => {
    const unknown = spokenOf(bench.subject).filter(({ gives }) =>
      gives.some(({ type }) => type.endsWith('.unknown')),
    );
    mustBe(unknown.length > 0, 'a payload of the subject is of an unknown kind');
    for await (const { payload, message } of messagesOf(bench, unknown)) {
      const { raw } = message;
      mustBe(
        typeof raw === 'object' && raw !== null && Object.keys(raw).length > 0,
        `"${payload.name}" is in \`raw\`, which is ${brief(raw)}`,
      );
    }
    for (const payload of unknown) await mustAcknowledge(bench, payload);
  }),

  channelCase('a message says who it is from', ['people'], async (bench) => {
    for await (const { payload, message } of messagesOf(bench)) {
      if (payload.user === undefined) continue;
      const { id }: { id?: unknown } = message.from ?? {};
      mustBe(
        typeof id === 'string' && id !== '',
        `the message in "${payload.name}" has a \`from\` with an id: ${brief(message.from)}`,
      );
    }
    const named = payloadsWith(bench.subject, ({ from }) => from !== undefined, 'with a `from`');
    for await (const { payload, message } of messagesOf(bench, named)) {
      mustEqual(message.from, payload.from, `the sender of "${payload.name}"`);
    }
  }),

  channelCase('what was not said to the bot is marked', ['unspoken'], async (bench) => {
    const { subject } = bench;
    payloadsWith(subject, ({ spoken }) => spoken === false, 'that was not said to the bot');
    const marked = payloadsWith(subject, ({ spoken }) => spoken !== undefined, 'marked');
    for await (const { payload, message } of messagesOf(bench, marked)) {
      const rule = `whether a person spoke to the bot by "${payload.name}", a ${message.type}`;
      mustEqual(isSpoken(message), payload.spoken, rule);
    }
  }),

  ignoringCase('what is said to another bot is acknowledged, and is no message', 'others', {
    isOne: ({ isForAnother }) => isForAnother === true,
    what: 'for another bot',
  }),

  ignoringCase("the bot's own messages are acknowledged, and are no messages", 'silence', {
    isOne: ({ gives }) => gives === 'nothing',
    what: 'that gives nothing',
  }),

  channelCase('a handshake is answered, and carries no message', ['handshake'], async (bench) => {
    const isOne = ({ gives }: ChannelPayload): boolean => gives === 'handshake';
    for (const payload of payloadsWith(bench.subject, isOne, 'that gives handshake')) {
      const reception = await bench.receive(bench.signed(payload));
      mustBe(reception.type === 'handshake', `"${payload.name}" became ${brief(reception)}`);
      const { status, body } = reception.answer;
      mustEqual(status, 200, `the status of the answer to "${payload.name}"`);
      mustBe(body !== '', `the answer to "${payload.name}" is not empty`);
    }
  }),
];
