import { type StateDescription, isWhole } from '../../dialogue/engine/description.ts';
import {
  type FamilyMember,
  invokesDialogue,
  isPassing,
  leavesEntered,
  lineageOf,
  stateInWords,
  placeOf,
} from './family.ts';
import type { LintRules, ReportFinding } from './rule.ts';
import { takesAlways } from './ways.ts';

/** Rules about states in which a conversation waits: for the user, or for a service. */

/** States in which a message may arrive that no state takes. */
export function fallbacks(member: FamilyMember, report: ReportFinding): void {
  if (
    member.hosts.length > 0 &&
    member.hosts.every(({ member: host, state }) => isHeard(host, state))
  )
    return;
  for (const state of waitingIn(member)) {
    if (invokesDialogue(state) || isHeard(member, state) || !isSpokenTo(state)) continue;
    report(state, {
      message: `The ${stateInWords(state)} waits, and a message that it has no transition for gets no answer.`,
      remedy:
        state.service === undefined
          ? `Give it, or a state around it, a transition on 'message.*' without a guard.`
          : `Give it something to say meanwhile, as \`busy\`.`,
    });
  }
}

/** The states in which a conversation rests; a question counts as one. */
function waitingIn({ states }: FamilyMember): ReadonlySet<StateDescription> {
  return new Set(
    states.filter((state) => state.type === 'atomic' && !isPassing(state)).map(placeOf),
  );
}

function isHeard(member: FamilyMember, state: StateDescription): boolean {
  const heard = lineageOf(state).some(
    (each) =>
      takesAlways(each, 'message.*') ||
      (each.parent?.type === 'parallel' &&
        each.parent.children.some((region) => region !== each && hearsAll(region))),
  );
  if (heard || member.hosts.length === 0) return heard;
  return member.hosts.every((host) => isHeard(host.member, host.state));
}

/** Whether the active states in a state take every message. */
function hearsAll(state: StateDescription): boolean {
  if (takesAlways(state, 'message.*') || isPassing(state)) return true;
  if (state.type === 'final' || state.type === 'history') return true;
  const inner = state.children;
  if (inner.length === 0) return false;
  return state.type === 'parallel' ? inner.some(hearsAll) : inner.every(hearsAll);
}

/** Of several regions, those that take no message leave that to the others. */
function isSpokenTo(state: StateDescription): boolean {
  const region = lineageOf(state).find(({ parent }) => parent?.type === 'parallel');
  if (region === undefined || takesMessages(region)) return true;
  return region.parent?.children.some(takesMessages) !== true;
}

function takesMessages(state: StateDescription): boolean {
  return (
    [...state.on.keys()].some((type) => /^(?:message|intent)\./u.test(type)) ||
    state.children.some(takesMessages)
  );
}

/** States in which a user may be silent forever. The first state and states with a running service are not among them. */
export function timeouts(member: FamilyMember, report: ReportFinding): void {
  const home = new Set(member.isRoot ? leavesEntered(member.dialogue.root) : []);
  const hosted = member.hosts.length > 0 && member.hosts.every(({ state }) => hasTimer(state));
  if (hosted) return;
  for (const state of waitingIn(member)) {
    if (home.has(state) || !isSpokenTo(state) || hasTimer(state)) continue;
    if (state.service !== undefined || state.invokes.some(({ kind }) => kind !== undefined)) {
      continue;
    }
    report(state, {
      message: `The ${stateInWords(state)} waits for the user without an end.`,
      remedy: `Give the question a \`timeout\`, or the state, or one around it, an \`after\`.`,
    });
  }
}

function hasTimer(state: StateDescription): boolean {
  const inner = isWhole(state) ? state.children : [];
  return [...lineageOf(state), ...inner]
    .flatMap(({ transitions }) => transitions)
    .some(({ event }) => event.startsWith('xstate.after.'));
}

/** Services that may never end, in states that only their end leads out of. */
export function serviceTimeouts({ states, hosts }: FamilyMember, report: ReportFinding): void {
  if (hosts.length > 0) return;
  const told = new Set<StateDescription>();
  for (const state of states) {
    const service = state.invokes.find(({ kind }) => kind === 'service');
    if (service === undefined || state.type !== 'atomic' || hasTimer(state)) continue;
    const isLeft = lineageOf(state)
      .flatMap(({ transitions }) => transitions)
      .some(({ event, targets }) => targets !== undefined && !/^(?:xstate|service)\./u.test(event));
    const inRegion = lineageOf(state).some(({ parent }) => parent?.type === 'parallel');
    const place = placeOf(state);
    if (isLeft || inRegion || told.has(place)) continue;
    told.add(place);
    report(place, {
      message: `The ${stateInWords(place)} waits for the service '${service.src ?? ''}' without a limit: where the service does not end, nothing leads out.`,
      remedy: `Give the state ${place.service === undefined ? 'an `after`' : 'a `timeout`'}, or the dialogue a command that leads out.`,
    });
  }
}

/** Services that may fail without anyone taking the failure. */
export function serviceErrors({ states }: FamilyMember, report: ReportFinding): void {
  for (const state of states) {
    for (const { id, src, kind } of state.invokes) {
      if (kind !== 'service') continue;
      const type = `xstate.error.actor.${id}`;
      const branches = lineageOf(state).flatMap((each) => each.on.get(type) ?? []);
      if (branches.some(({ guard }) => guard === undefined)) continue;
      report(state, {
        message:
          branches.length === 0
            ? `The ${stateInWords(state)} invokes the service '${src}' and has no \`onError\`: where it fails, so does the turn.`
            : `The ${stateInWords(state)} takes the failure of the service '${src}' under conditions only: where none holds, the turn fails.`,
        remedy: `Give \`invoke\` an \`onError\` without a guard, which says so and continues.`,
      });
    }
  }
}

/** Questions that are asked again and again, where nothing that can be said leads away from them. */
export function unlimitedQuestions(
  { dialogue, states, hosts }: FamilyMember,
  report: ReportFinding,
  { commands = true }: LintRules['unlimited-question'],
): void {
  const byHosts = hosts.length > 0 && hosts.every(({ state }) => isLeftByCommand(state));
  for (const state of states) {
    if (state.question === undefined || !isUnlimited(state)) continue;
    if (commands && (byHosts || isLeftByCommand(state))) continue;
    report(state, {
      message: `The question '${state.path}' of '${dialogue.id}' is asked forever: it has no limit${commands ? ', and no command leads away from it' : ''}.`,
      remedy: `Give it an \`otherwise\` (and \`attempts\`)${commands ? ', or the dialogue a command to leave it by' : ''}.`,
    });
  }
}

/** The last of a question's inner states asks again, rather than leaving to who gives up. */
function isUnlimited(state: StateDescription): boolean {
  return state.children.some((inner) =>
    (inner.on.get('ask.retry') ?? []).some(({ targets }) => targets?.[0] === inner),
  );
}

function isLeftByCommand(state: StateDescription): boolean {
  return lineageOf(state).some((each) =>
    [...each.on].some(
      ([type, list]) =>
        type.startsWith('intent.') && list.some(({ targets }) => targets !== undefined),
    ),
  );
}
