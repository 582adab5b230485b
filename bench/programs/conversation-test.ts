// A test of a conversation, as users write them: a dialogue, a manual clock, ten messages, and two years.
import { entry } from '../library.ts';
import { serve } from '../serve.ts';
import { TURNS, answer, line, survey } from '../survey.ts';

const ROUNDS = 2;

const calls = {
  /** @returns the milliseconds that each counted run took */
  async run({ warmUp, counted }: { warmUp: number; counted: number }): Promise<number[]> {
    const { converse } = await entry('testing');
    const took: number[] = [];
    for (let run = 0; run < warmUp + counted; run += 1) {
      const start = performance.now();
      const chat = converse(survey);
      for (let round = 0; round < ROUNDS; round += 1) {
        for (let turn = 0; turn < TURNS; turn += 1) {
          await chat.say(line(run, turn));
          chat.expectReply(answer(run, round, turn));
        }
      }
      chat.expectState('idle').expectContext({ name: `n${run}`, age: 42, rounds: ROUNDS });
      await chat.advance({ days: 2 * 365 });
      chat.expectExpired();
      if (run >= warmUp) took.push(performance.now() - start);
    }
    return took;
  },
};

export type ConversationTestCalls = typeof calls;

serve(calls);
