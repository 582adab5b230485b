import { defineConfig } from 'colloquy/cli';

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
});
