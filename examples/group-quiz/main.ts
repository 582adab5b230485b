import { talkInTerminal } from '../terminal.ts';
import quiz from './dialogue.ts';

// npx tsx examples/group-quiz/main.ts
// Everybody sits at one keyboard: “Ann: join” is what Ann says.
await talkInTerminal(quiz, {}, () => ({
  parse(line) {
    const [, name = '', text = ''] = /^(\w+): (.+)$/u.exec(line) ?? [];
    return name === '' ? undefined : { type: 'message.text', text, from: { id: name, name } };
  },
}));
