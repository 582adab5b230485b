// One system, one process: `node system.mjs <name> <users> <seconds>` prints what it measured as JSON.
import { createActor } from 'xstate';
import { createRunner, createContextStore } from '../dist/index.js';
import { TURNS, check, say, survey } from './survey.mjs';

const systems = {
  /** The whole handle(): lane, dedupe, commit, events, timers. */
  colloquy(users) {
    const store = createContextStore({ max: users });
    const runner = createRunner(survey, { store });
    let ids = 0;
    return {
      keep: runner,
      async turn(user, text) {
        ids += 1;
        const turn = await runner.handle(`user-${user}`, text, { id: `m${ids}` });
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

const [name, usersText, secondsText] = process.argv.slice(2);
const users = Number(usersText);
const heap = () => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const before = heap();
const system = systems[name](users);
let round = 0;
let turns = 0;

async function playRound() {
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (let user = 0; user < users; user += 1) {
      const text = say(user, turn);
      check(
        user,
        round,
        turn,
        system.sync ? system.turn(user, text) : await system.turn(user, text),
      );
    }
  }
  round += 1;
  turns += users * TURNS;
}

await playRound();
const heapPerUser = (heap() - before) / users;
const warmUntil = performance.now() + 1000;
while (performance.now() < warmUntil) await playRound();

turns = 0;
const start = performance.now();
while (performance.now() - start < Number(secondsText) * 1000) await playRound();
const seconds = (performance.now() - start) / 1000;
process.stdout.write(
  JSON.stringify({
    name,
    users,
    turnsPerSecond: turns / seconds,
    heapPerUser,
    keep: Boolean(system.keep),
  }),
);
process.exit(0);
