import { defineConfig } from 'colloquy/cli';
import { createShop } from './dialogue.ts';

export default defineConfig({
  dialogue: createShop(() => {}),
  transcripts: ['*.chat'],
});
