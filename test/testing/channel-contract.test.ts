import { ColloquyError } from 'colloquy';
import { ContractError, channelContract, selectCases } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { slackSubject } from '../channels/subjects/slack.ts';
import { telegramSubject } from '../channels/subjects/telegram.ts';
import { channelFaults } from './faulty/channels.ts';

const caseOf = (name: string) => {
  const found = channelContract.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case "${name}"`);
  return found;
};

/** The result of a run. */
const faultOf = (run: Promise<void>): Promise<unknown> =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the contract of channels', () => {
  it('has a faulty channel for every case, and every name once', () => {
    const names = channelContract.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(channelFaults.map(({ breaks }) => breaks))).toEqual(new Set(names));
    const titles = channelFaults.map(({ breaks, what }) => `${breaks}: ${what}`);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

// That sound ones pass is shown with the channels of the library.
for (const { name } of channelContract) {
  describe(`"${name}" finds one that`, () => {
    for (const { what, says, subject } of channelFaults.filter(({ breaks }) => breaks === name)) {
      it(what, async () => {
        const error = await faultOf(caseOf(name).run(subject()));
        expect(error).toBeInstanceOf(ContractError);
        expect((error as Error).message).toContain(says);
      });
    }
  });
}

describe('a case', () => {
  it('is not passed over for what the subject does not declare', async () => {
    const error = await faultOf(
      caseOf('a handshake is answered, and carries no message').run(telegramSubject),
    );
    expect(ColloquyError.is(error, 'bad_subject')).toBe(true);
  });

  it.each([
    ['users that can meet', 'an openid begins with the prefix of its channel', { payloads: [] }],
    [
      'a payload of what it declares',
      'a handshake is answered, and carries no message',
      { payloads: telegramSubject.payloads },
    ],
  ])('wants %s', async (_what, name, spoilt) => {
    const error = await faultOf(caseOf(name).run({ ...slackSubject, ...spoilt }));
    expect(ColloquyError.is(error, 'bad_subject')).toBe(true);
  });

  it('applies to a subject by its capabilities, and the others are named', () => {
    const { cases, skipped } = selectCases(channelContract, { capabilities: ['push'] });
    expect(cases.map(({ name }) => name)).toContain('a text is pushed as it is');
    expect(skipped).toContain('a part that went out is not sent again');
    expect(cases.length + skipped.length).toBe(channelContract.length);
  });
});
