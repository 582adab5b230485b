import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { atLeast } from '../../internal/at-least.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { type Snapshot, childrenOf } from './child-ref.ts';
import { machinesOf, nodesOf } from './machine-walk.ts';

/** When the texts that a person writes one after another are complete, and taken as one message. */
export interface GatherOptions {
  /** Milliseconds after the last text in which no other one arrives. Callers wait for them. Default 1500. */
  readonly quietMs?: number | undefined;
  /** Milliseconds from the first text after which it is complete in any case, at least `quietMs`. Default 10 000. */
  readonly maxMs?: number | undefined;
  /** The maximum of texts, at least 2: the last of them completes it at once. Default 8. */
  readonly max?: number | undefined;
}

export type GatherLimits = Readonly<Record<keyof GatherOptions, number>>;

/** What a state says of the texts that arrive in it: how they are gathered, or that they are not. */
export type GatherRule = GatherLimits | false;

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

/**
 * What a state says under `gather` in its `meta`; undefined if it says nothing.
 * @throws UsageError `bad_option`
 */
export function gatherRuleOf(config: object): GatherRule | undefined {
  const { meta } = config as { readonly meta?: { readonly gather?: GatherOptions | false } };
  const rule = meta?.gather;
  return rule === undefined || rule === false ? rule : toGatherLimits(rule);
}

/** Whether a state of a dialogue, or of a sub-dialogue, says how texts are gathered in it. */
export function hasGatherRule(dialogue: AnyStateMachine): boolean {
  for (const { root } of machinesOf(dialogue)) {
    for (const { config } of nodesOf(root)) if (gatherRuleOf(config) !== undefined) return true;
  }
  return false;
}

/** What the innermost active state says of those that say anything: first in a sub-dialogue, then around it. */
export function gatherRuleIn(snapshot: Snapshot): GatherRule | undefined {
  if (snapshot.status !== 'active') return undefined;
  for (const { snapshot: inner } of childrenOf(snapshot)) {
    const rule = inner && gatherRuleIn(inner);
    if (rule !== undefined) return rule;
  }
  let depth = -1;
  let innermost: GatherRule | undefined;
  for (const { config, path } of snapshot._nodes as readonly AnyStateNode[]) {
    const rule = path.length > depth ? gatherRuleOf(config) : undefined;
    if (rule === undefined) continue;
    depth = path.length;
    innermost = rule;
  }
  return innermost;
}
