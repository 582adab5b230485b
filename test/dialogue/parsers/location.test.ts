import { describe, expect, it } from 'vitest';
import { location } from '../../../src/dialogue/parsers/location.ts';
import { read } from './reading.ts';

describe('location', () => {
  it('says where it is, and nothing else of the message', () => {
    const place = { latitude: 31.23, longitude: 121.47 };
    expect(read(location(), { type: 'message.location', ...place, raw: {} })).toEqual(place);
    const named = { ...place, label: 'The Bund' };
    expect(read(location(), { type: 'message.location', ...named })).toEqual(named);
  });

  it.each([
    [90.1, 0],
    [0, -180.1],
    [Number.NaN, 0],
    [0, Infinity],
  ])('takes no place that is not on Earth: %d, %d', (latitude, longitude) => {
    const message = { type: 'message.location', latitude, longitude } as const;
    expect(read(location(), message)).toBe('issue.location');
  });

  it('asks for a location after anything else', () => {
    expect(read(location(), '31.23, 121.47')).toBe('issue.location');
  });
});
