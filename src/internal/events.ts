import mitt, { type Handler } from 'mitt';
import { type MaybePromise, isPromise } from './maybe.ts';

/** Takes the listener off again. */
export type Off = () => void;

/** A mitt emitter whose listeners cannot hurt the one who emits, nor each other. */
export interface Events<Map extends Record<string, unknown>> {
  on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => unknown): Off;
  emit<Name extends keyof Map>(name: Name, event: Map[Name]): void;
  /** The same, and whether every listener took it, those that answer with a promise too; false where nobody listens. */
  deliver<Name extends keyof Map>(name: Name, event: Map[Name]): MaybePromise<boolean>;
  /** Whether anybody listens: spares the making of an event that nobody would see. */
  heard(name: keyof Map): boolean;
}

type Listener<Event> = (event: Event) => MaybePromise<boolean>;

/**
 * @param onFault is told what a listener threw or rejected with, and on which event.
 */
export function createEvents<Map extends Record<string, unknown>>(
  onFault: (fault: unknown, name: keyof Map) => void,
): Events<Map> {
  const emitter = mitt<Map>();
  return {
    on(name, listener) {
      const refused = (fault: unknown): boolean => {
        onFault(fault, name);
        return false;
      };
      const guarded = (event: Map[typeof name]): MaybePromise<boolean> => {
        try {
          const result: unknown = listener(event);
          return result instanceof Promise ? result.then(() => true, refused) : true;
        } catch (fault) {
          return refused(fault);
        }
      };
      emitter.on(name, guarded as Handler<Map[typeof name]>);
      return () => emitter.off(name, guarded as Handler<Map[typeof name]>);
    },
    emit: (name, event) => emitter.emit(name, event),
    deliver(name, event) {
      const listeners = [...(emitter.all.get(name) ?? [])] as unknown[] as Listener<typeof event>[];
      const taken = listeners.map((listener) => listener(event));
      if (!taken.some(isPromise)) return taken.length > 0 && taken.every(Boolean);
      return Promise.all(taken.map(async (each) => each)).then((all) => all.every(Boolean));
    },
    heard: (name) => (emitter.all.get(name)?.length ?? 0) > 0,
  };
}
