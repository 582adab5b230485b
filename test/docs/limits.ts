import { bytes, count, numberIn } from './limit-numbers.ts';

/** One thing that could grow, as the page of the limits shows it. */
export interface Limit {
  readonly what: string;
  readonly count: string;
  readonly bytes: string;
  /** What happens at the limit. */
  readonly at: string;
  /** How a program sees it. */
  readonly seen: string;
  /** The option that changes it. */
  readonly option?: string;
  /** The test that fills it up to its limit: its file, and a part of its name. */
  readonly test: readonly [file: string, name: string];
}

export interface LimitGroup {
  readonly title: string;
  readonly limits: readonly Limit[];
}

const NONE = '–';
const OUTBOX = 'src/context/record/outbox.ts';
const OPTIONS = 'src/runner/options.ts';
const STORE = 'src/context/store-options.ts';
const HISTORY = 'src/dialogue/text/history.ts';
const PENDING = 'src/context/record/pending.ts';
const RING = 'src/studio/observe/turn-ring.ts';
const CALL_VIEW = 'src/studio/observe/model-call-view.ts';
const TIMELINE = 'src/studio/session/timeline.ts';
const CALLS = 'src/studio/session/call-log.ts';
const BEHIND = 'src/persist/unwritten-records.ts';

const maxIds = numberIn(OPTIONS, 'seen?.max');

const ofUser: LimitGroup = {
  title: 'Of one user',
  limits: [
    {
      what: 'a context, and that of each sub-dialogue, as JSON',
      count: NONE,
      bytes: bytes(numberIn(STORE, 'options.maxContextBytes')),
      at: 'the turn fails, `save()` and `update()` throw',
      seen: '`context_too_big`',
      option: '`maxContextBytes`',
      test: ['test/context/store.test.ts', 'context_too_big'],
    },
    {
      what: 'ids of messages that counted',
      count: count(maxIds),
      // A table has room for more, and a filter of one byte for each.
      bytes: bytes((maxIds + numberIn('src/context/record/seen-ids.ts', 'MOST_ROOM')) * 13),
      at: 'the oldest id is forgotten: that message would count again',
      seen: 'its outcome is no longer `duplicate`',
      option: '`seen.max`, `seen.ageMs`',
      test: ['test/context/seen-log.test.ts', 'is forgotten behind `max` others'],
    },
    {
      what: 'replies kept for redeliveries',
      count: `those to ${count(numberIn('src/context/record/seen-parts.ts', 'MAX_ANSWERS'))} messages`,
      bytes: bytes(numberIn(OPTIONS, 'seen?.replyBytes')),
      at: 'the oldest replies go; larger ones are not kept',
      seen: 'a `duplicate` has no replies',
      option: '`seen.replyBytes`',
      test: ['test/runner/redelivery.test.ts', 'is bounded in bytes where it is stored'],
    },
    {
      what: 'replies that wait for delivery',
      count: count(numberIn(OUTBOX, 'MAX_UNSENT')),
      bytes: `${bytes(numberIn(OUTBOX, 'MAX_UNSENT_BYTES'))}; the replies of one turn alone may have more`,
      at: 'the turn fails, `say()` throws',
      seen: '`too_many_unsent`; `unsent` of `inspect()`',
      test: ['test/runner/outbox-limits.test.ts', 'are refused behind 256'],
    },
    {
      what: 'broadcasts that a user has heard',
      count: count(numberIn('src/runner/delivery/broadcast.ts', 'MAX_TOLD')),
      bytes: 'a mark each',
      at: 'the oldest is forgotten: made again, it would be said again',
      seen: '`said` of its progress',
      test: [
        'test/runner/broadcast.test.ts',
        'is remembered by a conversation with the last sixteen',
      ],
    },
    {
      what: 'timers, and the data of their events',
      count: count(numberIn(PENDING, 'MAX_PENDING')),
      bytes: bytes(numberIn(PENDING, 'MAX_PENDING_BYTES')),
      at: 'the turn fails',
      seen: '`too_many_pending`; `timers` of `inspect()`',
      test: ['test/runner/limits.test.ts', 'has 64 timers at most'],
    },
    {
      what: 'services that run, and their inputs',
      count: count(numberIn(PENDING, 'MAX_PENDING')),
      bytes: bytes(numberIn(PENDING, 'MAX_PENDING_BYTES')),
      at: 'the turn fails',
      seen: '`too_many_pending`; `services` of `inspect()`',
      test: ['test/runner/limits.test.ts', 'has four MiB of inputs of services'],
    },
    {
      what: 'questions whose buttons still count',
      count: count(numberIn('src/context/record/offers.ts', 'MAX_OFFERS')),
      bytes: '`maxContextBytes`',
      at: 'the buttons of the oldest question no longer count',
      seen: 'the outcome `stale`, `onStale`',
      test: ['test/runner/askings.test.ts', 'keeps the last 16 offers'],
    },
    {
      what: 'parts of a burst',
      count: count(numberIn('src/dialogue/engine/gather.ts', 'MAX_PARTS')),
      bytes: '`maxContextBytes`',
      at: 'the burst is complete, and its turn begins',
      seen: '`gathering` of `inspect()`',
      option: '`gather.max`, `gather.maxMs`',
      test: ['test/runner/gather.test.ts', 'is complete at once with its last part'],
    },
    {
      what: 'what was said, where the dialogue keeps it',
      count: `${count(numberIn(HISTORY, 'DEFAULT_TURNS'))} turns`,
      bytes: bytes(numberIn(HISTORY, 'DEFAULT_BYTES')),
      at: 'the oldest turns go, and a long text is cut',
      seen: '`history` of `inspect()`',
      option: '`history` of `setupDialogue()`',
      test: ['test/runner/history.test.ts', 'stays within its bytes, whatever is said'],
    },
    {
      what: 'a stored body that does not open, kept in the next record',
      count: '1',
      bytes: bytes(numberIn('src/context/storage/quarantine.ts', 'MAX_ASIDE_BYTES')),
      at: 'the commit fails, and the body stays',
      seen: '`corrupt`, `details.reason` is `too_big_to_keep`',
      option: '`onCorrupt`',
      test: ['test/context/quarantine.test.ts', 'is not replaced if it is too big to keep'],
    },
    {
      what: 'messages that wait behind a running turn',
      count: count(numberIn(OPTIONS, 'lanes?.waiting')),
      bytes: 'each as its body',
      at: 'the message is not accepted',
      seen: 'the outcome `shed`; `waiting` of `runner.stats()`',
      option: '`lanes.waiting`',
      test: ['test/runner/limits.test.ts', 'sheds the message of a user behind one that runs'],
    },
    {
      what: 'callers who wait for one message that is delivered again',
      count: count(numberIn('src/runner/delivery/exchange.ts', 'MAX_CALLERS')),
      bytes: NONE,
      at: 'the redelivery is not accepted',
      seen: 'the outcome `shed`',
      test: ['test/runner/limits.test.ts', 'sheds a redelivery that would be the 65th'],
    },
    {
      what: '`update()`, `erase()` and `say()` that wait for a user',
      count: count(numberIn('src/context/lane-room.ts', 'MAX_WAITING_CALLS')),
      bytes: NONE,
      at: 'the call throws',
      seen: '`lane_full`',
      test: ['test/runner/limits.test.ts', 'are refused behind a thousand'],
    },
    {
      what: 'steps that follow one another in a turn without an event',
      count: count(numberIn('src/dialogue/engine/stepped-machine.ts', 'MAX_STEPS')),
      bytes: NONE,
      at: 'the turn fails',
      seen: '`not_stable`',
      test: ['test/dialogue/engine.test.ts', "'not_stable'"],
    },
    {
      what: 'intents that are tried for one message',
      count: count(numberIn('src/runner/recognition/recognizing.ts', 'MAX_INTENTS')),
      bytes: '`maxContextBytes` of values each',
      at: 'the surest ones count',
      seen: NONE,
      test: ['test/runner/recognition.test.ts', 'of at most 16 intents are tried'],
    },
  ],
};

const ofProcess: LimitGroup = {
  title: 'Of a process',
  limits: [
    {
      what: 'records in memory',
      count: count(numberIn(STORE, 'options.max')),
      bytes: '`maxWeight`, by default none: contexts, replies, ids, events and inputs count',
      at: 'the least recently used one leaves: with a persister it is loaded again, without one it is lost',
      seen: 'the event `evict`; `records` of `stats()`',
      option: '`max`, `maxWeight`',
      test: [
        'test/context/records.test.ts',
        'evicts the least recently used record at its maximum',
      ],
    },
    {
      what: 'users whose messages a quota counts',
      count: count(numberIn('src/runner/quota.ts', 'MAX_USERS')),
      bytes: `a mark for each of their last messages, a maximum of ${count(numberIn('src/runner/quota.ts', 'MAX_MESSAGES'))}`,
      at: 'the user who was silent for longest is counted anew',
      seen: NONE,
      option: '`lanes.quota`',
      test: ['test/runner/quota.test.ts', 'is kept for the ten thousand users who were heard last'],
    },
    {
      what: 'unanswered messages and running services, together',
      count: count(numberIn(OPTIONS, 'lanes?.inFlight')),
      bytes: 'each as its body',
      at: 'the message is not accepted; timers still start services',
      seen: 'the outcome `shed`; `inFlight` and `services` of `runner.stats()`',
      option: '`lanes.inFlight`',
      test: ['test/runner/limits.test.ts', 'where 10 000 messages and services are in flight'],
    },
    {
      what: 'users whose replies are being delivered',
      count: count(numberIn('src/runner/delivery/outbox.ts', 'MAX_FLUSHES')),
      bytes: 'the waiting replies of each',
      at: 'the replies of others wait in their records',
      seen: '`unsent` of `runner.stats()`',
      test: ['test/runner/limits.test.ts', 'a maximum of 10 000 users whose replies are delivered'],
    },
    {
      what: 'users with delivered replies that could not be removed from the record',
      count: count(numberIn('src/context/delivered-replies.ts', 'MAX_REMEMBERED')),
      bytes: `${count(numberIn(OUTBOX, 'MAX_UNSENT'))} ids each`,
      at: 'such a reply may be delivered twice',
      seen: 'the `error` of the persister',
      test: ['test/runner/seen-heap.test.ts', 'cannot be removed from the record take few bytes'],
    },
    {
      what: 'stored records that stay due and are passed over',
      count: count(numberIn('src/context/storage/stored-scan.ts', 'MAX_STUCK')),
      bytes: 'an openid each',
      at: 'expiries and timers behind them wait until fewer stay due',
      seen: 'the `error` that keeps them due',
      test: ['test/context/scheduler-stored.test.ts', 'delays those behind 10 000'],
    },
    {
      what: 'records that wait to be written behind',
      count: count(numberIn(BEHIND, 'MAX_RECORDS')),
      bytes: `${count(numberIn(BEHIND, 'MAX_CHARACTERS') / 1024 / 1024)} Mi characters`,
      at: 'commits wait for a write, then fail as `unavailable`',
      seen: '`unwritten` of `stats()`',
      test: [
        'test/context/write-behind.test.ts',
        'makes commits wait for the write if too much waits',
      ],
    },
    {
      what: 'revisions that writing behind remembers',
      count: count(numberIn(BEHIND, 'MAX_KNOWN')),
      bytes: NONE,
      at: 'the revision of another record is looked up',
      seen: NONE,
      test: [
        'test/context/write-behind.test.ts',
        'keeps a record that left memory before its write',
      ],
    },
    {
      what: 'places of records that LMDB remembers',
      count: count(numberIn('src/persist/lmdb.ts', 'MAX_PLACES')),
      bytes: NONE,
      at: 'the place of another record is looked up',
      seen: NONE,
      test: ['test/persist/lmdb-limits.test.ts', 'more records than it remembers the places of'],
    },
    {
      what: 'calls in one command to Redis',
      count: count(numberIn('src/persist/redis/batches.ts', 'MAX_TOGETHER')),
      bytes: `${count(numberIn('src/persist/redis/batches.ts', 'MAX_CHARACTERS') / 1024 / 1024)} Mi characters`,
      at: 'the next call begins another command',
      seen: NONE,
      test: ['test/persist/redis.test.ts', 'use several commands if they are many'],
    },
    {
      what: 'states of one dialogue whose snapshots are shared',
      count: count(numberIn('src/dialogue/engine/shared-snapshots.ts', 'MAX_SHARED')),
      bytes: NONE,
      at: 'each conversation in another state has a snapshot alone',
      seen: NONE,
      test: ['test/runner/limits.test.ts', 'over a thousand states'],
    },
  ],
};

const ofChannels: LimitGroup = {
  title: 'Of channels',
  limits: [
    {
      what: 'a body on Telegram',
      count: '1 a request',
      bytes: bytes(numberIn('src/channels/telegram/index.ts', 'MAX_BODY_BYTES')),
      at: 'the request is refused with 413',
      seen: 'the status',
      option: '`maxBodyBytes`',
      test: ['test/channels/body-limits.test.ts', '256 KiB of Telegram, and no more'],
    },
    {
      what: 'a body on Slack, or as JSON',
      count: '1 a request',
      bytes: bytes(numberIn('src/channels/slack/index.ts', 'MAX_BODY_BYTES')),
      at: 'the request is refused with 413',
      seen: 'the status',
      option: '`maxBodyBytes`',
      test: ['test/channels/body-limits.test.ts', '512 KiB of Slack, and no more'],
    },
    {
      what: 'a body of a web chat',
      count: '1 a request',
      bytes: bytes(numberIn('src/channels/web/index.ts', 'MAX_BODY_BYTES')),
      at: 'the request is refused with 413',
      seen: '`too_large`',
      option: '`maxBodyBytes`',
      test: ['test/channels/web/limits.test.ts', 'longer than 256 KiB'],
    },
    {
      what: 'pages of one person in a web chat',
      count: count(numberIn('src/channels/web/user-line.ts', 'MAX_PAGES')),
      bytes: `${bytes(numberIn('src/channels/web/event-stream.ts', 'MAX_QUEUED_BYTES'))} each that wait to be read`,
      at: 'the stream of the oldest page, or of one that reads too slowly, ends; it connects again',
      seen: NONE,
      test: ['test/channels/web/limits.test.ts', 'the page that connected first'],
    },
    {
      what: 'pages of one room in a web chat',
      count: count(numberIn('src/channels/web/user-line.ts', 'MAX_ROOM_PAGES')),
      bytes: 'as those of one person',
      at: 'the stream of the oldest page ends; it connects again',
      seen: NONE,
      test: ['test/channels/web/rooms.test.ts', '256 pages'],
    },
    {
      what: 'lines of one room in a web chat that pages get when they connect',
      count: count(numberIn('src/channels/web/room-log.ts', 'MAX_LINES')),
      bytes: bytes(numberIn('src/channels/web/room-log.ts', 'MAX_BYTES')),
      at: 'the oldest leave; a page that was away for longer has missed them',
      seen: NONE,
      test: ['test/channels/web/rooms.test.ts', 'a maximum of 100 lines'],
    },
    {
      what: 'rooms in a web chat of which such lines are kept',
      count: count(numberIn('src/channels/web/user-lines.ts', 'MAX_ROOMS')),
      bytes: 'as their lines',
      at: 'the lines of the room that was silent for longest leave',
      seen: NONE,
      test: ['test/channels/web/rooms.test.ts', 'the last 1000 rooms'],
    },
    {
      what: 'persons with a page of a web chat that is connected',
      count: count(numberIn('src/channels/web/user-lines.ts', 'MAX_USERS')),
      bytes: 'as their pages',
      at: 'the next page is refused with 503, and connects later',
      seen: '`try_again`',
      test: ['test/channels/web/limits.test.ts', 'connected persons'],
    },
    {
      what: 'persons whose requests a web chat counts',
      count: count(numberIn('src/channels/web/token-buckets.ts', 'MAX_BUCKETS')),
      bytes: 'two numbers each',
      at: 'the person who was counted longest ago may write at once again',
      seen: NONE,
      option: '`rate`',
      test: ['test/channels/web/limits.test.ts', 'counted longest ago'],
    },
    {
      what: 'the bodies that one webhook reads at a time',
      count: NONE,
      bytes: bytes(numberIn('src/channels/lazy-request.ts', 'MAX_READING_BYTES')),
      at: 'the request is refused with 503 and `retry-after`',
      seen: '`too_many_bodies`',
      option: '`maxReadingBytes`',
      test: ['test/channels/unread-bodies.test.ts', 'take a bounded number of bytes together'],
    },
    {
      what: 'messages that `hold` leaves unanswered',
      count: count(numberIn('src/channels/held-retries.ts', 'MAX_HELD')),
      bytes: 'each as its body',
      at: 'the next message is answered without `hold`',
      seen: NONE,
      option: '`hold`',
      test: ['test/channels/hold.test.ts', '10_001'],
    },
    {
      what: 'messages of one source whose turns run',
      count: count(numberIn('src/channels/source-intake.ts', 'MAX_RUNNING')),
      bytes: 'each as the platform gives it',
      at: 'the next one waits before it is taken in',
      seen: NONE,
      test: ['test/channels/source.test.ts', 'a hundred turns'],
    },
    {
      what: 'updates on Telegram that a source has asked for and not committed',
      count: count(numberIn('src/channels/telegram/polling.ts', 'MAX_UPDATES')),
      bytes: 'each as a body',
      at: 'it asks for no more until the oldest is committed',
      seen: NONE,
      test: ['test/channels/telegram/polling.test.ts', 'a hundred updates'],
    },
    {
      what: 'replies of several parts that are sent in part',
      count: count(numberIn('src/channels/part-sender.ts', 'MAX_UNFINISHED')),
      bytes: 'an id each',
      at: 'a part of the oldest reply may be sent twice',
      seen: NONE,
      test: ['test/channels/remembered.test.ts', 'begins again with the oldest'],
    },
    {
      what: 'limits of platforms that `pace` counts, such as chats',
      count: count(numberIn('src/channels/pacing.ts', 'MAX_KEYS')),
      bytes: 'a time for each message within the limit',
      at: 'the one that was used least recently is counted anew',
      seen: NONE,
      option: '`pace`',
      test: ['test/channels/pacing.test.ts', 'counts ten thousand limits'],
    },
    {
      what: 'drafts on Slack whose messages are remembered',
      count: count(numberIn('src/channels/slack/drafts.ts', 'MAX_DRAFTS')),
      bytes: 'an address each',
      at: 'the message of the oldest draft stays, and its reply is a new one',
      seen: NONE,
      test: ['test/channels/slack/drafts.test.ts', 'the messages of a thousand drafts'],
    },
    {
      what: 'people on Slack whose last place is remembered',
      count: count(numberIn('src/channels/slack/last-places.ts', 'MAX_PLACES')),
      bytes: 'an address each',
      at: 'an answer to the oldest person goes to the place that the openid names',
      seen: NONE,
      test: ['test/channels/remembered.test.ts', 'the place of the one who wrote longest ago'],
    },
    {
      what: 'users of iLink whose ticket for “typing…” is remembered',
      count: count(numberIn('src/channels/ilink/typing.ts', 'MAX_TICKETS')),
      bytes: 'a ticket each',
      at: 'that of the oldest user is asked for again',
      seen: NONE,
      test: ['test/channels/ilink/ilink.test.ts', 'the ticket of the oldest user'],
    },
    {
      what: 'groups on Telegram that became supergroups',
      count: count(numberIn('src/channels/telegram/moved-chats.ts', 'MAX_CHATS')),
      bytes: 'two numbers each',
      at: 'the oldest group is forgotten: its conversations are not moved',
      seen: NONE,
      option: '`movedChats`',
      test: ['test/channels/remembered.test.ts', 'the group that was upgraded longest ago'],
    },
    {
      what: 'entries that a page of the web chat shows and keeps',
      count: count(numberIn('src/channels/web/page/chat-log.ts', 'MAX_ENTRIES')),
      bytes: 'what the browser allows a site',
      at: 'the oldest entries go',
      seen: NONE,
      test: ['test/web/page.test.ts', 'keeps the last 200'],
    },
    {
      what: 'messages of a page of the web chat that wait to be sent',
      count: count(numberIn('src/channels/web/page/chat-log.ts', 'MAX_WAITING')),
      bytes: 'as they are written',
      at: 'the page does not take the next message, and the text stays in its field',
      seen: 'a line on the page',
      test: ['test/web/page.test.ts', 'stay in the field'],
    },
    {
      what: "the answer of a platform's interface",
      count: NONE,
      bytes: bytes(numberIn('src/channels/web-api.ts', 'MAX_ANSWER_BYTES')),
      at: 'the call counts as failed',
      seen: 'the `error` of the delivery',
      test: ['test/channels/remembered.test.ts', 'longer than'],
    },
  ],
};

const ofModels: LimitGroup = {
  title: 'Of models',
  limits: [
    {
      what: 'the answer of a model, with all that a stream wraps around it',
      count: '1 a call',
      bytes: bytes(numberIn('src/model/openai/settings.ts', 'DEFAULT_MAX_ANSWER_BYTES')),
      at: 'the answer is not read further, and the call fails',
      seen: '`model_failed`, `details.problem` is `too_large`',
      option: '`maxAnswerBytes`',
      test: ['test/model/openai/sockets.test.ts', 'a flood is not read to its end'],
    },
  ],
};

const AGENT = 'src/model/agent/options.ts';

const ofAgents: LimitGroup = {
  title: 'Of an agent',
  limits: [
    {
      what: 'messages of its conversation with the model',
      count: count(numberIn(AGENT, 'DEFAULT_MESSAGES')),
      bytes: bytes(numberIn(AGENT, 'DEFAULT_BYTES')),
      at: 'the oldest exchange is dropped: an answer with the results of its calls',
      seen: 'the model does not read it',
      option: '`limits.messages`, `limits.bytes`',
      test: ['test/model/agent/limits.test.ts', 'as much of the newest as the limits allow'],
    },
    {
      what: 'answers that it asks the model for',
      count: count(numberIn(AGENT, 'DEFAULT_STEPS')),
      bytes: NONE,
      at: 'the agent ends',
      seen: '`reason: limit` of its output',
      option: '`limits.steps`',
      test: ['test/model/agent/limits.test.ts', 'an agent ends with the limit'],
    },
    {
      what: 'a result of a tool',
      count: NONE,
      bytes: bytes(numberIn(AGENT, 'DEFAULT_RESULT_BYTES')),
      at: 'the rest is cut off',
      seen: 'a note for the model',
      option: '`limits.resultBytes`',
      test: ['test/model/agent/loop.test.ts', 'cuts a result that is too long'],
    },
    {
      what: 'calls of tools in one answer',
      count: count(numberIn('src/model/agent/answer.ts', 'MAX_CALLS')),
      bytes: 'an eighth of `limits.bytes`',
      at: 'the others are not made',
      seen: 'a note for the model',
      test: ['test/model/agent/loop.test.ts', 'makes eight calls of an answer at most'],
    },
    {
      what: 'messages of the user that wait for the model',
      count: count(numberIn('src/model/agent/hearing.ts', 'MAX_HEARD')),
      bytes: 'a tenth of `limits.bytes`',
      at: 'the next message is not kept, and the user reads so',
      seen: 'a reply',
      test: ['test/model/agent/loop.test.ts', 'is not kept over ten messages'],
    },
  ],
};

const HELD = 'src/takeover/held-lines.ts';
const AT_DESK = 'src/takeover/desk-context.ts';
const OF_TAKEOVERS = 'test/takeover/limits.test.ts';

const ofTakeovers: LimitGroup = {
  title: 'Of a takeover',
  limits: [
    {
      what: 'lines that it keeps of what was said',
      count: count(numberIn(HELD, 'MAX_LINES')),
      bytes: bytes(numberIn(HELD, 'MAX_LINE_BYTES')),
      at: 'the oldest line goes; while the customer waits, the next message is not kept, and the customer reads so',
      seen: 'a reply',
      test: [OF_TAKEOVERS, 'are the last 50 lines'],
    },
    {
      what: 'messages of the customer that no operator was told',
      count: count(numberIn(HELD, 'MAX_SAID')),
      bytes: bytes(numberIn(HELD, 'MAX_SAID_BYTES')),
      at: 'the next message is not kept, and the customer reads so',
      seen: 'a reply',
      test: [OF_TAKEOVERS, 'are 40 messages that no operator could be told'],
    },
    {
      what: 'notes to operators, with those messages',
      count: count(numberIn(HELD, 'MAX_NOTES')),
      bytes: bytes(numberIn(HELD, 'MAX_NOTE_BYTES')),
      at: 'the next note is left out',
      seen: NONE,
      test: [OF_TAKEOVERS, 'are 50 notes in all'],
    },
    {
      what: 'a text for operators',
      count: NONE,
      bytes: bytes(numberIn(HELD, 'MAX_TEXT_BYTES')),
      at: 'the rest is cut off',
      seen: 'a mark in the text',
      test: [OF_TAKEOVERS, 'is a text of 8192 bytes'],
    },
    {
      what: 'customers in the list of an operator',
      count: count(numberIn(AT_DESK, 'MAX_WAITING')),
      bytes: 'an openid and a name each',
      at: 'the next one is not in it',
      seen: NONE,
      test: [OF_TAKEOVERS, 'are the first 50 customers'],
    },
    {
      what: 'messages of an operator on their way to a conversation',
      count: count(numberIn(AT_DESK, 'MAX_DONE')),
      bytes: bytes(numberIn(AT_DESK, 'MAX_DONE_BYTES')),
      at: 'the next message is not kept, and the operator reads so',
      seen: 'a reply',
      test: [OF_TAKEOVERS, 'are 20 messages that have not reached'],
    },
  ],
};

const ofStudio: LimitGroup = {
  title: 'Of Studio and inspectors',
  limits: [
    {
      what: 'dialogues whose charts are kept laid out',
      count: count(numberIn('src/graph/drawings.ts', 'MAX_LAYOUTS')),
      bytes: 'some 200 bytes for each state and arrow',
      at: 'the charts that were used longest ago are laid out again',
      seen: NONE,
      test: ['test/studio/drawings.test.ts', 'of 16 dialogues are kept'],
    },
    {
      what: 'turns that a page or a recording shows',
      count: count(numberIn(RING, 'MAX_TURNS')),
      bytes: bytes(numberIn(RING, 'MAX_BYTES')),
      at: 'the oldest turns go',
      seen: '`dropped` of a recording',
      option: '`maxTurns`, `maxBytes`',
      test: ['test/studio/runner-watch.test.ts', 'are the last 10 000'],
    },
    {
      what: 'calls of models that a page or a recording shows',
      count: count(numberIn(RING, 'MAX_TURNS')),
      bytes: 'half of those of the turns',
      at: 'the oldest calls go, and with a turn its own',
      seen: NONE,
      option: '`maxTurns`, `maxBytes`',
      test: ['test/studio/model-log.test.ts', 'has a maximum of calls and of bytes'],
    },
    {
      what: 'messages of one of these calls',
      count: count(numberIn(CALL_VIEW, 'MAX_MESSAGES')),
      bytes: NONE,
      at: 'the first one and the last ones are shown',
      seen: 'a number on the page',
      test: ['test/studio/model-log.test.ts', '200 at most'],
    },
    {
      what: 'characters of one of their texts',
      count: count(numberIn(CALL_VIEW, 'LONGEST_TEXT')),
      bytes: NONE,
      at: 'the text is cut',
      seen: 'a number on the page',
      test: ['test/studio/model-log.test.ts', 'the first 20 000 characters'],
    },
    {
      what: 'users as whom a page that sees their hashes may write',
      count: count(numberIn('src/studio/observe/redaction.ts', 'MAX_KNOWN')),
      bytes: 'an openid each',
      at: 'the hash that was shown longest ago is taken for an openid',
      seen: NONE,
      test: ['test/studio/runner-watch.test.ts', 'knows the last 1000 users'],
    },
    {
      what: 'pages of one server that are open',
      count: count(numberIn('src/studio/server/event-hub.ts', 'MAX_PAGES')),
      bytes: NONE,
      at: 'the next one is refused with 503',
      seen: 'the status',
      test: ['test/studio/handler.test.ts', 'is there for 64 pages'],
    },
    {
      what: 'events that wait for a page that does not read',
      count: NONE,
      bytes: bytes(numberIn('src/studio/server/page-stream.ts', 'MAX_WAITING_BYTES')),
      at: 'the stream ends, and the page begins again',
      seen: NONE,
      test: ['test/studio/handler.test.ts', 'does not read ends behind 8 MiB'],
    },
    {
      what: 'events kept for a page that lost its stream',
      count: count(numberIn('src/studio/server/event-hub.ts', 'MAX_KEPT')),
      bytes: bytes(numberIn('src/studio/server/event-hub.ts', 'MAX_KEPT_BYTES')),
      at: 'the page begins again',
      seen: NONE,
      test: ['test/studio/handler.test.ts', 'continues where it was lost'],
    },
    {
      what: 'conversations that a page shows',
      count: count(numberIn(RING, 'MAX_CONVERSATIONS')),
      bytes: 'two contexts each',
      at: 'the conversation that changed longest ago is no longer shown',
      seen: NONE,
      option: '`maxConversations`',
      test: ['test/studio/runner-watch.test.ts', 'have 1000 conversations at most'],
    },
    {
      what: 'moments of `colloquy studio` that it can go back to, behind turns and before what was done',
      count: count(numberIn(TIMELINE, 'MAX_MOMENTS')),
      bytes: bytes(numberIn(TIMELINE, 'MAX_BYTES')),
      at: 'the oldest go',
      seen: '`bad_request` of a fork',
      test: ['test/studio/session-travel.test.ts', 'is the moment behind 1000 turns at most'],
    },
    {
      what: 'calls of services and models whose outcomes `colloquy studio` knows',
      count: count(numberIn(CALLS, 'MAX_CALLS')),
      bytes: 'what they give',
      at: 'the oldest go; the service runs again',
      seen: NONE,
      test: ['test/studio/call-log.test.ts', 'knows the last 1000 outcomes'],
    },
    {
      what: 'ways to a state that `colloquy studio` found',
      count: count(numberIn('src/studio/session/ways.ts', 'MAX_WAYS')),
      bytes: 'what services give on them',
      at: 'the oldest go; played, their services go as they are set',
      seen: NONE,
      test: ['test/studio/session-ways.test.ts', 'remembers the services of the last 100'],
    },
    {
      what: 'turns that the page of Studio keeps',
      count: count(numberIn('src/studio/ui/state/page-state.ts', 'MAX_TURNS')),
      bytes: 'as much as their entries hold',
      at: 'the oldest turn goes',
      seen: 'a number on the page',
      test: ['test/studio/ui-state.test.ts', 'keeps the last 10 000 turns'],
    },
    {
      what: 'calls of models that the page of Studio keeps',
      count: count(numberIn('src/studio/ui/state/page-state.ts', 'MAX_CALLS')),
      bytes: 'as much as their prompts hold',
      at: 'the oldest call goes',
      seen: NONE,
      test: ['test/studio/ui-state.test.ts', 'keeps the last 10 000 calls'],
    },
    {
      what: 'drafts that the page of Studio shows',
      count: count(numberIn('src/studio/ui/state/page-state.ts', 'MAX_DRAFTS')),
      bytes: 'a text each',
      at: 'the one that changed longest ago is no longer shown',
      seen: NONE,
      test: ['test/studio/ui-state.test.ts', 'shows 1000 drafts at most'],
    },
    {
      what: 'conversations that the page of Studio keeps',
      count: count(numberIn('src/studio/ui/state/page-state.ts', 'MAX_CONVERSATIONS')),
      bytes: 'as much as their context holds',
      at: 'the one that changed longest ago goes',
      seen: NONE,
      test: ['test/studio/ui-state.test.ts', 'keeps the last 2000 conversations'],
    },
  ],
};

/** Every map, queue, log and buffer that could grow with users, messages or time. */
export const LIMITS: readonly LimitGroup[] = [
  ofUser,
  ofProcess,
  ofChannels,
  ofModels,
  ofAgents,
  ofTakeovers,
  ofStudio,
];
