import mitt, { type Handler } from 'mitt';
import type { MaybePromise } from './maybe.ts';

/** Takes the listener off again. */
export type Off = () => void;

/** A mitt emitter whose listeners cannot hurt the one who emits, nor each other. */
export interface Events<Map extends Record<string, unknown>> {
  on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => unknown): Off;
  emit<Name extends keyof Map>(name: Name, event: Map[Name]): void;
  /**
   * The same, but returns what the listeners threw or rejected with and does not report it; undefined without a listener.
   */
  deliver<Name extends keyof Map>(
    name: Name,
    event: Map[Name],
  ): MaybePromise<readonly unknown[] | undefined>;
  /** Whether there is a listener: without one, no event has to be made. */
  heard(name: keyof Map): boolean;
}

/**
 * @param onFault receives what a listener threw or rejected with, and the name of the event
 */
export function createEvents<Map extends Record<string, unknown>>(
  onFault: (fault: unknown, name: keyof Map) => void,
): Events<Map> {
  const emitter = mitt<Map>();
  const unguarded = new WeakMap<object, (event: never) => unknown>();
  return {
    on(name, listener) {
      const refused = (fault: unknown): void => onFault(fault, name);
      const guarded = (event: Map[typeof name]): void => {
        try {
          const result: unknown = listener(event);
          if (result instanceof Promise) result.catch(refused);
        } catch (fault) {
          refused(fault);
        }
      };
      unguarded.set(guarded, listener as (event: never) => unknown);
      emitter.on(name, guarded as Handler<Map[typeof name]>);
      return () => emitter.off(name, guarded as Handler<Map[typeof name]>);
    },
    emit: (name, event) => emitter.emit(name, event),
    deliver(name, event) {
      const listeners = [...(emitter.all.get(name) ?? [])];
      if (listeners.length === 0) return undefined;
      const faults: unknown[] = [];
      const pending: Promise<unknown>[] = [];
      for (const guarded of listeners) {
        try {
          const result = unguarded.get(guarded)?.(event as never);
          if (result instanceof Promise) {
            pending.push(result.catch((fault: unknown) => void faults.push(fault)));
          }
        } catch (fault) {
          faults.push(fault);
        }
      }
      return pending.length === 0 ? faults : Promise.all(pending).then(() => faults);
    },
    heard: (name) => (emitter.all.get(name)?.length ?? 0) > 0,
  };
}
