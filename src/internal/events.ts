import mitt, { type Handler } from 'mitt';

/** Takes the listener off again. */
export type Off = () => void;

/** A mitt emitter whose listeners cannot hurt the one who emits, nor each other. */
export interface Events<Map extends Record<string, unknown>> {
  on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => unknown): Off;
  emit<Name extends keyof Map>(name: Name, event: Map[Name]): void;
  /** Whether anybody listens: spares the making of an event that nobody would see. */
  heard(name: keyof Map): boolean;
}

/**
 * @param onFault is told what a listener threw or rejected with, and on which event.
 */
export function createEvents<Map extends Record<string, unknown>>(
  onFault: (fault: unknown, name: keyof Map) => void,
): Events<Map> {
  const emitter = mitt<Map>();
  return {
    on(name, listener) {
      const guarded: Handler<Map[typeof name]> = (event) => {
        try {
          const result: unknown = listener(event);
          if (result instanceof Promise) result.catch((fault: unknown) => onFault(fault, name));
        } catch (fault) {
          onFault(fault, name);
        }
      };
      emitter.on(name, guarded);
      return () => emitter.off(name, guarded);
    },
    emit: (name, event) => emitter.emit(name, event),
    heard: (name) => (emitter.all.get(name)?.length ?? 0) > 0,
  };
}
