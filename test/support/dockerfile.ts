import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';

/** What a Dockerfile does, stage by stage, as far as the Dockerfile of the guide goes. */
export interface Stage {
  readonly from: string;
  readonly name: string | undefined;
  readonly steps: readonly Step[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly exposed: readonly string[];
  readonly command: readonly string[] | undefined;
  /** As a list of arguments. */
  readonly healthcheck: readonly string[] | undefined;
}

export type Step =
  | { readonly type: 'workdir'; readonly path: string }
  | { readonly type: 'run'; readonly command: string }
  | {
      readonly type: 'copy';
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    };

type Draft = { -readonly [Key in keyof Stage]: Stage[Key] } & { steps: Step[] };

/** @throws Error for an instruction that this reader does not know: no step of a page is passed over */
export function readDockerfile(text: string): { readonly stages: readonly Stage[] } {
  const stages: Draft[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') stages.push(stageOf(instruction));
    else take(stages.at(-1), instruction);
  }
  return { stages };
}

function stageOf(instruction: Instruction): Draft {
  const [from = '', , name] = wordsOf(instruction);
  return {
    ...{ from, name, steps: [], env: {}, exposed: [] },
    ...{ user: undefined, command: undefined, healthcheck: undefined },
  };
}

function take(stage: Draft | undefined, instruction: Instruction): void {
  if (stage === undefined) throw new Error('A Dockerfile begins with FROM.');
  const words = wordsOf(instruction);
  const content = instruction.getArgumentsContent() ?? '';
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      return void stage.steps.push({ type: 'workdir', path: words[0] ?? '' });
    case 'RUN':
      return void stage.steps.push({ type: 'run', command: content });
    case 'COPY': {
      const flags = (instruction as Copy).getFlags();
      const from = flags.find((each) => each.getName() === 'from')?.getValue() ?? undefined;
      const step = { type: 'copy', from, sources: words.slice(0, -1), target: words.at(-1) ?? '' };
      return void stage.steps.push(step as Step);
    }
    case 'ENV':
      stage.env = { ...stage.env, ...Object.fromEntries(words.map((each) => each.split('='))) };
      return;
    case 'USER':
      [stage.user] = words;
      return;
    case 'EXPOSE':
      stage.exposed = words;
      return;
    case 'CMD':
      stage.command = listIn(content);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = listIn(content.slice(content.indexOf('[')));
      return;
    case 'VOLUME':
    case 'STOPSIGNAL':
      return;
    default:
      throw new Error(`The reader of Dockerfiles does not know ${instruction.getKeyword()}.`);
  }
}

function wordsOf(instruction: Instruction): string[] {
  return (instruction.getArgumentsContent() ?? '').split(/\s+/u).filter((each) => each !== '');
}

function listIn(json: string): string[] {
  return JSON.parse(json) as string[];
}
