import { talkInTerminal } from '../terminal.ts';
import survey from './dialogue.ts';

// npx tsx examples/survey/main.ts
await talkInTerminal(survey);
