import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { AnyStateMachine } from 'xstate';
import { type StateDescription, describeDialogues } from '../../dialogue/engine/description.ts';
import { UsageError } from '../../errors.ts';
import { boxIdsIn, chartNamesOf } from '../../graph/box-ids.ts';
import { stateKey } from '../../testing/coverage/items.ts';
import type { FoundCall } from '../../testing/explore/replay.ts';
import { findWay } from '../../testing/explore/way.ts';
import { type Stub, hangs, takes } from '../../testing/services.ts';
import type { StudioAnswers, StudioRequests } from '../wire-requests.ts';
import { badRequest } from './acts.ts';
import type { LoggedCall } from './call-log.ts';
import { asMessage } from './as-message.ts';
import type { SessionSubject } from './session.ts';

type Steps = StudioRequests['play']['messages'];

/** The number of ways whose services are remembered until they are played. */
const MAX_WAYS = 100;

/** Finds the shortest conversation to a state, and remembers how services go on it. */
export class Ways {
  readonly #calls = new LRUCache<string, readonly FoundCall[]>({ max: MAX_WAYS });

  /**
   * @param about `now` is when the conversation begins, and `calls` show what services give that the config does not name
   * @throws UsageError `bad_request` if there is no such box, `no_way` if nothing was found that leads there
   */
  async to(
    { dialogue, explore = {}, settings }: SessionSubject,
    box: string,
    { now, calls }: { readonly now: number; readonly calls: readonly LoggedCall[] },
  ): Promise<StudioAnswers['path']> {
    const state = stateOfBox(dialogue, box);
    if (state === undefined) throw badRequest('There is no such box, or it is no state.');
    const { input, recognize, recognizers } = { ...settings, ...explore };
    const { samples, budget, maxDepth, seed } = explore;
    const services = { ...outputsOf(calls), ...explore.services };
    const { way, needs } = await findWay(dialogue, stateKey(state), {
      ...{ input, recognize, recognizers, services, samples, budget, maxDepth, seed, now },
    });
    if (way === undefined) throw noWay(state, needs);
    const messages = way.steps.map((step) =>
      step.type === 'say' ? asMessage(step.message) : { advance: step.ms },
    );
    this.remember(messages, way.calls);
    return { messages, lines: way.transcript.trimEnd().split('\n') };
  }

  /** Remembers how services go on a way. */
  remember(steps: Steps, calls: readonly FoundCall[]): void {
    this.#calls.set(JSON.stringify(steps), calls);
  }

  /** How services go on a way that was found before. */
  stubsFor(steps: Steps): readonly { readonly service: string; readonly stub: Stub }[] {
    const calls = this.#calls.get(JSON.stringify(steps)) ?? [];
    return calls.map((call) => ({ service: call.service, stub: stubOfCall(call) }));
  }
}

/** What services gave, each output once. */
function outputsOf(calls: readonly LoggedCall[]): Readonly<Record<string, readonly unknown[]>> {
  const outputs: Record<string, unknown[]> = {};
  for (const { name, end } of calls) {
    if (end === undefined || !('output' in end.how)) continue;
    const { output } = end.how;
    const known = (outputs[name] ??= []);
    if (!known.some((each) => isDeepStrictEqual(each, output))) known.push(output);
  }
  return outputs;
}

function stubOfCall({ ms, ending }: FoundCall): Stub {
  if (ms === undefined || ending === undefined) return hangs();
  const end: Stub = async () => {
    if ('error' in ending) throw ending.error as Error;
    return ending.output;
  };
  return ms > 0 ? takes(ms, end) : end;
}

function stateOfBox(dialogue: AnyStateMachine, box: string): StateDescription | undefined {
  const dialogues = describeDialogues(dialogue);
  const names = chartNamesOf(dialogues);
  for (const each of dialogues) {
    for (const [state, id] of boxIdsIn(each, names.get(each.machine) ?? each.id)) {
      if (id === box && state.type !== 'history') return state;
    }
  }
  return undefined;
}

function noWay({ path }: StateDescription, needs: readonly string[]): UsageError {
  const missing =
    needs.length === 0
      ? ''
      : ` The dialogue looks at what ${needs.join(', ')} gives: name outputs in the config, under \`explore.services\`.`;
  return new UsageError(
    'no_way',
    `No conversation was found that leads to '${path}'.${missing} Messages that it takes can be named under \`explore.samples\`.`,
  );
}
