import type { AnyStateMachine } from 'xstate';
import { formatSpan } from '../internal/event-words.ts';
import {
  type StateDescription,
  type TransitionDescription,
  describeDialogue,
  isWhole,
} from './engine/description.ts';
import { guardLabel } from './engine/guard-label.ts';
import { checkDialogue } from './engine/validate.ts';

/** What to mark in a diagram: the states of a conversation by `●`, its transitions by the numbers of its steps. */
export interface MermaidMarks {
  isWalked(state: StateDescription): boolean;
  stepsOf(transition: TransitionDescription): readonly number[];
}

/**
 * The dialogue as a Mermaid state diagram (https://mermaid.js.org/syntax/stateDiagram.html), for a README or a review.
 *
 * A question is one state, and so is a service; retries are not drawn. A transition of a state that has inner states leaves from
 * `anywhere` in it. A transition between two such states is drawn between the two, as Mermaid demands.
 * @example
 * console.log(toMermaid(survey).split('\n')[0]); // → stateDiagram-v2
 * @throws UsageError `bad_dialogue`
 */
export function toMermaid(dialogue: AnyStateMachine): string {
  checkDialogue(dialogue);
  return mermaidOf(dialogue);
}

/** The same, with marks. */
export function mermaidOf(dialogue: AnyStateMachine, marks?: MermaidMarks): string {
  const { root } = describeDialogue(dialogue);
  const diagram = new Diagram(root, marks);
  return ['stateDiagram-v2', ...diagram.drawAll(root).map((line) => `  ${line}`)].join('\n');
}

/** The words that Mermaid takes for its own, in any case. */
const RESERVED =
  /^(?:state(?:diagram)?|note|class(?:def)?|style|click|default|as|href|scale|hide|acc(?:title|descr)|direction)$/iu;

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

class Diagram {
  readonly #marks: MermaidMarks | undefined;
  readonly #names = new Map<StateDescription, string>();
  readonly #taken = new Set<string>();
  /** By the group in which it is drawn. */
  readonly #arrows = new Map<StateDescription, Arrow[]>();

  constructor(root: StateDescription, marks: MermaidMarks | undefined) {
    this.#marks = marks;
    this.#name(root);
    this.#connect(root);
  }

  /** Mermaid has regions in a state only, so a root of regions is one. */
  drawAll(root: StateDescription): string[] {
    const lines = this.#draw(root);
    if (root.type !== 'parallel') return lines;
    const name = this.#nameOf(root);
    const title = escape(root.dialogue);
    return [`[*] --> ${name}`, `state "${title}" as ${name}`, ...boxed(name, lines)];
  }

  #draw(group: StateDescription): string[] {
    const lines: string[] = [];
    const children = childrenOf(group);
    const [initial] = group.initial;
    if (initial !== undefined) lines.push(`[*] --> ${this.#nameOf(initial)}`);
    for (const [index, child] of children.entries()) {
      if (group.type === 'parallel' && index > 0) lines.push('--');
      const name = this.#nameOf(child);
      const mark = this.#marks?.isWalked(child) ? '● ' : '';
      lines.push(`state "${mark}${escape(titleOf(child))}" as ${name}`);
      if (childrenOf(child).length > 0) lines.push(...boxed(name, this.#draw(child)));
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

  #connect(state: StateDescription): void {
    for (const transition of state.transitions) {
      const { event, guard, targets, description } = transition;
      const steps = this.#marks?.stepsOf(transition) ?? [];
      const label = description ?? labelOf(event, guard, state);
      const marked = steps.length === 0 ? label : `${label} (${steps.join(', ')})`.trim();
      for (const to of targets ?? []) this.#arrow(state, to, marked);
    }
    for (const child of childrenOf(state)) this.#connect(child);
  }

  #arrow(source: StateDescription, target: StateDescription, label: string): void {
    const above = [...ancestorsOf(target)];
    const lineage = [source, ...ancestorsOf(source)];
    const group = lineage.find((state) => above.includes(state));
    if (group === undefined) return;
    const from = group === source ? this.#anywhere(group) : this.#nameOf(within(group, source));
    const to = this.#nameOf(within(group, target));
    const arrows = this.#arrows.get(group) ?? [];
    this.#arrows.set(group, [...arrows, { from, to, label }]);
  }

  #anywhere(group: StateDescription): string {
    return `${this.#nameOf(group)}_anywhere`;
  }

  #nameOf(state: StateDescription): string {
    return this.#names.get(state) as string;
  }

  /** Mermaid's names are words; what they lose of a key is in the state's title. */
  #name(state: StateDescription): void {
    const word = state.path === '' ? 'dialogue' : state.path.replaceAll(/\W/gu, '_');
    const base = RESERVED.test(word) ? `${word}_` : word;
    let name = base;
    for (let count = 2; this.#taken.has(name); count += 1) name = `${base}_${count}`;
    this.#taken.add(name).add(`${name}_anywhere`);
    this.#names.set(state, name);
    for (const child of state.children) this.#name(child);
  }
}

function boxed(name: string, lines: readonly string[]): string[] {
  return [`state ${name} {`, ...lines.map((line) => `  ${line}`), '}'];
}

/** The states drawn within a state; those of a question or a service are not. */
function childrenOf(state: StateDescription): readonly StateDescription[] {
  return isWhole(state) ? [] : state.children;
}

function* ancestorsOf(state: StateDescription): Generator<StateDescription> {
  for (let above = state.parent; above !== undefined; above = above.parent) yield above;
}

/** The state right under `group` that is `state` or holds it. */
function within(group: StateDescription, state: StateDescription): StateDescription {
  return state.parent === group ? state : within(group, state.parent as StateDescription);
}

function titleOf(state: StateDescription): string {
  const runs = runBy(state);
  const title = state.type === 'history' ? `${state.key} (history)` : state.key;
  return runs.length === 0 ? title : `${title} (runs ${runs.join(', ')})`;
}

/** The names of what a state runs. */
export function runBy({ invokes, service }: StateDescription): string[] {
  return service === undefined ? invokes.map(({ src = 'an actor' }) => src) : [service];
}

/** What a diagram says at a transition that has no description. */
export function labelOf(event: string, guard: unknown, state: StateDescription): string {
  const label = eventLabel(event, state);
  const condition = guardLabel(guard);
  return condition === '' ? label : `${label} [${condition}]`.trim();
}

function eventLabel(event: string, state: StateDescription): string {
  if (!event.startsWith('xstate.')) return event;
  const [, kind, of, ...rest] = event.split('.');
  if (kind === 'after') {
    const delay = event.slice('xstate.after.'.length, -(state.id.length + 1));
    return `after ${/^\d+$/u.test(delay) ? formatSpan(Number(delay)) : delay}`;
  }
  if (of === 'state') return 'done';
  const id = rest.join('.');
  const src = state.invokes.find((invoked) => invoked.id === id)?.src;
  return `${kind} ${src ?? id}`;
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
  return text.replaceAll(
    /[#;"<>{}\n\r\\]|:(?=:)|(?<=:):/gu,
    (character) => `#${character.codePointAt(0)};`,
  );
}
