import {
  type Migration,
  type Migrations,
  type Offer,
  type RenameCount,
  type StoredConversation,
  checkRecords,
  createRunner,
  migrateTo,
  renameKey,
  renameService,
  renameSlot,
  renameState,
  setupDialogue,
} from 'colloquy';
import { expectTypeOf } from 'vitest';

const words = setupDialogue({ types: {} as { context: object } });
const dialogue = words.createDialogue({ id: 'migrates', context: {} });

const forget: Migration = (conversation) => {
  delete conversation.context['name'];
  return conversation;
};
const migrate: Migrations = {
  1: migrateTo(
    '2',
    renameState('table', 'details'),
    renameSlot('details', 'people', 'guests', { dialogue: 'order' }),
    forget,
    (conversation, { dialogue: { id } }) => (id === 'x' ? undefined : conversation),
  ),
  2: migrateTo('3', renameService('price', 'quote'), renameKey('a', 'b')),
  // A function need not look at what it knows besides.
  3: (conversation) => ({ ...conversation, version: '4' }),
};
createRunner(dialogue, { migrate });
expectTypeOf<StoredConversation['offers']>().toEqualTypeOf<Offer[] | undefined>();
expectTypeOf((await checkRecords(dialogue, [], { migrate })).renames).toEqualTypeOf<
  readonly RenameCount[]
>();

// @ts-expect-error it needs the version that the conversation belongs to afterwards
migrateTo(renameState('a', 'b'));
// @ts-expect-error the new name is missing
renameState('a');
// @ts-expect-error no such option
renameState('a', 'b', { within: 'order' });
// @ts-expect-error a migration returns a conversation
migrateTo('2', () => ({ version: '2' }));
