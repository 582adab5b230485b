import { defineConfig } from 'colloquy/cli';

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
  converse: { services: { post: async () => undefined } },
  explore: { services: { post: [undefined] }, budget: 2000 },
});
