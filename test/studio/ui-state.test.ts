import { describe, expect, it } from 'vitest';
import type { ConversationView, ModelCallEntry, TurnEntry } from '../../src/studio/wire.ts';
import { callsUpTo, tokensSpent } from '../../src/studio/ui/state/model-calls.ts';
import { lookingAt, neighbour, viewOf } from '../../src/studio/ui/state/looking.ts';
import { EMPTY_PAGE, type PageState } from '../../src/studio/ui/state/page-state.ts';
import { pageOf, parseRecording } from '../../src/studio/ui/state/recording-file.ts';
import { type ArrivedEvent, takeEvents } from '../../src/studio/ui/state/take-events.ts';
import { differenceOf } from '../../src/studio/ui/record/data-difference.ts';
import { isEvent, readTyped } from '../../src/studio/ui/chat/typed-message.ts';
import { searchTurns } from '../../src/studio/ui/turns/turn-search.ts';
import { ScriptedDesk } from './ui-desk.ts';

function conversation(openid: string, revision = 1): ConversationView {
  return {
    openid,
    revision,
    savedAt: 0,
    status: 'active',
    active: [`table:${revision}`],
    state: String(revision),
    timers: [],
    services: [],
    outbox: [],
    seen: { count: 0, last: [] },
    waiting: 0,
  };
}

function turn(number: number, more: Partial<TurnEntry> = {}): TurnEntry {
  const openid = more.openid ?? 'you';
  return {
    turn: number,
    openid,
    at: number,
    cause: 'message',
    label: `word ${number}`,
    outcome: 'replied',
    replies: [],
    phases: [],
    way: [],
    before: conversation(openid, number - 1),
    after: conversation(openid, number),
    ...more,
  };
}

function call(number: number, more: Partial<ModelCallEntry> = {}): ModelCallEntry {
  return {
    call: number,
    openid: 'you',
    by: { kind: 'service', name: 'story' },
    model: 'mine',
    at: 0,
    isStreamed: false,
    messages: [],
    tools: [],
    wantsValue: false,
    ...more,
  };
}

const calls = (...entries: readonly ModelCallEntry[]): ArrivedEvent[] =>
  entries.map((data) => ({ name: 'model', data }));

const turns = (...entries: readonly TurnEntry[]): ArrivedEvent[] =>
  entries.map((data) => ({ name: 'turn', data }));

const page = (...events: readonly ArrivedEvent[]): PageState => takeEvents(EMPTY_PAGE, events);

describe('the state of the page', () => {
  it('keeps the last 10 000 turns and counts the rest', () => {
    const all = Array.from({ length: 10_003 }, (_, index) => turn(index + 1));
    const state = page(...turns(...all));
    expect(state.turns).toHaveLength(10_000);
    expect(state.turns[0]?.turn).toBe(4);
    expect(state.dropped).toBe(3);
  });

  it('keeps the last 2000 conversations', () => {
    const all = Array.from({ length: 2001 }, (_, index) => conversation(`user-${index}`));
    const state = page(...all.map((data) => ({ name: 'conversation' as const, data })));
    expect(state.conversations.size).toBe(2000);
    expect(state.conversations.has('user-0')).toBe(false);
  });

  it('keeps the last 10 000 calls of models', () => {
    const all = Array.from({ length: 10_002 }, (_, index) => call(index + 1));
    const state = page(...calls(...all));
    expect(state.calls).toHaveLength(10_000);
    expect(state.calls[0]?.call).toBe(3);
  });

  it('knows a call once, by the newest report of it, and what calls cost', () => {
    const usage = { inputTokens: 40, outputTokens: 2 };
    const end = { how: 'answered', at: 5, ms: 1, words: { length: 0 }, calls: [] } as const;
    const state = page(
      ...calls(call(1), call(2), call(3, { openid: 'bob' }), call(4)),
      ...calls(call(1, { turn: 1, end: { ...end, usage } }), call(2, { turn: 2, end })),
    );
    expect(state.calls.map(({ call: number, turn: at }) => [number, at])).toEqual([
      [1, 1],
      [2, 2],
      [3, undefined],
      [4, undefined],
    ]);
    const own = callsUpTo(state.calls, 'you', undefined);
    expect(tokensSpent(own)).toEqual({ ...usage, unknown: 1 });
    expect(callsUpTo(state.calls, 'you', 1).map((each) => each.call)).toEqual([1]);
    const back = takeEvents(state, [{ name: 'rewound', data: { turn: 1 } }]);
    expect(back.calls.map((each) => each.call)).toEqual([1]);
  });

  it('shows the newest draft of each service until it is over, or never was', () => {
    const draft = (id: string, text: string, openid = 'you'): ArrivedEvent => ({
      name: 'draft',
      data: { openid, id, text, length: text.length },
    });
    const state = page(draft('a', 'Once'), draft('b', 'Or', 'bob'), draft('a', 'Once upon'));
    expect(state.drafts.map(({ text }) => text)).toEqual(['Or', 'Once upon']);
    expect(takeEvents(state, [draft('a', '')]).drafts.map(({ id }) => id)).toEqual(['b']);
    expect(takeEvents(state, [{ name: 'rewound', data: { turn: 0 } }]).drafts).toEqual([]);
    const gone: ArrivedEvent = { name: 'gone', data: { openid: 'bob' } };
    expect(takeEvents(state, [gone]).drafts.map(({ id }) => id)).toEqual(['a']);
    expect(takeEvents(state, [{ name: 'anew' }])).toMatchObject({ drafts: [], calls: [] });
  });

  it('shows 1000 drafts at most', () => {
    const all = Array.from({ length: 1001 }, (_, index): ArrivedEvent => {
      return { name: 'draft', data: { openid: 'you', id: String(index), text: 'a', length: 1 } };
    });
    const { drafts } = page(...all);
    expect([drafts.length, drafts[0]?.id]).toEqual([1000, '1']);
  });

  it('joins a late reply to its turn, whichever turns came after', () => {
    const late = turn(1, { replies: [{ type: 'text', text: 'late' }] });
    const state = page(...turns(turn(1), turn(2), turn(3), late));
    expect(state.turns.map(({ turn: number }) => number)).toEqual([1, 2, 3]);
    expect(state.turns[0]).toBe(late);
  });

  it('forgets what was undone, and comes back to now if it looked there', () => {
    const before = { ...page(...turns(turn(1), turn(2), turn(3))), lookedAt: 3 };
    const state = takeEvents(before, [{ name: 'rewound', data: { turn: 1 } }]);
    expect(state.turns).toHaveLength(1);
    expect(state.lookedAt).toBeUndefined();
    expect([...state.walked.boxes]).toEqual(['table:0', 'table:1']);
  });

  it('begins again with a new stream, and keeps what the person who looks has chosen', () => {
    const before = { ...page(...turns(turn(1))), openids: ['ann'] };
    const state = takeEvents(before, [{ name: 'anew' }, ...turns(turn(7))]);
    expect(state.turns.map(({ turn: number }) => number)).toEqual([7]);
    expect(state.openids).toEqual(['ann']);
  });

  it('shows each user as they were behind the turn that is looked at', () => {
    const ann = conversation('ann', 9);
    const state = {
      ...page(...turns(turn(1), turn(2, { openid: 'ann', before: ann }), turn(3))),
      lookedAt: 1,
    };
    expect(viewOf(state, 'you')?.revision).toBe(1);
    expect(viewOf(state, 'ann')).toBe(ann);
    expect(viewOf({ ...state, lookedAt: 0 }, 'you')?.revision).toBe(0);
    expect(lookingAt(state, 2)).toEqual({ lookedAt: 2, openids: ['ann'] });
    expect(neighbour(state, 1)).toBe(2);
    expect(neighbour({ ...state, lookedAt: 3 }, 1)).toBeUndefined();
  });
});

describe('a recording', () => {
  it('opens as a page with nothing to do but to look', async () => {
    const desk = new ScriptedDesk();
    await desk.request('say', { openid: 'you', message: 'hi' });
    const [first, ...rest] = desk.backlog();
    const hello = first?.name === 'hello' ? first.data : undefined;
    const state = pageOf(
      parseRecording(
        JSON.stringify({
          colloquy: 'recording',
          wire: 1,
          recordedAt: 0,
          hello,
          turns: rest.flatMap((each) => (each.name === 'turn' ? [each.data] : [])),
          dropped: 2,
          conversations: [],
        }),
      ),
    );
    expect(state).toMatchObject({ connection: 'file', dropped: 2, hello: { powers: [] } });
    expect(state.turns).toHaveLength(1);
  });

  it.each(['', '[]', 'null', '{"colloquy":"recording","wire":1}', '{"colloquy":"other"}'])(
    'is not %j',
    (text) => {
      expect(() => parseRecording(text)).toThrow('no-recording');
    },
  );

  it('of a later version is refused', () => {
    expect(() => parseRecording('{"colloquy":"recording","wire":2}')).toThrow('later');
  });
});

describe('what a person types', () => {
  it('is a text, a short form of a transcript, or JSON', () => {
    expect(readTyped('hello [you]')).toBe('hello [you]');
    expect(readTyped('\\[image]')).toBe('[image]');
    expect(readTyped('[nothing]')).toBe('[nothing]');
    expect(readTyped('[constructor]')).toBe('[constructor]');
    expect(readTyped('[voice good day]')).toEqual({
      type: 'message.voice',
      transcript: 'good day',
    });
    expect(readTyped('{"type":"message.text","text":"a"}')).toEqual({
      type: 'message.text',
      text: 'a',
    });
    expect(readTyped('{"text":"a"}')).toBeUndefined();
    expect(readTyped('{"type":')).toBeUndefined();
    expect(isEvent(readTyped('[follow]'))).toBe(true);
    expect(isEvent(readTyped('[image]'))).toBe(false);
  });
});

describe('the difference of two contexts', () => {
  it('names what was added, removed and changed, deep inside too', () => {
    const before = { a: 1, b: { c: 1, d: 2 }, e: [1], gone: true };
    const after = { a: 2, b: { c: 1, d: 3 }, e: [1, 2], more: null };
    const kinds = (nodes: ReturnType<typeof differenceOf>): unknown =>
      Object.fromEntries(
        nodes.map(({ key, kind, inside }) => [key, inside === undefined ? kind : kinds(inside)]),
      );
    expect(kinds(differenceOf(after, before))).toEqual({
      a: 'changed',
      b: { c: 'same', d: 'changed' },
      e: { 0: 'same', 1: 'added' },
      gone: 'removed',
      more: 'added',
    });
    expect(kinds(differenceOf({ a: 1 }, undefined))).toEqual({ a: 'same' });
  });
});

describe('the search for turns', () => {
  it('takes each word from anywhere in a turn', () => {
    const all = [
      turn(1, { replies: [{ type: 'text', text: 'How many People?' }] }),
      turn(2, { openid: 'ann', cause: 'timer', outcome: 'failed' }),
    ];
    const found = (filter: Partial<Parameters<typeof searchTurns>[1]>): readonly number[] =>
      searchTurns(all, { query: '', openid: undefined, kind: '', ...filter }).map(
        ({ turn: number }) => number,
      );
    expect(found({})).toEqual([1, 2]);
    expect(found({ query: 'people word' })).toEqual([1]);
    expect(found({ query: 'people ann' })).toEqual([]);
    expect(found({ kind: 'timer' })).toEqual([2]);
    expect(found({ kind: 'failed' })).toEqual([2]);
    expect(found({ openid: 'ann' })).toEqual([2]);
  });
});
