import { type Renames, Renaming, lackingOf } from '../../dialogue/engine/renaming.ts';
import { UsageError } from '../../errors.ts';
import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { type Migration, toMigration } from './migrations.ts';

/** Options of `renameState()`, `renameSlot()`, `renameKey()` and `renameService()`. */
export interface RenameOptions {
  /**
   * The sub-dialogue in which something is renamed, by the name under which it is provided in `actors`: all that run or
   * are paused under this name, also those within others. Default: the dialogue itself.
   */
  readonly dialogue?: string;
}

const KEYS = { dialogue: null } satisfies KeysOf<RenameOptions>;

/**
 * Makes a migration to `migrateTo` in which a state has a new name: where the conversation stands, what its histories
 * remember, its sub-dialogues, timers, services and offers. A timer is due when it was, and the attempts of a question
 * count. A state is named by its path, so it may also move to another state.
 * @param from its old path, as `order.table`; the states in it are renamed with it
 * @param to its new path, from the outermost state on
 * @throws UsageError `bad_option`; the runner throws it if the dialogue has no such state
 */
export function renameState(from: string, to: string, options: RenameOptions = {}): Migration {
  return renaming('renameState', [from, to], { state: [from, to] }, options);
}

/**
 * Makes a migration to `migrateTo` in which a slot of a form has a new name: its state, and its key in the context.
 * @param form the path of the form's state
 * @throws UsageError `bad_option`; the runner throws it if the dialogue has no such slot, and a migration fails with
 *   `bad_migration` if the context already has the new key
 */
export function renameSlot(
  form: string,
  from: string,
  to: string,
  options: RenameOptions = {},
): Migration {
  const names: Renames = { state: [`${form}.${from}`, `${form}.${to}`], key: [from, to] };
  return renaming('renameSlot', [form, from, to], names, options);
}

/**
 * Makes a migration to `migrateTo` in which a key of the context has a new name.
 * @throws UsageError `bad_option`; a migration fails with `bad_migration` if the context already has the new key
 */
export function renameKey(from: string, to: string, options: RenameOptions = {}): Migration {
  return renaming('renameKey', [from, to], { key: [from, to] }, options);
}

/**
 * Makes a migration to `migrateTo` in which a service, or a sub-dialogue, is provided under a new name. One that is
 * running continues.
 * @throws UsageError `bad_option`; the runner throws it if the dialogue is provided with nothing under this name
 */
export function renameService(from: string, to: string, options: RenameOptions = {}): Migration {
  return renaming('renameService', [from, to], { actor: [from, to] }, options);
}

function renaming(
  word: string,
  given: readonly string[],
  names: Renames,
  options: RenameOptions,
): Migration {
  checkOptions(`${word}()`, options, KEYS);
  const { dialogue } = options;
  const within = dialogue === undefined ? '' : `, { dialogue: '${dialogue}' }`;
  const label = `${word}(${given.map((name) => `'${name}'`).join(', ')}${within})`;
  const areNames = [...given, dialogue ?? 'x'].every(
    (name: unknown) => typeof name === 'string' && !/^$|^\.|\.\.|\.$/u.test(name),
  );
  if (!areNames || given.at(-1) === given.at(-2)) {
    throw new UsageError(
      'bad_option',
      `\`${label}\` takes an old name and a new one; a state is named by its path, as 'order.table'.`,
    );
  }
  const renames: Renames = { ...names, dialogue };
  return toMigration({
    label,
    renames,
    apply(conversation, about) {
      const { snapshot, context, timers, services, offers, delays } = conversation;
      const by = new Renaming(renames, about.dialogue);
      const renamed = {
        ...conversation,
        snapshot: by.snapshot(snapshot),
        context: by.context(context),
        timers: timers.map((timer) => by.timer(timer)),
        services: services.map((service) => by.service(service)),
        ...(offers && { offers: offers.map((offer) => by.offer(offer)) }),
        ...(delays && { delays: delays.map((delay) => by.delay(delay)) }),
      };
      return { renamed, isUsed: by.isUsed };
    },
    lacking: (machine, later) => lackingOf(renames, later, machine),
  });
}
