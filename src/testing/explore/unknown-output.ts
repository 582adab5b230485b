import type { Step } from '../../dialogue/engine/engine.ts';
import type { Ending } from './pure-state.ts';

/** The end of a service without given outputs: it continues where the dialogue does not read the output. */
export const UNKNOWN_OUTPUT: Ending = Object.freeze({ output: undefined });

/** The dialogue looked at an output that is not known. */
export class OutputNeeded extends Error {
  readonly service: string;

  constructor(service: string) {
    super(`The service '${service}' needs outputs under \`services\`.`);
    this.service = service;
  }
}

/** @throws OutputNeeded where the step looks at the output of the event */
export function withoutOutput(service: string, event: object, take: () => Step): Step {
  let isNeeded = false;
  Object.defineProperty(event, 'output', {
    enumerable: true,
    get() {
      isNeeded = true;
    },
  });
  let step: Step | undefined;
  let thrown: unknown;
  try {
    step = take();
  } catch (error) {
    thrown = error;
  }
  // What the step made, or threw, came of the output that was not there.
  if (isNeeded) throw new OutputNeeded(service);
  if (step === undefined) throw thrown;
  return step;
}
