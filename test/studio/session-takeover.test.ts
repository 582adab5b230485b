import type { AnyStateMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { shopWith } from '../takeover/shop.ts';
import { PageOfDesk } from './session-desk.ts';

const pageOfShop = (): PageOfDesk =>
  new PageOfDesk({ dialogue: shopWith() as unknown as AnyStateMachine });

const act = (page: PageOfDesk, openid: string, done: object): Promise<unknown> =>
  page.ask('send', { openid, event: { type: 'event.operator', by: 'op', ...done } as never });

describe('a takeover in Studio', () => {
  it('is in the inbox while it waits, and says who has it', async () => {
    const page = pageOfShop();
    await page.say('ann', 'hi');
    expect(page.view('ann')).not.toHaveProperty('takeover');
    await page.say('ann', 'human');
    expect(page.view('ann')?.takeover).toEqual({});
    await act(page, 'ann', { does: 'take' });
    expect(page.view('ann')?.takeover).toEqual({ by: 'op' });
    await act(page, 'ann', { does: 'leave' });
    expect(page.view('ann')?.takeover).toEqual({});
    await act(page, 'ann', { does: 'return', text: 'solved' });
    expect(page.view('ann')).not.toHaveProperty('takeover');
    expect(page.view('ann')?.state).toBe('bot');
  });

  it('has the page speak as the operator, and tells no desk', async () => {
    const page = pageOfShop();
    await page.say('ann', 'hi', 'human');
    await act(page, 'ann', { does: 'say', text: 'Hello!' });
    expect(page.said).toContain('Hello!');
    const [hello] = page.desk.backlog();
    expect(hello?.data).toMatchObject({ services: [{ name: 'human.tell', mode: 'stub' }] });
    expect(page.problems).toEqual([]);
  });

  it('is saved as lines of an operator', async () => {
    const page = pageOfShop();
    await page.say('ann', 'hi', 'human');
    await act(page, 'ann', { does: 'say', text: 'Hello!' });
    await act(page, 'ann', { does: 'return', text: 'solved' });
    expect(await page.saved('chat', { openid: 'ann' })).toContain(
      'op> Hello!\n< Hello!\nop> [back solved]\n',
    );
  });
});
