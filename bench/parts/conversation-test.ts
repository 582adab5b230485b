import { format } from '../format.ts';
import { withBuild } from '../library.ts';
import type { Part, Report } from '../part.ts';
import { launch } from '../processes.ts';
import type { ConversationTestCalls } from '../programs/conversation-test.ts';
import { figureOf, quantile } from '../statistics.ts';

/** The time that a test of a conversation takes. */
export const conversationTest: Part = {
  name: 'test',
  async run(scale): Promise<Report> {
    scale.note('tests of a conversation');
    const program = launch<ConversationTestCalls>('conversation-test', {
      env: withBuild(scale.build),
    });
    const took = await program.call('run', { warmUp: 300, counted: scale.quick ? 500 : 2000 });
    await program.end();
    const figure = figureOf(took);
    return {
      title: 'A test of a conversation',
      text: '`converse(survey)`, ten messages with an expectation after each, then two virtual years in which the context expires: each run sets everything up again, as a test does.',
      tables: [
        {
          head: ['median', 'p99'],
          rows: [[`${format(figure.median)} ms`, `${format(quantile(took, 0.99))} ms`]],
        },
      ],
      checks: [{ what: 'a test of ten messages', figure, unit: 'ms', atMost: 0.5 }],
    };
  },
};
