import { copyDialogue } from '../../dialogue/engine/machine-walk.ts';
import { Inputs } from '../../testing/explore/inputs.ts';
import { PureRunner } from '../../testing/explore/pure-runner.ts';
import { formatMessage } from '../../testing/transcript-message.ts';
import type { StudioAnswers } from '../wire-requests.ts';
import { asMessage } from './as-message.ts';
import type { SessionSubject } from './session.ts';
import type { World } from './world.ts';

/** The maximum of inputs that are shown. */
const MAX_INPUTS = 40;

/** What a user could say next: the options of their question, samples of what parsers and intents take, commands. */
export async function inputsOf(
  { dialogue, settings, explore }: SessionSubject,
  world: World,
  openid: string,
): Promise<StudioAnswers['next']['inputs']> {
  const runner = new PureRunner(copyDialogue(dialogue, { isUnwatched: true }), settings);
  const now = world.time.now();
  const inputs = new Inputs(runner, explore?.samples ?? [], now);
  const record = await world.look((core) => core.read(openid));
  const isKept = record !== undefined && record.absent === undefined;
  const state = isKept ? runner.resumed(record, now) : { record: undefined, now, fresh: [] };
  const { messages, commands } = inputs.of(state);
  const offers = world.recorder.offersOf(openid);
  return [...messages, ...commands].slice(0, MAX_INPUTS).map((incoming) => {
    const message = asMessage(incoming);
    const pressed = message.type === 'message.action' ? offers.option(message.value) : undefined;
    return { label: pressed?.label ?? formatMessage(incoming), message };
  });
}
