import { type Reply, formatReply } from 'colloquy';
import { describe, expect, it } from 'vitest';

describe('a reply as plain text', () => {
  it.each<[what: string, reply: Reply, text: string]>([
    ['a text as it is', { type: 'text', text: ' two\nlines ' }, ' two\nlines '],
    ['an image', { type: 'image', mediaId: 'm' }, '[image]'],
    [
      'an image with what it shows and where',
      { type: 'image', url: 'https://x/1.png', alt: 'a map' },
      '[image] a map https://x/1.png',
    ],
    ['a voice', { type: 'voice', url: 'https://x/1.mp3' }, '[voice] https://x/1.mp3'],
    ['a video', { type: 'video', mediaId: 'm', title: 'Hi', description: 'd' }, '[video] Hi'],
    ['music', { type: 'music', url: 'https://x', title: 'Song' }, '[music] Song https://x'],
    [
      'news, a line for each article',
      {
        type: 'news',
        articles: [
          { title: 'One', url: 'https://x/1' },
          { title: 'Two', url: 'https://x/2' },
        ],
      },
      '[article] One https://x/1\n[article] Two https://x/2',
    ],
    [
      'choices, numbered, by what the user would see',
      {
        type: 'choices',
        text: 'Which?',
        options: [{ value: 'a', label: 'Apples' }, { value: 'b' }],
      },
      'Which?\n1. Apples\n2. b',
    ],
    ['choices without a text', { type: 'choices', text: '', options: [{ value: 'a' }] }, '1. a'],
    ['a handoff', { type: 'handoff' }, '[handoff]'],
    ['a handoff to one agent', { type: 'handoff', to: 'desk' }, '[handoff] desk'],
    [
      'a raw one, without its payload',
      { type: 'raw', channel: 'wechat', payload: 1 },
      '[raw] wechat',
    ],
  ])('is %s', (_what, reply, text) => expect(formatReply(reply)).toBe(text));
});
