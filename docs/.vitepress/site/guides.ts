import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from '../../../test/docs/pages.ts';
import { addressOf } from './addresses.ts';
import { titleOf } from './markdown.ts';

/** The pages of the guide about an export, or about a word to write a dialogue with. */
export const GUIDES: Readonly<Record<string, readonly string[]>> = {
  setupDialogue: ['first-dialogue.md', 'asking.md', 'types.md'],
  DialogueSetup: ['first-dialogue.md', 'types.md'],
  Vocabulary: ['first-dialogue.md', 'asking.md', 'forms.md', 'services.md'],
  ask: ['asking.md'],
  assign: ['first-dialogue.md'],
  choose: ['asking.md#buttons-belong-to-their-question'],
  clear: ['first-dialogue.md'],
  commands: ['commands-and-interruptions.md'],
  createDialogue: ['first-dialogue.md', 'types.md#a-dialogue-is-closed'],
  createStateConfig: ['types.md#states-made-from-data'],
  done: ['first-dialogue.md'],
  emit: ['replies.md#telling-the-program-something'],
  expireIn: ['time.md#expiry'],
  forget: ['time.md#forgetting'],
  form: ['forms.md'],
  questions: ['questionnaires.md'],
  repeat: ['commands-and-interruptions.md'],
  reply: ['replies.md'],
  service: ['services.md'],
  createRunner: ['running.md'],
  createContextStore: ['store.md'],
  hear: ['hearing.md#phrases-hear'],
  keywords: ['hearing.md'],
  mentions: ['hearing.md'],
  pattern: ['hearing.md'],
  commandIntents: ['commands-and-interruptions.md'],
  openAiCompatible: ['models.md#openai-compatible-servers'],
  fromAiSdk: ['models.md#models-of-the-ai-sdk'],
  modelFailed: ['models.md#when-a-model-fails'],
  scripted: ['models.md#scripted-models-in-tests'],
  cassette: ['models.md#recorded-models'],
  modelRecognizer: ['models.md#what-a-message-means'],
  modelRephraser: ['models.md#replies-in-other-words'],
  answerFromSources: ['models.md#answers-from-your-documents'],
  history: ['models.md#what-was-said-before'],
  createAgent: ['agents.md'],
  createTakeover: ['takeover.md'],
  createDesk: ['takeover.md#operators'],
  until: ['time.md'],
  now: ['time.md#the-clock'],
  toMermaid: ['forms.md#what-it-looks-like'],
  anywhere: ['forms.md#finding-a-value-in-any-message'],
  within: ['forms.md#finding-a-value-in-any-message'],
  choice: ['parsers.md'],
  confirm: ['asking.md', 'parsers.md#confirm'],
  date: ['asking.md#days-and-times', 'parsers.md#date'],
  dateTime: ['asking.md#days-and-times', 'parsers.md#datetime'],
  email: ['parsers.md#email'],
  image: ['parsers.md#image'],
  integer: ['parsers.md#integer'],
  location: ['parsers.md#location'],
  number: ['parsers.md#number'],
  phone: ['parsers.md#phone'],
  text: ['parsers.md#text'],
  time: ['asking.md#days-and-times', 'parsers.md#time'],
  schema: ['asking.md#schemas'],
  sealed: ['keeping.md#sealed-records'],
  checkRecords: ['keeping.md#a-new-version'],
  ColloquyError: ['errors.md'],
  ErrorCode: ['errors.md'],
  converse: ['testing.md'],
  createManualClock: ['testing.md#time'],
  lintDialogue: ['exploring.md#lint'],
  createWebhook: ['deploying.md#a-webhook'],
  observe: ['observing.md'],
  createInspector: ['studio.md#in-a-running-bot'],
  recordConversations: ['studio.md#recordings'],
};

/** What each entry point is for, and the page of the guide about it. */
export const ENTRY_POINTS: Readonly<Record<string, readonly [purpose: string, page: string]>> = {
  colloquy: ['Defining dialogues, running them, the store, errors', 'first-dialogue.md'],
  'colloquy/parsers': ['Every parser of an answer', 'parsers.md'],
  'colloquy/dialogue/parsers/date': ['Days and times', 'asking.md#days-and-times'],
  'colloquy/dialogue/parsers/phone': ['Telephone numbers', 'parsers.md#phone'],
  'colloquy/model': ['Language models: the port and its adapters', 'models.md'],
  'colloquy/takeover': ['A person takes over a conversation', 'takeover.md'],
  'colloquy/testing': [
    'Conversations on a clock of the test, lint, coverage, contracts',
    'testing.md',
  ],
  'colloquy/testing/vitest': ['Matchers for Vitest', 'testing.md#matchers'],
  'colloquy/testing/jest': ['Matchers for Jest', 'testing.md#matchers'],
  'colloquy/testing/wechat': ['Conversations through the webhook of WeChat', 'testing.md'],
  'colloquy/channels/webhook': ['A channel as an HTTP handler', 'deploying.md#a-webhook'],
  'colloquy/channels/source': ['A bot without an address', 'dialing-out.md'],
  'colloquy/channels/node': ['A webhook in `node:http`', 'frameworks.md'],
  'colloquy/channels/wechat': ['WeChat', 'deploying.md#wechat'],
  'colloquy/channels/wecom': ['WeCom', 'deploying.md#wecom'],
  'colloquy/channels/telegram': ['Telegram', 'channels.md#telegram'],
  'colloquy/channels/slack': ['Slack', 'slack.md'],
  'colloquy/channels/ilink': [
    'A personal account of WeChat, by iLink',
    'dialing-out.md#wechat-a-personal-account',
  ],
  'colloquy/channels/web': ['A chat on your website', 'web-chat.md'],
  'colloquy/channels/json': ['Signed JSON, for anything else', 'channels.md#anything-else-json'],
  'colloquy/channels/terminal': ['The terminal', 'channels.md#the-terminal'],
  'colloquy/persist/memory': ['A persister in memory, for tests', 'persisters.md'],
  'colloquy/persist/lmdb': ['LMDB', 'persisters.md#on-this-machine'],
  'colloquy/persist/sqlite': ['SQLite', 'persisters.md#sqlite'],
  'colloquy/persist/redis': ['Redis', 'persisters.md#the-settings-of-redis'],
  'colloquy/persist/postgres': ['PostgreSQL', 'persisters.md#the-settings-of-postgresql'],
  'colloquy/persist/write-behind': [
    'Commits that are answered before they are written',
    'persisters.md#writing-behind',
  ],
  'colloquy/otel': ['Spans and metrics of OpenTelemetry', 'observing.md'],
  'colloquy/studio': ['The page of Studio in a program of yours, recordings', 'studio.md'],
  'colloquy/cli': ['The config of the command line', 'command-line.md#the-config'],
};

/**
 * A link from a page of the reference to a page of the guide.
 * @throws Error where there is no such page
 */
export function linkToGuide(guide: string, from: string): string {
  const [page = '', fragment] = guide.split('#');
  const path = join(root, 'docs', page);
  if (!existsSync(path)) throw new Error(`There is no page docs/${page}: guides.ts names it.`);
  const address = posix.relative(posix.dirname(from), addressOf(`docs/${page}`, false));
  return `[${titleOf(readFileSync(path, 'utf8'))}](${address}${fragment === undefined ? '' : `#${fragment}`})`;
}
