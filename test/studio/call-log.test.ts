import { describe, expect, it } from 'vitest';
import { CallLog } from '../../src/studio/session/call-log.ts';

const callOf = (input: unknown, token?: string) =>
  ({ kind: 'service', name: 'book', input, token, openid: 'ann' }) as const;

describe('the log of calls', () => {
  it('knows after a way back how calls ended, in their order, each once', () => {
    const calls = new CallLog();
    const { mark } = calls;
    for (const output of [1, 2]) {
      calls.end(calls.begin(callOf('tea'), 100, undefined), { output }, 130);
    }
    calls.rewind(mark);
    expect(calls.services).toEqual([]);
    expect(calls.take(callOf('coffee'))).toBeUndefined();
    expect(calls.take(callOf('tea'))).toMatchObject({ how: { output: 1 }, tookMs: 30 });
    expect(calls.take(callOf('tea'))).toMatchObject({ how: { output: 2 } });
    expect(calls.take(callOf('tea'))).toBeUndefined();
  });

  it('goes on with a call that ran at that moment', () => {
    const calls = new CallLog();
    const begun = calls.begin(callOf('tea', 'token'), 100, undefined);
    const { mark } = calls;
    calls.end(begun, { error: new Error('sold out') }, 130);
    calls.rewind(mark);
    expect(calls.take(callOf('tea', 'token'))).toMatchObject({ endedAt: 130 });
    expect(calls.begin(callOf('tea', 'token'), 110, undefined).startedAt).toBe(100);
    expect(calls.services).toHaveLength(1);
  });

  it('keeps what a call got, also where the service changes it', () => {
    const calls = new CallLog();
    const input = { what: 'tea' };
    const begun = calls.begin(callOf(input), 0, undefined);
    input.what = 'changed';
    expect(begun.input).toEqual({ what: 'tea' });
  });

  it('knows the last 1000 outcomes', () => {
    const calls = new CallLog();
    const { mark } = calls;
    for (let number = 0; number < 1100; number += 1) {
      calls.end(calls.begin(callOf(number), 0, undefined), { output: number }, 0);
    }
    expect(calls.services).toHaveLength(1000);
    calls.rewind(mark);
    expect(calls.take(callOf(99))).toBeUndefined();
    expect(calls.take(callOf(100))).toMatchObject({ how: { output: 100 } });
  });
});
