import type { StateDescription } from '../../dialogue/engine/description.ts';
import { agentOf } from '../../model/agent/mark.ts';
import { type FamilyMember, leavesEntered, lineageOf, stateInWords } from './family.ts';
import type { LintRules, ReportFinding } from './rule.ts';

/** What may change something, and happens by the word of a model alone: neither a question nor an approval is before it. */
export function unapprovedEffects(
  { dialogue, states }: FamilyMember,
  report: ReportFinding,
  { effects = [] }: LintRules['unapproved-effect'],
): void {
  const tools = Object.entries(agentOf(dialogue.root.definition)?.tools ?? {});
  for (const [name, { readOnly = false, approve }] of tools) {
    const state = states.find(({ path }) => path === `working.tools.${name}`);
    if (readOnly || approve !== undefined || state === undefined) continue;
    report(state, {
      message: `The tool '${name}' of the agent '${dialogue.id}' runs by the model's word alone, and may change something.`,
      remedy: 'Give it an `approve`, or say that it is `readOnly`.',
    });
  }
  for (const state of states) {
    for (const { event, targets = [] } of state.transitions) {
      if (!event.startsWith('intent.')) continue;
      const src = targets.flatMap(servicesEntered).find((each) => effects.includes(each));
      if (src === undefined) continue;
      report(state, {
        message: `In the ${stateInWords(state)} '${event}' alone leads to the service '${src}', and a recognizer may be wrong.`,
        remedy: `Ask before it, by \`confirm\`.`,
      });
    }
  }
}

/** The services that start where a state is entered. */
function servicesEntered(target: StateDescription): string[] {
  const entered = new Set(
    leavesEntered(target).flatMap((leaf) => {
      const lineage = lineageOf(leaf);
      return lineage.slice(0, lineage.indexOf(target) + 1);
    }),
  );
  return [...entered].flatMap(({ invokes }) => invokes.flatMap(({ src }) => src ?? []));
}
