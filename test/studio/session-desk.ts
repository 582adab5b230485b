import type { AnyStateMachine } from 'xstate';
import { onTestFinished } from 'vitest';
import { formatReply } from 'colloquy';
import type { StudioEvent } from '../../src/studio/server/desk.ts';
import { exampleDialogue } from '../../src/studio/session/example-dialogue.ts';
import type { SessionSubject } from '../../src/studio/session/session.ts';
import { StudioDesk } from '../../src/studio/session/studio-desk.ts';
import type { ConversationView, ModelCallEntry, TurnEntry } from '../../src/studio/wire.ts';
import type { StudioAnswers, StudioRequests } from '../../src/studio/wire-requests.ts';
import type { Message } from '../../src/message.ts';

export const START: number = Date.parse('2026-03-02T09:00:00Z');
export const MINUTE = 60_000;

/** A desk as a page sees it: what it asks for, and what it was told. */
export class PageOfDesk {
  readonly desk: StudioDesk;
  readonly events: StudioEvent[] = [];

  constructor(subject: Partial<SessionSubject> = {}) {
    const { dialogue = exampleDialogue as AnyStateMachine, settings } = subject;
    this.desk = new StudioDesk({ ...subject, dialogue, settings: { now: START, ...settings } });
    this.desk.subscribe((event) => this.events.push(event));
    onTestFinished(() => this.desk.close());
  }

  ask<Name extends keyof StudioRequests>(
    name: Name,
    body: StudioRequests[Name],
  ): Promise<StudioAnswers[Name]> {
    return this.desk.request(name, body);
  }

  /** Says several things. @returns the outcome of the last one */
  async say(openid: string, ...messages: readonly (string | Message)[]): Promise<string> {
    let outcome = '';
    for (const message of messages) ({ outcome } = await this.ask('say', { openid, message }));
    return outcome;
  }

  press(openid: string, value: string): Promise<string> {
    return this.say(openid, { type: 'message.action', value });
  }

  /** The turns as a page has them: those that never happened are gone. */
  get turns(): readonly TurnEntry[] {
    let turns: TurnEntry[] = [];
    for (const { name, data } of this.events) {
      if (name === 'rewound') turns = turns.filter(({ turn }) => turn <= data.turn);
      if (name !== 'turn') continue;
      turns = [...turns.filter(({ turn }) => turn !== data.turn), data];
    }
    return turns;
  }

  /** The calls of models as a page has them. */
  get models(): readonly ModelCallEntry[] {
    let models: ModelCallEntry[] = [];
    for (const { name, data } of this.events) {
      if (name === 'rewound')
        models = models.filter(({ turn = data.turn + 1 }) => turn <= data.turn);
      if (name !== 'model') continue;
      models = [...models.filter(({ call }) => call !== data.call), data];
    }
    return models;
  }

  /** What was said in all turns, in order. */
  get said(): readonly string[] {
    return this.turns.flatMap(({ replies }) => replies.map(formatReply));
  }

  view(openid: string): ConversationView | undefined {
    let view: ConversationView | undefined;
    for (const { name, data } of this.events) {
      if (name === 'conversation' && data.openid === openid) view = data;
      if (name === 'gone' && data.openid === openid) view = undefined;
    }
    return view;
  }

  state(openid: string): string | undefined {
    return this.view(openid)?.state;
  }

  get problems(): readonly string[] {
    return this.events.flatMap((event) => (event.name === 'problem' ? [event.data.code] : []));
  }

  async saved(as: StudioRequests['save']['as'], about: object = {}): Promise<string> {
    return (await this.ask('save', { as, ...about })).text;
  }
}
