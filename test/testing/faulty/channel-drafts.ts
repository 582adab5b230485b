import type { DraftOptions } from '../../../src/channels/channel.ts';
import { telegramSubject } from '../../channels/subjects/telegram.ts';
import { type ChannelFault, fault } from './channel-fault.ts';

/** The text of the draft in another form. */
const saying = (options: DraftOptions, text: string): DraftOptions => ({ ...options, text });

/** Channels whose drafts break a rule in one way. */
export const draftFaults: readonly ChannelFault[] = [
  fault(
    'each draft shows the whole text so far',
    'shows what was added',
    'is one call that shows it',
    telegramSubject,
    ({ draft }) => {
      let before = '';
      return {
        async draft(openid, options) {
          const added = options.text.slice(before.length);
          before = options.text;
          await draft?.(openid, saying(options, added));
        },
      };
    },
  ),
  fault(
    'each draft shows the whole text so far',
    'shows nothing',
    'is one call that shows it',
    telegramSubject,
    () => ({ draft: async () => {} }),
  ),
  fault(
    'each draft shows the whole text so far',
    'would be called without a pause',
    'is more than nothing',
    telegramSubject,
    ({ limits }) => ({ limits: { ...limits, draftMs: 0 } }),
  ),
  fault(
    'a draft that is too long shows its end',
    'shows the beginning',
    'shows its end',
    telegramSubject,
    ({ draft }) => ({
      draft: async (openid, options) =>
        draft?.(openid, saying(options, options.text.slice(0, 4096))),
    }),
  ),
  fault(
    'a draft that is too long shows its end',
    'sends more than the platform takes',
    'is within 4096',
    telegramSubject,
    (_channel, { fetch }) => ({
      async draft(_openid, { text, signal }) {
        await fetch('https://api.telegram.org', {
          method: 'POST',
          body: JSON.stringify({ text }),
          signal,
        });
      },
    }),
  ),
  fault(
    'an empty draft shows nothing, and is taken also where none was shown',
    'shows a sign in its place',
    'what an empty draft shows',
    telegramSubject,
    ({ draft }) => ({
      draft: async (openid, options) => draft?.(openid, saying(options, options.text || '…')),
    }),
  ),
  fault(
    'the reply after a draft is said once and whole',
    'says only what the draft did not',
    'what a user sees of the reply',
    telegramSubject,
    ({ draft, push }) => {
      let shown = '';
      return {
        async draft(openid, options) {
          shown = options.text;
          await draft?.(openid, options);
        },
        async push(openid, reply, options) {
          const text = reply.type === 'text' ? reply.text.slice(shown.length) : '';
          await push?.(openid, { type: 'text', text }, options);
        },
      };
    },
  ),
  fault(
    'no reply waits for a draft',
    'makes one call at a time',
    'a reply waits for a draft',
    telegramSubject,
    ({ push }, { fetch }) => {
      let calling: Promise<unknown> = Promise.resolve();
      return {
        async draft() {
          calling = fetch('https://api.telegram.org', { method: 'POST' });
        },
        async push(openid, reply, options) {
          await calling;
          await push?.(openid, reply, options);
        },
      };
    },
  ),
  fault(
    'a draft for an openid of another channel is refused',
    'takes anything',
    'is refused',
    telegramSubject,
    ({ draft }) => ({
      draft: async (_openid, options) => draft?.('telegram:7000000001:1:1', options),
    }),
  ),
  fault(
    'a draft that the platform refuses fails',
    'does not look',
    'nothing was shown, and nothing failed',
    telegramSubject,
    ({ draft }) => ({
      draft: async (openid, options) => draft?.(openid, options).catch(() => {}),
    }),
  ),
  fault(
    'a draft that the platform refuses fails',
    'lets the error through',
    'is refused with a DeliveryError',
    telegramSubject,
    ({ draft }) => ({
      draft: async (openid, options) =>
        draft?.(openid, options).catch(() => Promise.reject(new Error('no'))),
    }),
  ),
  fault(
    'a draft ends when its signal is aborted',
    'does not hear of it',
    'continues after its signal was aborted',
    telegramSubject,
    ({ draft }) => ({
      draft: async (openid, options) =>
        draft?.(openid, { ...options, signal: new AbortController().signal }),
    }),
  ),
];
