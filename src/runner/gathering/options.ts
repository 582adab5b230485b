import type { BurstLimits } from '../../context/record/burst.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { atLeast } from '../../internal/at-least.ts';

/** When the texts that a person writes one after another are complete, and taken as one message. */
export interface GatherOptions {
  /** Milliseconds after the last text in which no other one arrives. Callers wait for them. Default 1500. */
  readonly quietMs?: number | undefined;
  /** Milliseconds from the first text after which it is complete in any case, at least `quietMs`. Default 10 000. */
  readonly maxMs?: number | undefined;
  /** The maximum of texts, at least 2: the last of them completes it at once. Default 8. */
  readonly max?: number | undefined;
}

/** The store bounds the bytes: those of a burst are as many as those of a context. */
export type GatherLimits = Omit<BurstLimits, 'maxBytes'>;

const MAX_PARTS = 8;

const KEYS = keyTable('quietMs maxMs max') satisfies KeysOf<GatherOptions>;

/** @throws UsageError `bad_option` */
export function toGatherLimits(options: GatherOptions): GatherLimits {
  checkOptions('`gather`', options, KEYS);
  const { quietMs = 1500, maxMs, max = MAX_PARTS }: GatherOptions = options;
  return {
    quietMs: atLeast(1, quietMs, 'gather.quietMs'),
    maxMs: atLeast(quietMs, maxMs ?? Math.max(quietMs, 10_000), 'gather.maxMs'),
    max: Math.floor(atLeast(2, max, 'gather.max')),
  };
}
