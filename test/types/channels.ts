import { jsonWebhook } from 'colloquy/channels/json';
import { toNodeListener } from 'colloquy/channels/node';
import { slack } from 'colloquy/channels/slack';
import { telegram } from 'colloquy/channels/telegram';
import { runTerminal } from 'colloquy/channels/terminal';
import { createWebChat } from 'colloquy/channels/web';
import { createWebhook } from 'colloquy/channels/webhook';
import { accessTokens, wechat } from 'colloquy/channels/wechat';
import { corpTokens, wecom } from 'colloquy/channels/wecom';
import { throughWechat } from 'colloquy/testing/wechat';

// What may be left out may be a variable of the environment that is not set.
const maybe = process.env['MAYBE'];

wechat({
  token: 'Token',
  mode: undefined,
  appId: maybe,
  encodingAESKey: maybe,
  push: undefined,
  freshMs: undefined,
  prefix: maybe,
  random: undefined,
});
const baseUrl = maybe;
const none = { baseUrl, fetch: undefined, clock: undefined };
accessTokens({ appId: 'a', secret: 's', ...none });
corpTokens({ corpId: 'c', secret: 's', ...none });
const accessToken = accessTokens({ appId: 'a', secret: 's' });
wechat({ token: 'Token', push: { accessToken, baseUrl, fetch: undefined } });
const app = { corpId: 'c', agentId: 1, token: 'Token', encodingAESKey: 'k' };
wecom({ ...app, push: undefined, freshMs: undefined, receiveId: maybe, random: undefined });
wecom({ ...app, push: { accessToken, baseUrl, fetch: undefined } });
telegram({ token: '1:a', secret: 's', bot: maybe, baseUrl, fetch: undefined });
telegram({ token: '1:a', secret: 's', username: maybe, scope: undefined, movedChats: undefined });
telegram({ token: '1:a', secret: 's', movedChats: new Map<string, string>() });
slack({ signingSecret: 's', token: 't', prefix: maybe, baseUrl, fetch: undefined });
jsonWebhook({ secret: 's', prefix: maybe, freshMs: undefined, events: undefined });
jsonWebhook({ secret: 's', answerMs: undefined, push: undefined });
jsonWebhook({ secret: 's', push: { url: 'u', fetch: undefined, clock: undefined } });
throughWechat({ token: maybe, prefix: maybe });

declare const runner: Parameters<typeof runTerminal>[0];
void runTerminal(runner, { openid: maybe, clock: undefined, reset: undefined, colors: undefined });

declare const taker: Parameters<typeof createWebhook>[0];
const nothing = { clock: undefined, onError: undefined, late: undefined, hold: undefined };
toNodeListener(createWebhook(taker, wechat({ token: 'Token' }), nothing), { onError: undefined });
createWebChat(taker, { secret: 's', prefix: maybe, origins: undefined, rate: undefined });
createWebChat(taker, { getUser: async () => maybe, greet: undefined, getAddress: () => maybe });

// What proves a sender may not be missing.
// @ts-expect-error no secret
createWebChat(taker, { secret: maybe });
// @ts-expect-error nothing says who it is
createWebChat(taker, { greet: true });
// @ts-expect-error two ways to know who it is
createWebChat(taker, { secret: 's', getUser: () => 'ann' });
// @ts-expect-error no token
wechat({ token: maybe });
// @ts-expect-error no key
wecom({ ...app, encodingAESKey: maybe });
// @ts-expect-error no token
telegram({ token: maybe, secret: 's' });
// @ts-expect-error no secret
telegram({ token: '1:a', secret: maybe });
// @ts-expect-error no secret
slack({ signingSecret: maybe, token: 't' });
// @ts-expect-error no secret
jsonWebhook({ secret: maybe });
// @ts-expect-error no secret
accessTokens({ appId: 'a', secret: maybe });
