import type { Inbound, Instead } from './reception.ts';
import type { TurnTaker } from './turn-taker.ts';

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
  if (standing === undefined) return false;
  const { isKept, isActive, hasHeard, restedMs } = standing;
  return (
    hasHeard ||
    (when.is === 'kept' && isKept) ||
    (when.is === 'active' && isActive && restedMs <= when.withinMs)
  );
}
