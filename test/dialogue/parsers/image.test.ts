import { describe, expect, it } from 'vitest';
import { image } from '../../../src/dialogue/parsers/image.ts';
import { read } from './reading.ts';

describe('image', () => {
  it('says where the picture is, and nothing else of the message', () => {
    const url = 'https://example.org/1.png';
    expect(read(image(), { type: 'message.image', url, receivedAt: 1, raw: {} })).toEqual({ url });
    expect(read(image(), { type: 'message.image', mediaId: '1' })).toEqual({ mediaId: '1' });
  });

  it('asks for a picture after anything else, and after one that is nowhere', () => {
    expect(read(image(), 'https://example.org/1.png')).toBe('issue.image');
    expect(read(image(), { type: 'message.video', mediaId: '1' })).toBe('issue.image');
    expect(read(image(), { type: 'message.image' })).toBe('issue.image');
  });
});
