import type { Inbound, Instead, TurnTaker } from './channel.ts';

type Standing = Awaited<ReturnType<NonNullable<TurnTaker['standing']>>>;

/** Whether it has to be found out which conversation takes one of these messages. */
export function hasAlternatives(messages: readonly Inbound[]): boolean {
  return messages.some(({ instead }) => instead !== undefined && instead.length > 0);
}

/** The messages, each with the openid of the conversation that takes it. They keep their order. */
export function routeMessages(
  runner: TurnTaker,
  messages: readonly Inbound[],
): Promise<readonly Inbound[]> {
  return Promise.all(
    messages.map(async ({ instead = [], ...inbound }) => {
      for (const each of instead) {
        if (await takesMessage(runner, each, inbound.id))
          return { ...inbound, openid: each.openid };
      }
      return inbound;
    }),
  );
}

async function takesMessage(
  runner: TurnTaker,
  { openid, when }: Instead,
  id: string | undefined,
): Promise<boolean> {
  const own = id === undefined ? [] : [id];
  const ids = when.is === 'heard' ? [...own, ...when.ids] : own;
  const standing = await runner.standing?.(openid, ids);
  return standing !== undefined && (standing.hasHeard || isMet(when, standing));
}

function isMet(when: Instead['when'], { isKept, isActive, restedMs }: Standing): boolean {
  switch (when.is) {
    case 'kept':
      return isKept;
    case 'active':
      return isActive && restedMs <= when.withinMs;
    case 'heard':
      return false;
  }
}
