import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect as jestExpect } from 'expect';
import { converse } from 'colloquy/testing';
import 'colloquy/testing/jest';
import 'colloquy/testing/vitest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { matchers } from '../../../src/testing/matchers/matchers.ts';
import { weather } from '../converse/dialogues.ts';

async function talked() {
  const chat = converse(weather);
  await chat.say('hi');
  await chat.say('Oslo');
  return chat;
}

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

const soFar = [
  '',
  'The conversation so far:',
  '',
  '    > hi',
  '    < Which city?',
  '    > Oslo',
  '    < How many days?',
  '    = days.waiting',
].join('\n');

type Expected = Readonly<
  Record<'toReply' | 'toBeInState' | 'toRemember' | 'toExpireIn', (expected: never) => void>
>;
type Expecting = (chat: unknown) => Expected & { readonly not: Expected };

const runners: readonly (readonly [string, () => Promise<Expecting>])[] = [
  ['Vitest', async () => expect as unknown as Expecting],
  [
    'Jest',
    async () => {
      vi.stubGlobal('expect', jestExpect);
      onTestFinished(() => void vi.unstubAllGlobals());
      vi.resetModules();
      await import('colloquy/testing/jest');
      // The modules that were loaded again have their own converse().
      jestExpect.extend(matchers as never);
      return jestExpect as unknown as Expecting;
    },
  ],
];

describe.each(runners)('the matchers of %s', (_runner, load) => {
  it.each<[string, unknown, unknown, string, string]>([
    [
      'toReply',
      'How many days?',
      'How many?',
      'Expected the reply "How many?", but "How many days?" was said.',
      'Expected no reply "How many days?", but "How many days?" was said.',
    ],
    [
      'toBeInState',
      'days',
      'city',
      "Expected the state 'city', but it is 'days.waiting'.",
      "Expected another state than 'days', but it is 'days.waiting'.",
    ],
    [
      'toRemember',
      { city: 'Oslo' },
      { city: 'Rome' },
      "Expected the context to hold 'Rome' under 'city', but it is 'Oslo'.",
      "Expected the context to hold something else than { city: 'Oslo' }.",
    ],
    [
      'toExpireIn',
      { hours: 2 },
      1000,
      'Expected the conversation to expire in 1s, but it does so in 2h.',
      'Expected the conversation not to expire in 2h.',
    ],
  ])('%s passes, fails and says why', async (name, right, wrong, problem, contrary) => {
    const expecting = await load();
    const chat = await talked();
    const matcher = name as keyof Expected;
    expecting(chat)[matcher](right as never);
    expecting(chat).not[matcher](wrong as never);
    expect(thrownBy(() => expecting(chat)[matcher](wrong as never))).toBe(`${problem}\n${soFar}`);
    expect(thrownBy(() => expecting(chat).not[matcher](right as never))).toBe(
      `${contrary}\n${soFar}`,
    );
    expect(thrownBy(() => expecting({})[matcher](right as never))).toBe(
      'These matchers are for what converse() returns.',
    );
  });
});

describe('a golden transcript', () => {
  const golden = (mode?: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-golden-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const state = {
      testPath: join(folder, 'some.test.ts'),
      snapshotState: mode === undefined ? undefined : { _updateSnapshot: mode },
    };
    return { file: join(folder, 'chats/a.chat'), state };
  };
  const compare = (
    chat: unknown,
    { state }: ReturnType<typeof golden>,
    mode?: string,
  ): { pass: boolean; text: string } => {
    const snapshotState = mode === undefined ? state.snapshotState : { _updateSnapshot: mode };
    const { pass, message } = matchers.toMatchTranscript.call(
      { ...state, snapshotState },
      chat,
      'chats/a.chat',
    );
    return { pass, text: message() };
  };

  it('is written where there is none, and compared from then on', async () => {
    const chat = await talked();
    const place = golden();
    expect(compare(chat, place)).toEqual({ pass: true, text: '' });
    expect(readFileSync(place.file, 'utf8')).toBe(chat.transcript);
    writeFileSync(place.file, `# For its readers.\n\n${chat.transcript}= days\n`);
    expect(compare(chat, place, 'none')).toEqual({ pass: true, text: '' });
  });

  it('fails with the lines that are other ones, until it is updated', async () => {
    const chat = await talked();
    const place = golden();
    writeFileSync(join(place.file, '../../a.chat'), '');
    compare(chat, place);
    writeFileSync(place.file, '> hi\n< Which town?\n> Oslo\n< How many days?\n! expired\n');
    expect(compare(chat, place)).toEqual({
      pass: false,
      text: [
        `The conversation is not the one in ${place.file}; -u writes it there.`,
        '',
        '  > hi',
        '- < Which town?',
        '+ < Which city?',
        '  > Oslo',
        '  < How many days?',
        '- ! expired',
      ].join('\n'),
    });
    expect(compare(chat, place, 'all').pass).toBe(true);
    expect(readFileSync(place.file, 'utf8')).toBe(chat.transcript);
  });

  it('is not written in CI', async () => {
    const place = golden('none');
    expect(compare(await talked(), place)).toEqual({
      pass: false,
      text: `There is no ${place.file}, and none is written here.`,
    });
    expect(existsSync(place.file)).toBe(false);
  });

  it('has no contrary', async () => {
    const chat = await talked();
    expect(() => expect(chat).not.toMatchTranscript('a.chat')).toThrow('has no contrary');
  });

  it('stands beside the test', async () => {
    expect(await talked()).toMatchTranscript('oslo.chat');
  });
});

it('is typed', async () => {
  const chat = await talked();
  // @ts-expect-error a state is a string
  expect(() => expect(chat).toBeInState(3)).toThrow();
  expect(chat).toReply(/days/);
});

it('is typed for the `expect` of @jest/globals, which is that of the package expect', async () => {
  jestExpect.extend(matchers as never);
  const chat = await talked();
  jestExpect(chat).toReply(/days/);
  jestExpect(chat).not.toBeInState('city');
  // @ts-expect-error a state is a string
  expect(() => jestExpect(chat).toBeInState(3)).toThrow();
});
