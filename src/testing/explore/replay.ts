import type { AnyStateMachine } from 'xstate';
import type { RunnerOptions } from '../../runner/options.ts';
import { converse } from '../converse.ts';
import type { Stub } from '../services.ts';
import type { Ending, Happening } from './model.ts';

/** One call of a service in a conversation that was found, in the order of the calls. */
export interface FoundCall {
  readonly service: string;
  /** Virtual milliseconds that it takes; undefined where it has not ended by then. */
  readonly ms: number | undefined;
  readonly ending: Ending | undefined;
}

/** A step of a conversation that was found, as one writes it in a test. */
export type FoundStep =
  | { readonly type: 'say'; readonly message: Extract<Happening, { type: 'message' }>['message'] }
  | { readonly type: 'advance'; readonly ms: number };

/** What is to be done to go the way again: the steps, and how each call of a service ends. */
export interface Script {
  readonly steps: readonly FoundStep[];
  readonly calls: readonly FoundCall[];
}

/** @param started the tokens of the services that began with each happening, with their names */
export function scriptOf(
  way: readonly {
    readonly happening: Happening;
    readonly now: number;
    readonly started: readonly { readonly token: string; readonly src: string }[];
  }[],
): Script {
  const steps: FoundStep[] = [];
  const calls = new Map<string, { service: string; at: number; ms?: number; ending?: Ending }>();
  for (const { happening, now, started } of way) {
    if (happening.type === 'message') steps.push({ type: 'say', message: happening.message });
    else if (happening.ms > 0) {
      const last = steps.at(-1);
      if (last?.type === 'advance') {
        steps[steps.length - 1] = { type: 'advance', ms: last.ms + happening.ms };
      } else steps.push({ type: 'advance', ms: happening.ms });
    }
    if (happening.type === 'service') {
      const call = calls.get(happening.token);
      if (call !== undefined) Object.assign(call, { ms: now - call.at, ending: happening.ending });
    }
    for (const { token, src } of started) calls.set(token, { service: src, at: now });
  }
  return {
    steps,
    calls: [...calls.values()].map(({ service, ms, ending }) => ({ service, ms, ending })),
  };
}

/** Stubs by which services end as in a script. @returns how many calls came that it does not have, too */
export function stubsOf(
  calls: readonly FoundCall[],
  services: Iterable<string>,
): Record<string, Stub> {
  return Object.fromEntries(
    [...services].map((name) => {
      const own = calls.filter(({ service }) => service === name);
      let next = 0;
      const stub: Stub = async (_input, { clock, signal }) => {
        const call = own[next];
        next += 1;
        if (call?.ending === undefined || call.ms === undefined) return new Promise(() => {});
        if (call.ms > 0) {
          const at = clock.now() + call.ms;
          await new Promise<void>((resolve) => {
            const cancel = clock.wake(at, resolve);
            signal.addEventListener('abort', cancel, { once: true });
          });
        }
        if ('error' in call.ending) throw call.ending.error;
        return call.ending.output;
      };
      return [name, stub];
    }),
  );
}

/** So long, in virtual time, whatever conversation was found lives. */
const AGE_SECONDS = 100 * 365 * 86_400;

export interface Replayed {
  /** As in a file of transcripts; it says how the calls of services end in comments. */
  readonly transcript: string;
  readonly errors: readonly unknown[];
}

/** Goes the way again on the real runner. */
export async function replay(
  dialogue: AnyStateMachine,
  { steps, calls }: Script,
  services: Iterable<string>,
  {
    now,
    runner,
  }: { readonly now: number; readonly runner: Omit<RunnerOptions, 'store' | 'clock' | 'createId'> },
): Promise<Replayed> {
  const chat = converse(dialogue, {
    ...runner,
    // Nobody waits for a service that takes time: what may happen in the meantime is to happen.
    ...(calls.some(({ ms }) => ms !== 0) && { deadlineMs: 0 }),
    recognizeMs: 1000,
    now,
    store: { age: AGE_SECONDS },
    services: stubsOf(calls, services),
  } as never);
  for (const step of steps) {
    if (step.type === 'say') await chat.send(step.message);
    else await chat.advance(step.ms).catch(() => undefined);
  }
  const { transcript, errors } = chat;
  await chat.close();
  return { transcript: `${calls.map(lineOf).join('')}${transcript}`, errors: [...errors] };
}

function lineOf({ service, ms, ending }: FoundCall): string {
  if (ending === undefined || ms === undefined) return `# ${service} does not end\n`;
  const after = ms === 0 ? '' : ` after ${ms} ms`;
  if ('error' in ending) return `# ${service} fails${after}\n`;
  return `# ${service} gives ${inJson(ending.output)}${after}\n`;
}

function inJson(output: unknown): string {
  try {
    return JSON.stringify(output)?.slice(0, 200) ?? 'nothing';
  } catch {
    return 'something';
  }
}
