import { structureOf } from '../../dialogue/engine/structure.ts';
import type { Incoming, OutsideEvent } from '../../runner/calls.ts';
import { recordingOf } from '../server/backlog-recording.ts';
import type { Desk, StudioEvent } from '../server/desk.ts';
import { wireJson } from '../server/wire-json.ts';
import { type Hello, type StudioPower, WIRE_VERSION } from '../wire.ts';
import type { StudioAnswers, StudioRequests } from '../wire-requests.ts';
import {
  passTime,
  badRequest,
  editContext,
  fireTimer,
  forgetUser,
  deliverAgain,
  deliverReordered,
  sendEvent,
  sendMessage,
} from './acts.ts';
import { previewOf } from './channel-preview.ts';
import { inputsOf } from './next-inputs.ts';
import { asChat, asSeed, asTest } from './saving.ts';
import { StudioSession, type SessionSubject } from './session.ts';
import { Ways } from './ways.ts';
import type { World } from './world.ts';

type Answering = {
  readonly [Name in keyof StudioRequests]: (
    body: StudioRequests[Name],
  ) => Promise<StudioAnswers[Name]>;
};

/** What a page of the session is shown beside the conversations: what takes time to find out. */
export type DialogueLook = Pick<Hello, 'charts' | 'noCharts' | 'chartsNeed' | 'findings'>;

const NOT_LOOKED_AT: DialogueLook = { charts: [], findings: [] };

const POWERS: readonly StudioPower[] = ['say', 'time', 'travel', 'faults', 'save', 'explore'];
/** The maximum of times that a persister fails in a row. */
const MAX_TIMES = 1000;
/** The maximum of steps that are played at once. */
const MAX_STEPS = 1000;

/** The desk of `colloquy studio`: everything may be done with the conversations of one dialogue. */
export class StudioDesk implements Desk {
  readonly session: StudioSession;
  readonly #ways = new Ways();
  readonly #listeners = new Set<(event: StudioEvent) => void>();
  readonly #answering: Answering;
  #look: DialogueLook = NOT_LOOKED_AT;
  /** The structure that was looked at. */
  #lookedAt = '';
  #reload: Hello['reload'];
  #visitors = 0;

  constructor(subject: SessionSubject) {
    this.session = new StudioSession(subject, (event) => this.#publish(event));
    this.#answering = this.#answers();
  }

  backlog(): readonly StudioEvent[] {
    return [{ name: 'hello', data: this.#hello() }, ...this.session.turns.events];
  }

  subscribe(listener: (event: StudioEvent) => void): () => void {
    const own = (event: StudioEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async request<Name extends keyof StudioRequests>(
    name: Name,
    body: StudioRequests[Name],
  ): Promise<StudioAnswers[Name]> {
    return this.#answering[name](body);
  }

  /** Something to tell everyone who looks. */
  tell(problem: { readonly code: string; readonly text: string }): void {
    this.#publish({ name: 'problem', data: problem });
  }

  /** Shows the charts and what lint has found. */
  show(look: DialogueLook): void {
    this.#look = look;
    this.#lookedAt = structureOf(this.session.subject.dialogue);
    this.#publish({ name: 'hello', data: this.#hello() });
  }

  /** Another version of the dialogue runs now; its charts come later. */
  reloaded(reload: NonNullable<Hello['reload']>): void {
    this.#reload = reload;
    this.#publish({ name: 'hello', data: this.#hello() });
  }

  async close(): Promise<void> {
    await this.session.close();
    this.#listeners.clear();
  }

  #publish(event: StudioEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #hello(): Hello {
    const { subject, services, clock } = this.session;
    const { dialogue, file } = subject;
    const { id, version = '0' } = dialogue;
    const structure = structureOf(dialogue);
    return {
      wire: WIRE_VERSION,
      kind: 'studio',
      dialogue: { id, version, structure, ...(file && { file }) },
      powers: POWERS,
      isRedacted: false,
      clock,
      services: services.settings,
      // The charts of another structure would show what is not there.
      ...(structure === this.#lookedAt ? this.#look : NOT_LOOKED_AT),
      ...(this.#reload && { reload: this.#reload }),
    };
  }

  #answers(): Answering {
    const { session } = this;
    const arrival = (openid: string): { readonly openid: string; readonly id: string } => ({
      openid,
      id: session.nextId(),
    });
    return {
      say: async ({ openid, message }) => {
        const outcome = await session.act((world) => sendMessage(world, arrival(openid), message));
        return { outcome };
      },
      send: async ({ openid, event }) => {
        const outcome = await session.act((world) =>
          sendEvent(world, arrival(openid), event as OutsideEvent & typeof event),
        );
        return { outcome };
      },
      advance: ({ by }) => this.#passing((world) => passTime(world, by)),
      fire: (timer) => this.#passing((world) => fireTimer(world, timer)),
      redeliver: async ({ turn }) => {
        const entry = session.turns.at(turn);
        if (entry === undefined)
          throw badRequest(`There is no turn ${turn}, or it is kept no more.`);
        return { outcome: await session.act((world) => deliverAgain(world, entry)) };
      },
      reorder: async ({ openid, messages }) => {
        const given = messages.map((said) => ({ ...arrival(openid), said: said as Incoming }));
        return { outcomes: await session.act((world) => deliverReordered(world, given)) };
      },
      crash: () => this.#done((world) => world.crash()),
      break: ({ what, times }) =>
        this.#done(async (world) => {
          if (what !== 'save' && what !== 'load') throw badRequest("`what` is 'save' or 'load'.");
          if (!Number.isInteger(times) || times < 1 || times > MAX_TIMES) {
            throw badRequest(`\`times\` is a whole number from 1 to ${MAX_TIMES}.`);
          }
          world.break(what, times);
        }),
      recognize: ({ lateMs }) => this.#done(async () => session.recognizers.delay(lateMs), false),
      service: ({ name, mode, lateMs }) =>
        this.#done(async () => {
          session.services.set(name, mode, lateMs);
          this.#publish({ name: 'services', data: session.services.settings });
        }, false),
      undo: async () => ({ turn: await session.undo() }),
      fork: async ({ turn }) => ({ turn: await session.fork(turn) }),
      context: ({ openid, context }) => this.#done((world) => editContext(world, openid, context)),
      forget: ({ openid }) => this.#done((world) => forgetUser(world, openid)),
      save: async ({ as, ...about }) => {
        switch (as) {
          case 'chat':
            return asChat(session, about);
          case 'vitest':
            return asTest(session, about);
          case 'seed':
            return asSeed(session, about);
          case 'recording':
            return this.#recording();
        }
      },
      path: ({ box }) => {
        const now = session.world.time.now();
        return this.#ways.to(session.subject, box, { now, calls: session.calls.services });
      },
      play: (body) => this.#play(body),
      next: async ({ openid }) => ({
        inputs: await inputsOf(session.subject, session.world, openid),
      }),
      preview: async ({ channel, reply }) => previewOf(channel, reply),
    };
  }

  async #done(work: (world: World) => Promise<void>, canUndo = true): Promise<object> {
    await this.session.act(work, canUndo);
    return {};
  }

  async #passing(work: (world: World) => Promise<void>): Promise<{ readonly now: number }> {
    return this.session.act(async (world) => {
      await work(world);
      return { now: world.time.now() };
    });
  }

  /** Says what was found, as a new user where none is named; services go as they were found to go. */
  async #play({ messages, openid }: StudioRequests['play']): Promise<StudioAnswers['play']> {
    if (messages.length > MAX_STEPS) {
      throw badRequest(`A conversation of at most ${MAX_STEPS} steps can be played at once.`);
    }
    const { session } = this;
    const user = openid ?? this.#visitor();
    await session.act(async (world) => {
      for (const { service, stub } of this.#ways.stubsFor(messages)) {
        session.services.queue(service, stub);
      }
      for (const step of messages) {
        if ('advance' in step) await passTime(world, step.advance);
        else await sendMessage(world, { openid: user, id: session.nextId() }, step);
      }
    });
    return { openid: user };
  }

  #visitor(): string {
    const taken = new Set(this.session.openids);
    do this.#visitors += 1;
    while (taken.has(`visitor-${this.#visitors}`));
    return `visitor-${this.#visitors}`;
  }

  #recording(): StudioAnswers['save'] {
    const { session } = this;
    const recording = recordingOf(this.backlog(), session.world.time.now());
    const name = `${session.subject.dialogue.id}.colloquy.json`;
    return { name, text: `${wireJson(recording)}\n` };
  }
}
