import type { Clock } from '../clock.ts';
import { type Port, checkPort } from '../internal/port.ts';
import { PERSISTER_METHODS, type Persister } from '../persist/persister.ts';
import type { Codec } from './record/envelope.ts';

interface Parts {
  readonly persister?: Persister | undefined;
  readonly codec?: Codec | undefined;
  readonly clock?: Clock | undefined;
}

const PORTS: Readonly<Record<keyof Parts, Port>> = {
  persister: {
    place: '`persister` of createContextStore()',
    methods: PERSISTER_METHODS,
    expected:
      'is what sqlite(), lmdb(), redis(), postgres() or memory() returns, or a Persister of your own',
  },
  codec: {
    place: '`codec` of createContextStore()',
    methods: ['encode', 'decode'],
    expected: 'is jsonCodec, what sealed() returns, or a Codec of your own',
  },
  clock: {
    place: '`clock` of createContextStore()',
    methods: ['now', 'wake'],
    expected: 'is systemClock, what createManualClock() returns, or a Clock of your own',
  },
};

/**
 * Refuses what is no part of a store where it is given: at the first message it would look like an outage.
 * @throws UsageError `bad_option`
 */
export function checkParts(parts: Parts): void {
  for (const name of ['persister', 'codec', 'clock'] as const) {
    if (parts[name] !== undefined) checkPort(parts[name], PORTS[name]);
  }
}
