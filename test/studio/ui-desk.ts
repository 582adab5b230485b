import type { Message } from '../../src/message.ts';
import type { Reply } from '../../src/reply.ts';
import type { Desk, StudioEvent } from '../../src/studio/server/desk.ts';
import type { ArrowDrawing, BoxDrawing, ChartDrawing } from '../../src/graph/drawing.ts';
import type {
  ConversationView,
  Hello,
  ServiceSetting,
  TracedStep,
  TurnEntry,
} from '../../src/studio/wire.ts';
import type { StudioAnswers, StudioRequests } from '../../src/studio/wire-requests.ts';

/** A desk with a small conversation that is written here, so that a test of the page needs no dialogue and no layout. */

export const START = Date.UTC(2026, 2, 2, 9, 0);

const ALL = ['say', 'time', 'travel', 'faults', 'save', 'explore'] as const;

const box = (id: string, y: number, more: Partial<BoxDrawing> = {}): BoxDrawing => ({
  id: `table:${id}`,
  parent: 'table:',
  kind: 'state',
  title: id,
  note: '',
  isRegion: false,
  x: 60,
  y,
  width: 130,
  height: 40,
  source: `${id}: { on: { 'message.text': … } }`,
  ...more,
});

const arrow = (from: string, to: string, line: string, y: number): ArrowDrawing => ({
  id: `${from}>${to}`,
  from: `table:${from}`,
  to: `table:${to}`,
  points: [
    { x: 120, y },
    { x: 120, y: y + 50 },
  ],
  lines: [line],
  transitions: [`table:${from} ${line}`],
  labelAt: { x: 130, y: y + 16 },
});

export const CHART: ChartDrawing = {
  name: 'table',
  width: 300,
  height: 420,
  boxes: [
    box('', 16, { id: 'table:', kind: 'dialogue', title: 'table', x: 16, width: 260, height: 390 }),
    box('hello', 50, { id: 'table:hello' }),
    box('people', 140, { kind: 'question', note: 'asks' }),
    box('when', 230, { kind: 'question', leadsTo: 'calendar' }),
    box('booked', 320, { kind: 'final' }),
  ].map((each, index) => {
    if (index > 0) return each;
    const { parent: _parent, ...root } = each;
    return root;
  }),
  arrows: [
    arrow('hello', 'people', 'message.*', 90),
    arrow('people', 'when', 'answer', 180),
    arrow('when', 'booked', 'answer [isOpen]', 270),
  ],
};

export const SUB_CHART: ChartDrawing = {
  name: 'calendar',
  width: 200,
  height: 120,
  boxes: [
    {
      id: 'calendar:',
      kind: 'dialogue',
      title: 'calendar',
      note: '',
      isRegion: false,
      x: 10,
      y: 10,
      width: 180,
      height: 100,
    },
    {
      id: 'calendar:day',
      parent: 'calendar:',
      kind: 'question',
      title: 'day',
      note: '',
      isRegion: false,
      x: 30,
      y: 50,
      width: 100,
      height: 40,
    },
  ],
  arrows: [],
};

export interface DeskOptions extends Partial<Hello> {
  readonly openids?: readonly string[];
}

interface Talk {
  readonly revision: number;
  readonly state: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly active: readonly string[];
  readonly dueAt?: number;
}

const FIRST: Talk = { revision: 0, state: 'hello', context: {}, active: [] };

type Requests = {
  [Name in keyof StudioRequests]: [Name, StudioRequests[Name]];
}[keyof StudioRequests];

export class ScriptedDesk implements Desk {
  /** All that the page asked for. */
  readonly requests: Requests[] = [];
  readonly #listeners = new Set<(event: StudioEvent) => void>();
  readonly #talks = new Map<string, Talk>();
  #turns: TurnEntry[] = [];
  #now = START;
  #services: readonly ServiceSetting[] = [
    { name: 'findTable', mode: 'stub', modes: ['real', 'stub', 'fail', 'hang', 'late'] },
  ];
  hello: Hello;

  constructor(options: Partial<Hello> = {}) {
    this.hello = {
      wire: 1,
      kind: 'studio',
      dialogue: { id: 'table', version: '1', structure: 'a', file: 'dialogue.ts' },
      powers: ALL,
      isRedacted: false,
      clock: this.#clock(),
      charts: [CHART, SUB_CHART],
      services: this.#services,
      findings: [
        { rule: 'no-timeout', severity: 'warning', text: 'nobody asks again', box: 'table:when' },
      ],
      ...options,
    };
  }

  backlog(): readonly StudioEvent[] {
    return [
      { name: 'hello', data: { ...this.hello, clock: this.#clock(), services: this.#services } },
      ...this.#turns.map((data) => ({ name: 'turn' as const, data })),
      ...[...this.#talks].map(([openid, talk]) => ({
        name: 'conversation' as const,
        data: this.#view(openid, talk),
      })),
    ];
  }

  subscribe(listener: (event: StudioEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: StudioEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Turns that are there from the start. */
  keep(turns: readonly TurnEntry[]): void {
    this.#turns = [...turns];
  }

  async request<Name extends keyof StudioRequests>(
    name: Name,
    body: StudioRequests[Name],
  ): Promise<StudioAnswers[Name]> {
    this.requests.push([name, body] as Requests);
    const answer: unknown = this.#answer(...([name, body] as Requests));
    return answer as StudioAnswers[Name];
  }

  #answer(...[name, body]: Requests): unknown {
    switch (name) {
      case 'say':
        return this.#say(body.openid, body.message);
      case 'advance':
        return this.#advance(body.by);
      case 'fire':
        this.#due(body.openid);
        return { now: this.#now };
      case 'service':
        this.#services = this.#services.map((each) =>
          each.name === body.name ? { ...each, mode: body.mode } : each,
        );
        this.emit({ name: 'services', data: this.#services });
        return {};
      case 'undo':
        return this.#rewind((this.#turns.at(-1)?.turn ?? 1) - 1);
      case 'fork':
        return this.#rewind(body.turn);
      case 'context': {
        const talk = this.#talks.get(body.openid) ?? FIRST;
        this.#put(body.openid, { ...talk, revision: talk.revision + 1, context: body.context });
        return {};
      }
      case 'forget':
        this.#talks.delete(body.openid);
        this.emit({ name: 'gone', data: body });
        return {};
      case 'next':
        return { inputs: this.#inputs(body.openid) };
      case 'path':
        return {
          messages: [
            { type: 'message.text', text: 'hi' },
            { type: 'message.text', text: '2' },
          ],
          lines: ['you: hi', 'you: 2'],
        };
      case 'play':
        for (const message of body.messages) {
          if ('type' in message) this.#say(body.openid ?? 'player-1', message);
        }
        return { openid: body.openid ?? 'player-1' };
      case 'save':
        return { name: `table.${body.as}`, text: `# saved as ${body.as}` };
      case 'preview':
        return { parts: [{ msgtype: 'text', channel: body.channel }] };
      default:
        return { outcome: 'duplicate', outcomes: [] };
    }
  }

  #inputs(openid: string): StudioAnswers['next']['inputs'] {
    const { state } = this.#talks.get(openid) ?? FIRST;
    const text = { hello: 'hi', people: '4', when: 'tomorrow', booked: 'thanks' }[state] ?? 'hi';
    return [{ label: text, message: { type: 'message.text', text } }];
  }

  #say(openid: string, said: Message | string): { readonly outcome: string } {
    const message: Message = typeof said === 'string' ? { type: 'message.text', text: said } : said;
    const text =
      message.type === 'message.text'
        ? message.text
        : message.type === 'message.action'
          ? message.value
          : '';
    const before = this.#talks.get(openid) ?? FIRST;
    const { state } = before;
    if (text === 'break') {
      this.emit({ name: 'problem', data: { code: 'save_failed', text: 'The persister failed.' } });
    }
    const [next, context, replies, transition] = answerIn(state, text, before.context);
    const revision = before.revision + 1;
    const after: Talk = {
      revision,
      state: next,
      context,
      active: activeIn(next),
      ...(next === 'when' && { dueAt: this.#now + 600_000 }),
    };
    const way: TracedStep[] = [
      ...(state === 'when'
        ? [
            {
              from: 'table:when',
              transition: 'table:when other',
              event: 'answer',
              isTaken: false,
              guard: { name: 'isClosed', holds: false },
            },
          ]
        : []),
      {
        from: `table:${state}`,
        transition: `table:${state} ${transition}`,
        event: message.type,
        isTaken: next !== state,
        ...(state === 'when' && { guard: { name: 'isOpen', holds: true } }),
      },
    ];
    this.#add({
      openid,
      cause: 'message',
      message,
      label: text || `[${message.type}]`,
      replies,
      way,
      before,
      after,
    });
    return { outcome: 'replied' };
  }

  #advance(by: number | 'next'): { readonly now: number } {
    const next = this.#clock().nextDueAt;
    this.#now = by === 'next' ? (next ?? this.#now) : this.#now + by;
    for (const [openid, { dueAt }] of this.#talks) {
      if (dueAt !== undefined && dueAt <= this.#now) this.#due(openid);
    }
    this.emit({ name: 'clock', data: this.#clock() });
    return { now: this.#now };
  }

  #due(openid: string): void {
    const before = this.#talks.get(openid);
    if (before === undefined) return;
    const { dueAt: _dueAt, ...rest } = before;
    const after = { ...rest, revision: rest.revision + 1 };
    const replies: Reply[] = [{ type: 'text', text: 'Are you still there?' }];
    this.#add({
      openid,
      cause: 'timer',
      label: 'reminder of when',
      replies,
      way: [],
      before,
      after,
    });
  }

  #add(
    entry: Pick<TurnEntry, 'openid' | 'cause' | 'label' | 'replies' | 'way'> & {
      readonly message?: Message;
      readonly before: Talk;
      readonly after: Talk;
    },
  ): void {
    const { openid, before, after } = entry;
    const data: TurnEntry = {
      ...entry,
      turn: (this.#turns.at(-1)?.turn ?? 0) + 1,
      at: this.#now,
      outcome: 'replied',
      phases: [
        { name: 'lane', ms: 0.02 },
        { name: 'load', ms: 0.4 },
        { name: 'step', ms: 2.31 },
        { name: 'commit', ms: 0.6 },
      ],
      before: this.#view(openid, before),
      after: this.#view(openid, after),
    };
    this.#turns.push(data);
    this.emit({ name: 'turn', data });
    this.#put(openid, after);
  }

  #put(openid: string, talk: Talk): void {
    this.#talks.set(openid, talk);
    this.emit({ name: 'conversation', data: this.#view(openid, talk) });
    this.emit({ name: 'clock', data: this.#clock() });
  }

  #rewind(turn: number): { readonly turn: number } {
    this.#turns = this.#turns.filter((each) => each.turn <= turn);
    this.emit({ name: 'rewound', data: { turn } });
    for (const openid of this.#talks.keys()) {
      const view = this.#turns.findLast((each) => each.openid === openid)?.after;
      if (view === undefined) {
        this.#talks.delete(openid);
        this.emit({ name: 'gone', data: { openid } });
      } else {
        const { revision, state, active, context = {} } = view;
        this.#put(openid, { revision, state, active, context });
      }
    }
    return { turn };
  }

  #clock(): Hello['clock'] {
    const due = [...this.#talks.values()].flatMap(({ dueAt }) => dueAt ?? []);
    return {
      now: this.#now,
      isVirtual: true,
      ...(due.length > 0 && { nextDueAt: Math.min(...due) }),
    };
  }

  #view(openid: string, { revision, state, context, active, dueAt }: Talk): ConversationView {
    return {
      openid,
      revision,
      savedAt: this.#now,
      expiresAt: this.#now + 86_400_000,
      status: state === 'booked' ? 'done' : 'active',
      active,
      state,
      ...(!this.hello?.isRedacted && { context }),
      timers: dueAt === undefined ? [] : [{ id: 't1', actor: '', name: 'reminder of when', dueAt }],
      services: [],
      outbox: [],
      seen: { count: revision, last: [`m-${revision}`] },
      waiting: 0,
    };
  }
}

function activeIn(state: string): readonly string[] {
  return ['table:', `table:${state}`, ...(state === 'when' ? ['calendar:', 'calendar:day'] : [])];
}

type Step = readonly [
  state: string,
  context: Readonly<Record<string, unknown>>,
  replies: readonly Reply[],
  transition: string,
];

function answerIn(state: string, text: string, context: Talk['context']): Step {
  if (state === 'hello') {
    return ['people', context, [{ type: 'text', text: 'How many people?' }], 'message.*'];
  }
  if (state === 'people') {
    const options = [
      { value: 'today', label: 'Today' },
      { value: 'tomorrow', label: 'Tomorrow' },
    ];
    const question: Reply = { type: 'choices', text: 'When?', options, asking: 'a1' };
    return [
      'when',
      { ...context, people: Number(text), guest: { vip: false } },
      [question],
      'answer',
    ];
  }
  if (state === 'when') {
    return [
      'booked',
      { ...context, when: text },
      [{ type: 'text', text: `Booked for ${text}.` }],
      'answer [isOpen]',
    ];
  }
  return [state, context, [{ type: 'text', text: 'You have a table.' }], 'none'];
}
