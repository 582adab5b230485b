// One system, one process: plays a slice of turns whenever it is told to, and tells how fast that went.
import { createActor } from 'xstate';
import { createRunner, createContextStore } from '../dist/index.js';
import { TURNS, check, say, survey } from './survey.mjs';

const systems = {
  /** The whole handle(): lane, dedupe, commit, events, timers. */
  colloquy(users) {
    const store = createContextStore({ max: users });
    const runner = createRunner(survey, { store });
    const openids = Array.from({ length: users }, (_, user) => `user-${user}`);
    let ids = 0;
    return {
      keep: runner,
      async turn(user, text) {
        ids += 1;
        const turn = await runner.handle(openids[user], text, { id: `m${ids}` });
        return turn.replies[0].text;
      },
    };
  },
  /** A live actor for every user. */
  xstate(users) {
    let said;
    const actors = Array.from({ length: users }, () => {
      const actor = createActor(survey);
      actor.on('reply', ({ reply }) => {
        said = reply;
      });
      return actor.start();
    });
    return {
      keep: actors,
      sync: true,
      turn(user, text) {
        actors[user].send({ type: 'message.text', text });
        return said;
      },
    };
  },
};

const [name, usersText] = process.argv.slice(2);
const users = Number(usersText);

function heap() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const before = heap();
const system = systems[name](users);
let round = 0;

/** Everybody has the same round of the conversation, in turn; every reply is checked. */
async function playRound() {
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (let user = 0; user < users; user += 1) {
      const text = say(user, turn);
      const reply = system.sync ? system.turn(user, text) : await system.turn(user, text);
      check(user, round, turn, reply);
    }
  }
  round += 1;
}

await playRound();
process.send({ heapPerUser: (heap() - before) / users, keep: Boolean(system.keep) });

process.on('message', async ({ milliseconds }) => {
  const start = performance.now();
  const rounds = round;
  while (performance.now() - start < milliseconds) await playRound();
  const seconds = (performance.now() - start) / 1000;
  process.send({ turnsPerSecond: ((round - rounds) * users * TURNS) / seconds });
});
