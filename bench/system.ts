/** A measured system: it takes the message of a user and returns its reply. */
export interface System {
  /** Plays one turn. A system that has its answer at once returns it without a promise. */
  turn(user: number, text: string): string | Promise<string>;
  close?(): Promise<void>;
}

/** Each file in `systems` exports one as `open`. @param users the number of users that it will have */
export type OpenSystem = (users: number) => System | Promise<System>;

/** Formats a user's number as the id that a platform would use. */
export function namesOf(users: number): readonly string[] {
  return Array.from({ length: users }, (_, user) => `user-${user}`);
}

interface Entry {
  readonly title: string;
  /** With messages of several users in flight, some of its turns never ended here: it is measured with one. */
  readonly oneAtATime?: true;
  /** It would need minutes for a hundred thousand conversations: it plays as many as the time limit allows. */
  readonly slow?: true;
  readonly load: () => Promise<{ readonly open: OpenSystem }>;
}

/** All systems by name, in the order of measuring: systems that are compared follow each other. */
const entries = {
  'xstate-actors': {
    title: 'bare XState, a live actor for each user',
    load: () => import('./systems/xstate-actors.ts'),
  },
  colloquy: {
    title: 'colloquy, the whole `handle()`',
    load: () => import('./systems/colloquy.ts'),
  },
  'colloquy-words': {
    title: 'colloquy, written in `ask` and `confirm`',
    load: () => import('./systems/colloquy-words.ts'),
  },
  telegraf: { title: 'Telegraf, wizard scene', load: () => import('./systems/telegraf.ts') },
  switch: {
    title: 'a `switch` by hand over a `Map`',
    load: () => import('./systems/switch.ts'),
  },
  'xstate-json': {
    title: 'XState, a JSON snapshot for each user',
    load: () => import('./systems/xstate-json.ts'),
  },
  bottender: { title: 'Bottender', slow: true, load: () => import('./systems/bottender.ts') },
  botbuilder: {
    title: 'botbuilder-dialogs',
    slow: true,
    load: () => import('./systems/botbuilder.ts'),
  },
  grammy: {
    title: 'grammY + conversations',
    slow: true,
    oneAtATime: true,
    load: () => import('./systems/grammy.ts'),
  },
  'xstate-lmdb': {
    title: 'XState JSON in LMDB',
    load: () => import('./systems/xstate-lmdb.ts'),
  },
  'colloquy-lmdb': {
    title: 'colloquy on LMDB',
    load: () => import('./systems/colloquy-lmdb.ts'),
  },
  'xstate-redis': {
    title: 'XState JSON in Redis',
    load: () => import('./systems/xstate-redis.ts'),
  },
  'colloquy-redis': {
    title: 'colloquy on Redis',
    load: () => import('./systems/colloquy-redis.ts'),
  },
  'xstate-postgres': {
    title: 'XState JSON in PostgreSQL',
    load: () => import('./systems/xstate-postgres.ts'),
  },
  'colloquy-postgres': {
    title: 'colloquy on PostgreSQL',
    load: () => import('./systems/colloquy-postgres.ts'),
  },
  'grammy-file': {
    title: 'grammY, its file storage',
    oneAtATime: true,
    load: () => import('./systems/grammy-file.ts'),
  },
  against: {
    title: 'colloquy, the other build',
    load: () => import('./systems/colloquy.ts'),
  },
} satisfies Readonly<Record<string, Entry>>;

export type SystemName = keyof typeof entries;

export const systems: Readonly<Record<SystemName, Entry>> = entries;
