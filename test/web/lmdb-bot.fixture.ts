import { lmdb } from 'colloquy/persist/lmdb';
import { counting } from './counting.ts';
import { startWebBot } from './web-bot.ts';

const [path = '', port = '0'] = process.argv.slice(2);
const persister = lmdb(path);
const bot = await startWebBot(counting, { port: Number(port), persister });
process.stdout.write(`listening on ${bot.url}\n`);
