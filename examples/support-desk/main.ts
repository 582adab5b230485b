import { talkInTerminal } from '../terminal.ts';
import desk from './dialogue.ts';
import { model } from './model.ts';

// npx tsx examples/support-desk/main.ts
await talkInTerminal(desk, {
  recognize: model,
  // A program can write to a terminal at any time. So the user need not wait for a service, and can cancel it instead.
  ...(process.stdin.isTTY && { deadlineMs: 1000 }),
});
