import type { AnyStateMachine } from 'xstate';
import type { Recognizer } from '../text/recognizers.ts';
import { FORM_VIEW, formViewOf } from './form-mark.ts';
import { withRecognize } from './intents.ts';

type RecognizerFor = (recognizer: Recognizer) => Recognizer;

/** The config of a machine, with other recognizers in the place of its own and of those of its forms. */
export function withRecognizers({ config }: AnyStateMachine, recognizerFor: RecognizerFor): object {
  return withRecognize(statesCopied(config, recognizerFor), recognizerFor);
}

interface NestedConfig {
  readonly states?: Readonly<Record<string, object>> | undefined;
}

function statesCopied<Config extends object>(
  config: Config & NestedConfig,
  recognizerFor: RecognizerFor,
): Config {
  const view = formViewOf(config);
  const understand = view?.understand;
  const { states } = config;
  return {
    ...config,
    ...(understand !== undefined && {
      [FORM_VIEW]: { ...view, understand: recognizerFor(understand) },
    }),
    ...(states !== undefined && {
      states: Object.fromEntries(
        Object.entries(states).map(([key, state]) => [key, statesCopied(state, recognizerFor)]),
      ),
    }),
  };
}
