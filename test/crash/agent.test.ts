import { expect, it } from 'vitest';
import { surviveAgents } from './agent-crash.ts';

// `npm run test:crash -- --on agent` does the same over a hundred kills, with another seed each time.
it('over ten killed processes no finished call of an agent is repeated, none is lost, and no tool lacks its approval', async () => {
  const survived = await surviveAgents({ kills: 10, seed: 1 });
  expect(survived).toMatchObject({ breaches: [], errors: [] });
  expect(survived.ended).toBeGreaterThanOrEqual(4);
  expect(survived.agreed).toBeGreaterThan(0);
  expect(survived.approved).toBeGreaterThan(0);
  expect(survived.again).toBeGreaterThan(0);
}, 120_000);
