import { talkInTerminal } from '../terminal.ts';
import healthCheck from './dialogue.ts';

// npx tsx examples/health-check/main.ts
await talkInTerminal(healthCheck);
