import { bundle } from '../support/bundle.ts';

const FIXTURES = [
  ...(['serve', 'lmdb', 'sqlite', 'forgetful', 'redis', 'postgres'] as const),
  ...(['agent', 'broadcast', 'burst', 'source'] as const),
] as const;
const pathOf = (name: string): string => `test/crash/${name}.fixture.ts`;
const built = await bundle(...FIXTURES.map(pathOf));

/** The path at which a process can load a fixture. */
export function fixture(name: (typeof FIXTURES)[number]): string {
  return built(pathOf(name));
}
