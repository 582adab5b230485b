import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { isQuestion } from './engine/question.ts';
import type { TransitionDefinition } from './engine/inspection.ts';

/** A way through a dialogue that is marked in its diagram: its states by `●`, its arrows by the numbers of its steps. */
export interface MermaidWalk {
  isWalked(node: AnyStateNode): boolean;
  stepsOf(transition: TransitionDefinition): readonly number[];
}

/**
 * The dialogue as a Mermaid state diagram (https://mermaid.js.org/syntax/stateDiagram.html), for a README or a review.
 *
 * A question is one state: that it is asked again shows in none. A transition that works in all states of a group leaves
 * from `anywhere` in it. One between two groups is drawn between the groups, since Mermaid takes it no other way.
 */
export function toMermaid(dialogue: AnyStateMachine): string {
  return mermaidOf(dialogue);
}

/** The same, with a way through it marked. */
export function mermaidOf(dialogue: AnyStateMachine, walk?: MermaidWalk): string {
  const diagram = new Diagram(dialogue.root, walk);
  return ['stateDiagram-v2', ...diagram.draw(dialogue.root).map((line) => `  ${line}`)].join('\n');
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

class Diagram {
  readonly #walk: MermaidWalk | undefined;
  readonly #names = new Map<AnyStateNode, string>();
  readonly #taken = new Set<string>();
  /** By the group in which it is drawn. */
  readonly #arrows = new Map<AnyStateNode, Arrow[]>();

  constructor(root: AnyStateNode, walk: MermaidWalk | undefined) {
    this.#walk = walk;
    this.#name(root);
    this.#connect(root);
  }

  draw(group: AnyStateNode): string[] {
    const lines: string[] = [];
    const children = childrenOf(group);
    const initial = group.type === 'parallel' ? undefined : group.initial.target[0];
    if (initial !== undefined) lines.push(`[*] --> ${this.#nameOf(initial)}`);
    for (const [index, child] of children.entries()) {
      if (group.type === 'parallel' && index > 0) lines.push('--');
      const name = this.#nameOf(child);
      const mark = this.#walk?.isWalked(child) ? '● ' : '';
      lines.push(`state "${mark}${escape(titleOf(child))}" as ${name}`);
      if (childrenOf(child).length > 0) {
        lines.push(`state ${name} {`, ...this.draw(child).map((line) => `  ${line}`), '}');
      }
    }
    const arrows = this.#arrows.get(group) ?? [];
    if (arrows.some(({ from }) => from === this.#anywhere(group))) {
      lines.push(`state "anywhere" as ${this.#anywhere(group)}`);
    }
    for (const { from, to, label } of merged(arrows)) {
      lines.push(`${from} --> ${to}${label === '' ? '' : ` : ${escape(label)}`}`);
    }
    for (const child of children) {
      if (child.type === 'final') lines.push(`${this.#nameOf(child)} --> [*]`);
    }
    return lines;
  }

  #connect(node: AnyStateNode): void {
    const transitions = [...node.transitions.values()].flat().concat(node.always ?? []);
    for (const transition of transitions) {
      const { eventType, guard, target, description } = transition;
      const steps = this.#walk?.stepsOf(transition) ?? [];
      const label = description ?? labelOf(eventType, guard, node);
      const marked = steps.length === 0 ? label : `${label} (${steps.join(', ')})`.trim();
      for (const to of target ?? []) this.#arrow(node, to, marked);
    }
    for (const child of childrenOf(node)) this.#connect(child);
  }

  #arrow(source: AnyStateNode, target: AnyStateNode, label: string): void {
    const above = [...ancestorsOf(target)];
    const lineage = [source, ...ancestorsOf(source)];
    const group = lineage.find((node) => above.includes(node));
    if (group === undefined) return;
    const from = group === source ? this.#anywhere(group) : this.#nameOf(within(group, source));
    const to = this.#nameOf(within(group, target));
    const arrows = this.#arrows.get(group) ?? [];
    this.#arrows.set(group, [...arrows, { from, to, label }]);
  }

  #anywhere(group: AnyStateNode): string {
    return `${this.#nameOf(group)}_anywhere`;
  }

  #nameOf(node: AnyStateNode): string {
    return this.#names.get(node) as string;
  }

  /** Mermaid's names are words; what they lose of a key is in the state's title. */
  #name(node: AnyStateNode): void {
    const base = node.path.length === 0 ? 'dialogue' : node.path.join('_').replaceAll(/\W/gu, '_');
    let name = base;
    for (let count = 2; this.#taken.has(name); count += 1) name = `${base}_${count}`;
    this.#taken.add(name).add(`${name}_anywhere`);
    this.#names.set(node, name);
    for (const child of Object.values(node.states) as AnyStateNode[]) this.#name(child);
  }
}

/** The states drawn within a state; a question's own are not. */
function childrenOf(node: AnyStateNode): AnyStateNode[] {
  return isQuestion(node.config) ? [] : (Object.values(node.states) as AnyStateNode[]);
}

function* ancestorsOf(node: AnyStateNode): Generator<AnyStateNode> {
  for (let above = node.parent; above !== undefined; above = above.parent) yield above;
}

/** The state right under `group` that is `node` or holds it. */
function within(group: AnyStateNode, node: AnyStateNode): AnyStateNode {
  return node.parent === group ? node : within(group, node.parent as AnyStateNode);
}

function titleOf(node: AnyStateNode): string {
  const runs = node.invoke.map(({ src }) => (typeof src === 'string' ? src : 'an actor'));
  const title = node.type === 'history' ? `${node.key} (history)` : node.key;
  return runs.length === 0 ? title : `${title} (runs ${runs.join(', ')})`;
}

/** What a diagram says at a transition that has no description. */
export function labelOf(eventType: string, guard: unknown, node: AnyStateNode): string {
  const event = eventLabel(eventType, node);
  const condition = guardLabel(guard);
  return condition === '' ? event : `${event} [${condition}]`.trim();
}

function eventLabel(eventType: string, node: AnyStateNode): string {
  if (!eventType.startsWith('xstate.')) return eventType;
  const [, kind, of, ...rest] = eventType.split('.');
  if (kind === 'after') {
    const delay = eventType.slice('xstate.after.'.length, -(node.id.length + 1));
    return `after ${/^\d+$/u.test(delay) ? durationLabel(Number(delay)) : delay}`;
  }
  if (of === 'state') return 'done';
  const id = rest.join('.');
  const src = node.invoke.find((invoked) => invoked.id === id)?.src;
  return `${kind} ${typeof src === 'string' ? src : id}`;
}

function durationLabel(milliseconds: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const;
  const [unit, size] = units.find(([, length]) => milliseconds % length === 0) ?? ['ms', 1];
  return `${milliseconds / size} ${unit}`;
}

function guardLabel(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null) return (guard as { type: string }).type;
  // The name of a function that stands in place is that of its property: nothing to tell anyone.
  return typeof guard === 'function' && guard.name !== 'guard' ? guard.name : '';
}

/** Several transitions between the same two states are one arrow. */
function merged(arrows: readonly Arrow[]): Arrow[] {
  const byEnds = new Map<string, Arrow & { labels: Set<string> }>();
  for (const arrow of arrows) {
    const key = `${arrow.from} ${arrow.to}`;
    const known = byEnds.get(key);
    if (known === undefined) byEnds.set(key, { ...arrow, labels: new Set([arrow.label]) });
    else known.labels.add(arrow.label);
  }
  return [...byEnds.values()].map(({ from, to, labels }) => ({
    from,
    to,
    label: [...labels].filter((label) => label !== '').join(' / '),
  }));
}

/** What has a meaning in Mermaid is written by its number (https://mermaid.js.org/syntax/flowchart.html#special-characters-that-break-syntax). */
function escape(text: string): string {
  return text.replaceAll(/[#;"<>{}\n\r\\]/gu, (character) => `#${character.codePointAt(0)};`);
}
