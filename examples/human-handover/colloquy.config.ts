import { defineConfig } from 'colloquy/cli';

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
  converse: { services: { open: async () => 'T-7' } },
  explore: {
    services: { open: ['T-7'] },
    budget: 2000,
  },
});
