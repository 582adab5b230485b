/** Marks the config of a state that runs a service with retries. XState keeps what it does not know. */
export const SERVICE_MARK: unique symbol = Symbol.for('colloquy.service');

/** The name of the service that a state of `service` runs; undefined for any other state. */
export function serviceOf(config: object): string | undefined {
  return (config as { readonly [SERVICE_MARK]?: string })[SERVICE_MARK];
}
