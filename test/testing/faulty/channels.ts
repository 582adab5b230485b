import { DeliveryError, MessageError } from '../../../src/errors.ts';
import type { Channel } from '../../../src/channels/channel.ts';
import type {
  ChannelRequest,
  Delivery,
  Inbound,
  Reception,
  Rendering,
} from '../../../src/channels/reception.ts';
import type { EventMessage } from 'colloquy';
import { jsonSubject } from '../../channels/subjects/json.ts';
import { slackSubject } from '../../channels/subjects/slack.ts';
import { wechatSubject } from '../../channels/subjects/wechat.ts';
import { TOKEN, telegramSubject } from '../../channels/subjects/telegram.ts';
import { type ChannelFault, type World, fault } from './channel-fault.ts';
import { draftFaults } from './channel-drafts.ts';

/** What a channel makes of requests, changed. */
function receiving(
  change: (reception: Reception, request: ChannelRequest) => Reception | Promise<Reception>,
) {
  return ({ receive }: Channel): Partial<Channel> => ({
    receive: async (request) => change(await receive(request), request),
  });
}

function delivering(change: (delivery: Delivery) => Delivery) {
  return receiving((reception) => (reception.type === 'messages' ? change(reception) : reception));
}

function inbound(change: (inbound: Inbound, index: number) => Inbound) {
  return delivering((delivery) => ({ ...delivery, messages: delivery.messages.map(change) }));
}

function rendering(change: (rendering: Rendering) => Rendering) {
  return delivering(({ render, ...delivery }) => ({
    ...delivery,
    ...(render && { render: (replies, sentAt) => change(render(replies, sentAt)) }),
  }));
}

/** Takes every request, and checks no proof. */
function believing(at: (request: ChannelRequest) => number = ({ receivedAt }) => receivedAt) {
  return ({ receive }: Channel, { subject }: World): Partial<Channel> => ({
    async receive(request) {
      const { headers } = subject.sign({ body: await request.readBody() }, at(request));
      return receive({ ...request, receivedAt: at(request), headers: new Headers(headers) });
    },
  });
}

const signedAt = ({ headers }: ChannelRequest): number =>
  Number(/t=(\d+)/.exec(headers.get('x-colloquy-signature') ?? '')?.[1] ?? 0) * 1000;

export const channelFaults: readonly ChannelFault[] = [
  fault(
    'a request whose proof is missing or altered is rejected',
    'takes everybody',
    'is not proven, and was taken',
    telegramSubject,
    believing(),
  ),
  fault(
    'a request whose proof is missing or altered is rejected',
    'compares what is there with the beginning of the secret',
    'was taken',
    telegramSubject,
    ({ receive }, world) => ({
      async receive(request) {
        const given = request.headers.get('x-telegram-bot-api-secret-token') ?? '';
        const isLike = given !== '' && 'canary-telegram-secret'.startsWith(given);
        return isLike
          ? (believing()({ receive } as Channel, world).receive?.(request) ?? receive(request))
          : receive(request);
      },
    }),
  ),
  fault(
    'a request whose proof is missing or altered is rejected',
    'tells the log of every stranger',
    'the error reported of a request',
    telegramSubject,
    receiving((reception) =>
      reception.type === 'reject'
        ? { ...reception, error: new MessageError('stranger', 'A stranger.') }
        : reception,
    ),
  ),
  fault(
    'a request whose proof is missing or altered is rejected',
    'says that it is broken',
    'with a status of 4xx, not 500',
    slackSubject,
    receiving((reception) =>
      reception.type === 'reject' ? { ...reception, status: 500 } : reception,
    ),
  ),
  fault(
    'a request whose body is not the signed one is rejected',
    'looks at the form of the signature',
    'was taken',
    jsonSubject,
    ({ receive }, world) => ({
      async receive(request) {
        const isLike = /^t=\d{10},v1=[\da-f]{64}$/.test(
          request.headers.get('x-colloquy-signature') ?? '',
        );
        const trusting = believing()({ receive } as Channel, world);
        return isLike ? (trusting.receive?.(request) ?? receive(request)) : receive(request);
      },
    }),
  ),
  fault(
    'a proof holds for its time, and neither before nor after it',
    'knows no time',
    'signed 302000 ms before it arrives',
    jsonSubject,
    believing(signedAt),
  ),
  fault(
    'a proof holds for its time, and neither before nor after it',
    'refuses what is old, and takes what is of the future',
    'signed 302000 ms after it arrives',
    jsonSubject,
    ({ receive }) => ({
      receive: async (request) =>
        receive({ ...request, receivedAt: Math.max(request.receivedAt, signedAt(request)) }),
    }),
  ),
  fault(
    'all answers to unproven requests are the same',
    'reads the body first',
    'the different answers to requests that are not proven',
    slackSubject,
    ({ receive }) => ({
      async receive(request) {
        const [first] = await request.readBody();
        return first === undefined ? { type: 'reject', status: 400 } : receive(request);
      },
    }),
  ),
  fault(
    'a payload becomes the messages that it carries',
    'makes texts of everything',
    'the message in "a text"',
    telegramSubject,
    inbound((one) => ({ ...one, message: { type: 'message.text', text: 'x' } })),
  ),
  fault(
    'a payload becomes the messages that it carries',
    'trims what people say',
    'the message in "a text"',
    jsonSubject,
    inbound((one) =>
      one.message.type === 'message.text'
        ? { ...one, message: { ...one.message, text: one.message.text.trim() } }
        : one,
    ),
  ),
  fault(
    'a payload becomes the messages that it carries',
    'has platforms deliver again what it took',
    'with a status of 2xx, not 500',
    slackSubject,
    delivering((delivery) => ({ ...delivery, acknowledge: { status: 500, body: '' } })),
  ),
  fault(
    'every message can be handed to a runner',
    'hands on a type that it made up',
    'the channel threw',
    telegramSubject,
    inbound((one) => ({ ...one, message: { type: 'message.sticker' as 'message.unknown' } })),
  ),
  fault(
    'every message can be handed to a runner',
    'gives an id of any length',
    'has 1 to 512 characters',
    jsonSubject,
    inbound((one) => ({ ...one, id: `${one.id}`.repeat(100) })),
  ),
  fault(
    'an openid begins with the prefix of its channel',
    'gives the bare id of the user',
    'and the prefix',
    slackSubject,
    inbound((one) => ({ ...one, openid: one.openid.replace('slack:', '') })),
  ),
  fault(
    'users of the same name are one, and others never meet',
    'goes by the chat',
    'different openids of different users',
    telegramSubject,
    inbound((one) => ({ ...one, openid: one.openid.replace(/:\d+$/, '') })),
  ),
  fault(
    'users of the same name are one, and others never meet',
    'begins again with each message',
    'the openid of U1',
    slackSubject,
    inbound((one) => ({ ...one, openid: `${one.openid}:${one.id}` })),
  ),
  fault(
    'what is delivered again has the same openid and id',
    'numbers what it takes',
    'delivered again',
    telegramSubject,
    ({ receive }) => {
      let count = 0;
      return {
        async receive(request) {
          const reception = await receive(request);
          if (reception.type !== 'messages') return reception;
          const messages = reception.messages.map((one) => ({ ...one, id: `${(count += 1)}` }));
          return { ...reception, messages };
        },
      };
    },
  ),
  fault(
    'what is delivered again has the same openid and id',
    'goes by the moment of arrival',
    'delivered again',
    jsonSubject,
    receiving((reception, { receivedAt }) =>
      reception.type === 'messages'
        ? {
            ...reception,
            messages: reception.messages.map((one) => ({ ...one, id: `${receivedAt}` })),
          }
        : reception,
    ),
  ),
  fault(
    'different messages of a user have different ids',
    'goes by the type',
    'the other message with the id of',
    telegramSubject,
    inbound((one) => ({ ...one, id: one.message.type })),
  ),
  fault(
    'what is of an unknown kind is there as it came',
    'leaves out what it does not know',
    'is in `raw`',
    slackSubject,
    inbound(({ message: { raw: _raw, ...message }, ...one }) => ({ ...one, message })),
  ),
  fault(
    'a message says who it is from',
    'says nothing of people',
    'has a `from` with an id',
    telegramSubject,
    inbound(({ message: { from: _from, ...message }, ...one }) => ({ ...one, message })),
  ),
  fault(
    'a message says who it is from',
    'takes the chat for the person',
    'the sender of "a text in a group"',
    telegramSubject,
    inbound((one) => {
      const [, , id = ''] = one.openid.split(':');
      return { ...one, message: { ...one.message, from: { ...one.message.from, id } } };
    }),
  ),
  fault(
    'what was not said to the bot is marked',
    'takes every event as said to it',
    'a event.location',
    wechatSubject,
    inbound((one) => ({
      ...one,
      message: one.message.type.startsWith('event.')
        ? { ...(one.message as EventMessage), spoken: true }
        : one.message,
    })),
  ),
  fault(
    'what was not said to the bot is marked',
    'marks what was said to it',
    'by "a start", a event.follow',
    telegramSubject,
    inbound((one) => ({
      ...one,
      message: one.message.type.startsWith('event.')
        ? { ...(one.message as EventMessage), spoken: false }
        : one.message,
    })),
  ),
  fault(
    'what is said to another bot is acknowledged, and is no message',
    'hears every command',
    'messages in "a command to another bot"',
    telegramSubject,
    delivering((delivery) => ({
      ...delivery,
      messages:
        delivery.messages.length > 0
          ? delivery.messages
          : [{ openid: 'telegram:1:1:1', message: { type: 'message.text', text: '/cancel' } }],
    })),
  ),
  fault(
    "the bot's own messages are acknowledged, and are no messages",
    'hears itself',
    'messages in',
    slackSubject,
    delivering((delivery) => ({
      ...delivery,
      messages:
        delivery.messages.length > 0
          ? delivery.messages
          : [{ openid: 'slack:T1:D1:UBOT', message: { type: 'message.text', text: 'hi' } }],
    })),
  ),
  fault(
    'a handshake is answered, and carries no message',
    'takes it for a message',
    'became',
    slackSubject,
    receiving((reception) =>
      reception.type === 'handshake'
        ? { type: 'messages', messages: [], acknowledge: reception.answer }
        : reception,
    ),
  ),
  fault(
    'every kind of reply is in the answer or accounted for',
    'says nothing of what it cannot say',
    'is neither in an answer nor unsent',
    telegramSubject,
    rendering(({ unsent: _unsent, ...rest }) => ({ ...rest, unsent: [] })),
  ),
  fault(
    'every kind of reply is in the answer or accounted for',
    'throws at what it does not know',
    'the channel threw',
    telegramSubject,
    delivering(({ render, ...delivery }) => ({
      ...delivery,
      ...(render && {
        render(replies, sentAt) {
          if (replies.some(({ type }) => type === 'handoff')) throw new Error('no handoff');
          return render(replies, sentAt);
        },
      }),
    })),
  ),
  fault(
    'of several replies, none is lost between the answer and the rest',
    'answers with the first, and forgets the others',
    'whether reply 2 of three is in the answer',
    telegramSubject,
    delivering(({ render, ...delivery }) => ({
      ...delivery,
      ...(render && { render: (replies, sentAt) => render(replies.slice(0, 1), sentAt) }),
    })),
  ),
  fault(
    'of several replies, none is lost between the answer and the rest',
    'says twice what it said',
    'whether reply 1 of three is in the answer',
    jsonSubject,
    rendering((one) => ({ ...one, unsent: [{ index: 0, reason: 'more' }] })),
  ),
  fault(
    'a text that is too long is never said to be whole',
    'cuts it',
    'is in the answer in part, and not unsent',
    telegramSubject,
    delivering(({ render, ...delivery }) => ({
      ...delivery,
      ...(render && {
        render: (replies, sentAt) =>
          render(
            replies.map((reply) =>
              reply.type === 'text' ? { ...reply, text: reply.text.slice(0, 4000) } : reply,
            ),
            sentAt,
          ),
      }),
    })),
  ),
  fault(
    'a text is pushed as it is',
    'shouts',
    'the texts that were pushed',
    jsonSubject,
    ({ push }) => ({
      push: async (openid, reply, options) =>
        push?.(
          openid,
          reply.type === 'text' ? { ...reply, text: reply.text.toUpperCase() } : reply,
          options,
        ),
    }),
  ),
  fault(
    'every kind of reply is pushed or refused for good',
    'passes over what it cannot say',
    'the platform received nothing',
    telegramSubject,
    ({ push }) => ({
      push: async (openid, reply, options) =>
        reply.type === 'handoff' ? undefined : push?.(openid, reply, options),
    }),
  ),
  fault(
    'every kind of reply is pushed or refused for good',
    'tries forever what it cannot say',
    'is refused for good',
    slackSubject,
    ({ push }) => ({
      async push(openid, reply, options) {
        if (reply.type !== 'handoff') return push?.(openid, reply, options);
        throw new DeliveryError('no_handoff', 'No.', { retryable: true });
      },
    }),
  ),
  fault(
    'every kind of reply is pushed or refused for good',
    'keeps for an answer what no answer can say',
    "waits for the user's next message",
    telegramSubject,
    ({ push }) => ({
      async push(openid, reply, options) {
        if (reply.type !== 'handoff') return push?.(openid, reply, options);
        throw new DeliveryError('push_closed', 'Later.');
      },
    }),
  ),
  fault(
    'a long text is pushed whole, in parts that fit',
    'leaves the cutting to the platform',
    'utf16 long, and the limit 4096',
    telegramSubject,
    (_channel, { fetch }) => ({
      async push(_openid, reply) {
        const text = reply.type === 'text' ? reply.text : '';
        await fetch('https://api.example', { method: 'POST', body: JSON.stringify({ text }) });
      },
    }),
  ),
  fault(
    'a long text is pushed whole, in parts that fit',
    'cuts by units',
    'is cut',
    telegramSubject,
    (_channel, { fetch }) => ({
      async push(_openid, reply) {
        const text = reply.type === 'text' ? reply.text : '';
        for (let at = 0; at < text.length; at += 4096) {
          const part = text.slice(at, at + 4096);
          await fetch('https://api.example', {
            method: 'POST',
            body: JSON.stringify({ text: part }),
          });
        }
      },
    }),
  ),
  fault(
    'a part that went out is not sent again',
    'begins with the first part again',
    'all parts together, after the next try',
    telegramSubject,
    ({ push }) => {
      let tries = 0;
      return {
        push: async (openid, reply, options) =>
          push?.(openid, reply, { ...options, id: `${(tries += 1)}` }),
      };
    },
  ),
  fault(
    'what the platform answers says whether to try again',
    'does not look',
    'the push did not fail',
    slackSubject,
    ({ push }) => ({
      push: async (openid, reply, options) => push?.(openid, reply, options).catch(() => {}),
    }),
  ),
  fault(
    'what the platform answers says whether to try again',
    'tries everything again',
    'what is to be done after',
    telegramSubject,
    ({ push }) => ({
      push: async (openid, reply, options) =>
        push?.(openid, reply, options).catch(({ details }: DeliveryError) => {
          throw new DeliveryError('failed', 'It failed.', { retryable: true, details });
        }),
    }),
  ),
  fault(
    'what the platform answers says whether to try again',
    'forgets how long it was asked to wait',
    '`details.retryAfterMs` of the error after too many calls',
    telegramSubject,
    ({ push }) => ({
      push: async (openid, reply, options) =>
        push?.(openid, reply, options).catch(({ code, retryable }: DeliveryError) => {
          throw new DeliveryError(code, 'It failed.', { retryable });
        }),
    }),
  ),
  fault(
    'what the platform answers says whether to try again',
    'gives up a user who may come back',
    'after a user who is gone',
    jsonSubject,
    ({ push }) => ({
      push: async (openid, reply, options) =>
        push?.(openid, reply, options).catch((error: DeliveryError) => {
          if (error.code === 'push_closed') throw new DeliveryError('gone', 'Gone.');
          throw error;
        }),
    }),
  ),
  fault(
    'a network that fails is tried again',
    'lets the error through',
    'is refused with a DeliveryError',
    telegramSubject,
    (_channel, { fetch }) => ({
      push: async () => void (await fetch('https://api.example', {})),
    }),
  ),
  fault(
    'a push ends when its signal is aborted',
    'does not hear of it',
    'continues after its signal was aborted',
    jsonSubject,
    ({ push }) => ({
      push: async (openid, reply, { id }) =>
        push?.(openid, reply, { id, signal: new AbortController().signal }),
    }),
  ),
  fault(
    'a push to an openid of another channel is refused',
    'takes anything behind the prefix',
    'is refused for good',
    slackSubject,
    ({ push }) => ({
      push: async (openid, reply, options) =>
        push?.(openid.length > 12 ? openid : 'slack:T1:D1:U1', reply, options),
    }),
  ),
  fault(
    'that a reply is being made is shown, and says nothing',
    'says so in words',
    'the texts that a user sees of it',
    telegramSubject,
    ({ push }) => ({
      typing: async (openid, { signal }) =>
        push?.(openid, { type: 'text', text: '…' }, { id: 'typing', signal }),
    }),
  ),
  fault(
    'that a reply is being made is shown, and says nothing',
    'does nothing',
    'calls the platform',
    telegramSubject,
    () => ({ typing: async () => {} }),
  ),
  fault(
    'that a reply is being made is shown, and says nothing',
    'would be called without a pause',
    'is more than nothing',
    telegramSubject,
    ({ limits }) => ({ limits: { ...limits, typingMs: 0 } }),
  ),
  fault(
    'typing for an openid of another channel is refused',
    'takes anything',
    'is refused',
    telegramSubject,
    ({ typing }) => ({
      typing: async (_openid, options) => typing?.('telegram:7000000001:1:1', options),
    }),
  ),
  fault(
    'typing that the platform refuses fails',
    'does not look',
    'nothing was shown, and nothing failed',
    telegramSubject,
    ({ typing }) => ({
      typing: async (openid, options) => typing?.(openid, options).catch(() => {}),
    }),
  ),
  fault(
    'typing that the platform refuses fails',
    'lets the error through',
    'is refused with a DeliveryError',
    telegramSubject,
    ({ typing }) => ({
      typing: async (openid, options) =>
        typing?.(openid, options).catch(() => Promise.reject(new Error('no'))),
    }),
  ),
  fault(
    'typing ends when its signal is aborted',
    'does not hear of it',
    'continues after its signal was aborted',
    telegramSubject,
    ({ typing }) => ({
      typing: async (openid) => typing?.(openid, { signal: new AbortController().signal }),
    }),
  ),
  fault(
    'a body of no sense is rejected, and no runner hears of it',
    'makes a message of it',
    'is answered with a status of 4xx',
    telegramSubject,
    receiving((reception) =>
      reception.type === 'reject'
        ? {
            type: 'messages',
            messages: [{ openid: 'telegram:1:1:1', message: { type: 'message.unknown' } }],
            acknowledge: { status: 200, body: '' },
          }
        : reception,
    ),
  ),
  fault(
    'a body of no sense is rejected, and no runner hears of it',
    'throws at it',
    'with a status of 4xx, not 500',
    jsonSubject,
    ({ receive }) => ({
      async receive(request) {
        JSON.parse(new TextDecoder().decode(await request.readBody()));
        return receive(request);
      },
    }),
  ),
  fault(
    'a turn that takes too long is acknowledged in time',
    'asks another server first',
    'is answered within 10000 ms',
    telegramSubject,
    ({ receive }, { clock }) => ({
      async receive(request) {
        await new Promise<void>((resolve) => clock.wake(clock.now() + 20_000, resolve));
        return receive(request);
      },
    }),
  ),
  fault(
    'a body that does not come is not waited for',
    'has more patience than its platform',
    'is answered within 3000 ms',
    slackSubject,
    ({ limits }) => ({ limits: { ...limits, bodyTimeoutMs: 60_000 } }),
  ),
  fault(
    'a secret is in no answer, error, message or warning',
    'names the address in its errors',
    'secret 1 of the subject',
    telegramSubject,
    ({ push }) => ({
      push: async (openid, reply, options) =>
        push?.(openid, reply, options).catch((cause: unknown) => {
          const url = `https://api.telegram.org/bot${TOKEN}/sendMessage`;
          throw new DeliveryError('failed', `POST ${url} failed.`, { cause });
        }),
    }),
  ),
  fault(
    'a secret is in no answer, error, message or warning',
    'keeps the error beneath as the cause',
    'secret 1 of the subject',
    telegramSubject,
    (_channel, { fetch }) => ({
      async push() {
        try {
          await fetch('https://api.example', {});
        } catch (cause) {
          throw new DeliveryError('failed', 'A push failed.', { retryable: true, cause });
        }
      },
    }),
  ),
  fault(
    'a secret is in no answer, error, message or warning',
    'hands the request on with its headers',
    'secret 2 of the subject',
    telegramSubject,
    receiving((reception, { headers }) =>
      reception.type === 'messages'
        ? {
            ...reception,
            messages: reception.messages.map((one) => ({
              ...one,
              message: { ...one.message, raw: Object.fromEntries(headers) },
            })),
          }
        : reception,
    ),
  ),
  ...draftFaults,
];
