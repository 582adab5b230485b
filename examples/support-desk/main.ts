import { talkInTerminal } from '../terminal.ts';
import desk from './dialogue.ts';
import { model } from './model.ts';

// npx tsx examples/support-desk/main.ts
await talkInTerminal(desk, {
  recognize: model,
  // A terminal can be written to at any time. So nobody is kept waiting for a service, who could cancel it instead.
  ...(process.stdin.isTTY && { deadlineMs: 1000 }),
});
