import type { AnyStateMachine } from 'xstate';
import { labelOf, runBy } from '../dialogue/diagram.ts';
import {
  type DialogueDescription,
  type StateDescription,
  describeDialogues,
} from '../dialogue/engine/description.ts';
import { stateKey, transitionKey } from '../testing/coverage/items.ts';
import { lineageOf } from '../testing/lint/family.ts';
import { type ChartNames, boxIdsIn, chartNamesOf } from './box-ids.ts';
import { type ChartWalk, type OneBox, isAskingOrForm, visible } from './walk.ts';

/** What is drawn of a dialogue: boxes in boxes, and arrows between them. */
export interface Chart {
  /** The dialogue, and its sub-dialogues after it. */
  readonly boxes: readonly Box[];
  readonly arrows: readonly ChartArrow[];
}

export interface Box {
  readonly id: string;
  readonly kind: 'dialogue' | 'state' | 'question' | 'final' | 'history' | 'initial' | 'anywhere';
  readonly title: string;
  /** What it runs, and the like. */
  readonly note: string;
  readonly isParallel: boolean;
  readonly isWalked: boolean;
  /** The first of the sub-dialogues that it runs, by the name of its chart. */
  readonly leadsTo: string | undefined;
  readonly inside: readonly Box[];
  /** Undefined for a dot of a chart, which is no state. */
  readonly state: StateDescription | undefined;
}

export interface ChartArrow {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly labels: readonly Label[];
  readonly isWalked: boolean;
  /** The keys of the transitions that it stands for. */
  readonly transitions: readonly string[];
}

/** Of one transition; several between the same two states are one arrow. */
export interface Label {
  readonly text: string;
  /** The numbers of the steps of a walk that went along it. */
  readonly steps: readonly number[];
}

interface KeyedLabel extends Label {
  /** Of the transition; undefined for the arrow of an initial state. */
  readonly key: string | undefined;
}

const NO_LABEL: KeyedLabel = { text: '', steps: [], key: undefined };

/** The chart of one dialogue. */
export interface NamedChart extends Chart {
  /** The id of the dialogue, and a number where another one has the same: good for a file, too. */
  readonly name: string;
  readonly dialogue: AnyStateMachine;
}

/**
 * A chart for the dialogue, and one for each of its sub-dialogues. A question is one box: that it is asked again is not
 * drawn. By default, so is a form.
 */
export function chartsOf(
  dialogue: AnyStateMachine,
  walk?: ChartWalk,
  isOneBox: OneBox = isAskingOrForm,
): readonly NamedChart[] {
  const described = describeDialogues(dialogue);
  const names = chartNamesOf(described);
  return described.map((each) => {
    const { box, arrows } = new DialogueChart(each, names, { walk, isOneBox }).draw();
    const name = names.get(each.machine) ?? each.id;
    return { name, dialogue: each.machine, boxes: [box], arrows };
  });
}

/** All of them beside one another. */
export function joined(charts: readonly Chart[]): Chart {
  return {
    boxes: charts.flatMap(({ boxes }) => boxes),
    arrows: charts.flatMap(({ arrows }) => arrows),
  };
}

class DialogueChart {
  readonly #dialogue: DialogueDescription;
  readonly #names: ChartNames;
  readonly #ids: ReadonlyMap<StateDescription, string>;
  readonly #walk: ChartWalk | undefined;
  readonly #isOneBox: OneBox;
  /** By their two ends. */
  readonly #arrows = new Map<string, ChartArrow>();
  /** The groups from anywhere within which a transition leads. */
  readonly #anywhere = new Set<StateDescription>();

  constructor(
    dialogue: DialogueDescription,
    names: ChartNames,
    { walk, isOneBox }: { readonly walk: ChartWalk | undefined; readonly isOneBox: OneBox },
  ) {
    this.#dialogue = dialogue;
    this.#names = names;
    this.#ids = boxIdsIn(dialogue, names.get(dialogue.machine) ?? dialogue.id);
    this.#walk = walk;
    this.#isOneBox = isOneBox;
  }

  draw(): { readonly box: Box; readonly arrows: readonly ChartArrow[] } {
    this.#connect(this.#dialogue.root);
    const box = this.#box(this.#dialogue.root);
    return { box, arrows: [...this.#arrows.values()] };
  }

  #box(state: StateDescription): Box {
    const children = this.#drawnChildren(state);
    const inside = children.map((child) => this.#box(child));
    if (children.length > 0 && state.type !== 'parallel')
      inside.unshift(this.#dot(state, 'initial', ''));
    if (this.#anywhere.has(state)) inside.unshift(this.#dot(state, 'anywhere', 'anywhere'));
    const runs = runBy(state);
    return {
      id: this.#idOf(state),
      kind:
        this.#isOneBox(state) && state.parent !== undefined && state.service === undefined
          ? 'question'
          : kindOf(state),
      title: state.parent === undefined ? state.dialogue : state.key,
      note: [...(runs.length === 0 ? [] : [`runs ${runs.join(', ')}`]), ...questionIn(state)].join(
        ' · ',
      ),
      isParallel: state.type === 'parallel',
      isWalked: this.#walk?.states.has(stateKey(state)) ?? false,
      leadsTo: runs
        .map((src) => this.#dialogue.dialogues.get(src))
        .map((machine) => machine && this.#names.get(machine))
        .find((name) => name !== undefined),
      inside,
      state,
    };
  }

  #dot(group: StateDescription, kind: 'initial' | 'anywhere', title: string): Box {
    return {
      id: `${this.#idOf(group)}/${kind}`,
      kind,
      title,
      note: '',
      isParallel: false,
      isWalked: false,
      leadsTo: undefined,
      inside: [],
      state: undefined,
    };
  }

  #connect(state: StateDescription): void {
    const children = this.#drawnChildren(state);
    if (children.length > 0 && state.type !== 'parallel') {
      for (const target of state.initial) {
        this.#arrow(`${this.#idOf(state)}/initial`, visible(target, this.#isOneBox));
      }
    }
    for (const transition of state.transitions) {
      const { event, guard, description } = transition;
      const text = description ?? labelOf(event, guard, state);
      const key = transitionKey(transition);
      const label = { text, key, steps: this.#walk?.steps.get(key) ?? [] };
      for (const target of transition.targets ?? []) {
        const to = visible(target, this.#isOneBox);
        const from = visible(state, this.#isOneBox);
        // Within a question.
        if (from === to && from !== state) continue;
        const isInside = from !== to && lineageOf(to).includes(from);
        if (isInside) this.#anywhere.add(from);
        this.#arrow(`${this.#idOf(from)}${isInside ? '/anywhere' : ''}`, to, label);
      }
    }
    for (const child of state.children) this.#connect(child);
  }

  #arrow(from: string, target: StateDescription, added: KeyedLabel = NO_LABEL): void {
    const to = this.#idOf(target);
    const id = `${from}→${to}`;
    const { text: label, steps, key } = added;
    const { labels = [], isWalked = false, transitions = [] } = this.#arrows.get(id) ?? {};
    const same = labels.find(({ text }) => text === label);
    const all = [...(same?.steps ?? []), ...steps].sort((a, b) => a - b);
    const isSilent = label === '' && all.length === 0;
    this.#arrows.set(id, {
      id,
      from,
      to,
      labels: [
        ...labels.filter((each) => each !== same),
        ...(isSilent ? [] : [{ text: label, steps: all }]),
      ],
      isWalked: isWalked || steps.length > 0,
      transitions: key === undefined ? transitions : [...transitions, key],
    });
  }

  #drawnChildren(state: StateDescription): readonly StateDescription[] {
    return this.#isOneBox(state) ? [] : state.children;
  }

  #idOf(state: StateDescription): string {
    return this.#ids.get(state) ?? '';
  }
}

function kindOf(state: StateDescription): Box['kind'] {
  if (state.parent === undefined) return 'dialogue';
  if (state.type === 'final' || state.type === 'history') return state.type;
  return state.question === undefined ? 'state' : 'question';
}

/** The most of a question that a box shows. */
const LONGEST_QUESTION = 48;

/** What a state asks, if it always asks the same. */
function questionIn({ question: asked }: StateDescription): string[] {
  const question = asked?.question;
  const text = typeof question === 'object' && 'text' in question ? question.text : question;
  if (typeof text !== 'string' || text === '') return [];
  const [line = ''] = text.split('\n', 1);
  return [line.length > LONGEST_QUESTION ? `${line.slice(0, LONGEST_QUESTION - 1)}…` : line];
}
