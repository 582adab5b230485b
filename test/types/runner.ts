import { createRunner } from 'colloquy';
import { setup } from 'xstate';

const address = setup({
  types: {} as { context: { city: string }; input: { city: string } },
}).createMachine({ context: ({ input }) => ({ city: input.city }) });
createRunner(address, { input: ({ openid }) => ({ city: openid }) });
// @ts-expect-error not the input that the dialogue takes
createRunner(address, { input: () => ({ town: 'Oslo' }) });

// One that does not name its input takes any.
const open = setup({}).createMachine({});
createRunner(open, { input: () => ({ town: 'Oslo' }) });
createRunner(open);
