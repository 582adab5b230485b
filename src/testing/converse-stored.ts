import type { AnyStateMachine } from 'xstate';
import { openRecord } from '../context/record/envelope.ts';
import { type Conversation, inspectRecord } from '../context/record/inspect.ts';
import { jsonCodec } from '../context/record/json-codec.ts';
import { createEngine } from '../dialogue/engine/engine.ts';
import { ColloquyError } from '../errors.ts';
import { diskOf } from '../persist/memory.ts';
import type { ConverseOptions } from './converse-options.ts';

/** Whether another conversation may have left records where this one keeps its own. */
export function isUsedBefore({ persister }: ConverseOptions<AnyStateMachine>): boolean {
  if (persister === undefined) return false;
  const disk = diskOf(persister);
  return disk === undefined || persister.lease !== undefined || disk.lastRevision > 0;
}

/**
 * What another conversation has left of a user, so that a chat can tell it before its first message. Only a disk in memory
 * shows it without a call of the persister.
 */
export function storedView(
  openid: string,
  dialogue: AnyStateMachine,
  { persister, store }: ConverseOptions<AnyStateMachine>,
): Conversation | undefined {
  const stored = persister && diskOf(persister)?.records.get(openid);
  if (stored === undefined) return undefined;
  try {
    const record = openRecord(stored, store?.codec ?? jsonCodec);
    return record.absent === undefined ? inspectRecord(record, createEngine(dialogue)) : undefined;
  } catch (error) {
    // The first turn says so.
    if (ColloquyError.is(error, 'corrupt')) return undefined;
    throw error;
  }
}
