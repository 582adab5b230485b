import { StepError } from '../../errors.ts';

/**
 * The `spawn` of a function that makes context, which is refused: XState would start nothing for an actor that does not stay in
 * the context, and a stored context holds no actor.
 */
export function noSpawn(what: string): () => never {
  return () => {
    throw new StepError(
      'unsupported_effect',
      `${what} cannot spawn an actor: a stored conversation could not find it again. Spawn it by \`spawnChild\` with an \`id\`, or invoke it.`,
    );
  };
}
