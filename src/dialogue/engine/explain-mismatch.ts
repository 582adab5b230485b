import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { type Logic, compile } from './stepped-machine.ts';
import { type StoredSnapshot, isFullValue } from './snapshot.ts';

/**
 * What a dialogue lacks of what a stored snapshot needs, in words: states by their path, actors by their name.
 * @returns nothing where there is no snapshot, or where it is all there
 */
export function lackingFor(dialogue: AnyStateMachine, data: unknown): string[] {
  return lackingIn(compile(dialogue), data, '');
}

function lackingIn(logic: Logic, data: unknown, path: string): string[] {
  const { value, children } = (data ?? {}) as Partial<StoredSnapshot>;
  const lacking = lackingStates(logic.machine.root, value, path);
  for (const [id, child] of Object.entries(children ?? {})) {
    const inner = logic.child(child?.src);
    const wasDialogue = child?.snapshot !== undefined;
    if (inner === undefined && logic.service(child?.src) === undefined) {
      lacking.push(`actor '${child?.src}' is not provided`);
    } else if ((inner !== undefined) !== wasDialogue) {
      lacking.push(`actor '${child?.src}' is ${wasDialogue ? 'no' : 'a'} dialogue now`);
    } else if (inner !== undefined) {
      lacking.push(...lackingIn(inner, child?.snapshot, `${path}${id}/`));
    }
  }
  return lacking;
}

function lackingStates(root: AnyStateNode, value: unknown, path: string): string[] {
  if (isFullValue(root, value)) return [];
  const lacking: string[] = [];
  const walk = (node: AnyStateNode, inner: unknown, at: string): void => {
    const states = node.states as Record<string, AnyStateNode>;
    const entries =
      typeof inner === 'string' ? [[inner, {}] as const] : Object.entries(inner ?? {});
    for (const [key, deeper] of entries) {
      const child = Object.hasOwn(states, key) ? states[key] : undefined;
      const place = at === '' ? key : `${at}.${key}`;
      if (child === undefined) lacking.push(`state '${path}${place}' is gone`);
      else walk(child, deeper, place);
    }
  };
  walk(root, value, '');
  // All that was active is there, and is not all that would be.
  return lacking.length > 0 ? lacking : ['the state has other states in it now'];
}
