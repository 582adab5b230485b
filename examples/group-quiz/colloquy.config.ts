import { defineConfig } from 'colloquy/cli';

const [ann, bob] = [{ id: '1', name: 'Ann' }, { id: '2' }];
const said = (text: string, from: { id: string; name?: string }) =>
  ({ type: 'message.text', text, from }) as const;

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
  explore: {
    // Who says it cannot be guessed.
    samples: [said('join', ann), said('join', bob), said('1', ann), said('2', bob)],
    budget: 2000,
  },
});
