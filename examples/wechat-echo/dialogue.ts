import { setupDialogue } from 'colloquy';

const echo = setupDialogue({
  types: {} as { context: { count: number; last?: string } },
});

export default echo.createDialogue({
  id: 'echo',
  version: '1',
  context: { count: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': {
          actions: [
            echo.assign({ count: ({ context }) => context.count + 1 }),
            echo.reply(({ context: { count, last } }) =>
              last === undefined
                ? `这是第 ${count} 次对话`
                : `这是第 ${count} 次对话,上一次对话文字:${last}`,
            ),
            echo.assign({ last: ({ event }) => event.text }),
          ],
        },
        'message.*': { actions: echo.reply('错误的信息类型') },
        'event.*': { actions: echo.reply('错误的信息类型') },
        // The user has left and reads no answer.
        'event.unfollow': {},
      },
    },
  },
});
