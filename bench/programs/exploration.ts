// How long it takes to find the conversations of the support desk, as `colloquy explore` does.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFolder, entry } from '../library.ts';
import { serve } from '../serve.ts';

/** The steps that are tried, samples and results of services: as in `examples/support-desk/colloquy.config.ts`. */
const OPTIONS = {
  samples: ['refund 1042', '9000', 'NO93 8601 1117 947', 'where is order 1044?'],
  services: {
    findOrder: [{ number: '1042', state: 'packed', total: 35 }],
    payBack: ['R-1'],
  },
  budget: 4000,
};

const calls = {
  /** @returns the milliseconds that each run took, the first included, without the import */
  async run({ runs }: { runs: number }): Promise<{ took: number[]; conversations: number }> {
    linkLibrary();
    const { default: dialogue } = await import('../../examples/support-desk/dialogue.ts');
    const { explore } = await entry('testing');
    const took: number[] = [];
    let conversations = 0;
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      const found = await explore(dialogue, OPTIONS);
      took.push(performance.now() - start);
      conversations = found.conversations.length;
      if (found.failures.length > 0) throw new Error('A conversation of the support desk failed.');
    }
    return { took, conversations };
  },
};

export type ExplorationCalls = typeof calls;

serve(calls);

/** The example imports `colloquy` by its name: the measured build has to be found under it. */
function linkLibrary(): void {
  const modules = fileURLToPath(new URL('node_modules/', import.meta.url));
  mkdirSync(modules, { recursive: true });
  rmSync(`${modules}colloquy`, { force: true });
  symlinkSync(dirname(buildFolder()), `${modules}colloquy`);
}
