import { ColloquyChat } from './element.ts';

// A page may have the script twice.
if (customElements.get('colloquy-chat') === undefined) {
  customElements.define('colloquy-chat', ColloquyChat);
}
