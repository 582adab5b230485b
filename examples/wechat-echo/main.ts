import { playConversation } from './conversation.ts';
import { type Bot, startBot } from './server.ts';

const token = process.env['WECHAT_TOKEN'] ?? 'MY_WECHAT_TOKEN';
const isServing = process.argv.includes('--serve');

try {
  await (isServing ? serve() : demonstrate());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const bot = await start(process.env['PORT'] ?? '8080');
  const told = new Promise((resolve) => {
    // Not `once`: Ctrl-C reaches this process several times, from the terminal and from its parent processes.
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
  console.log(`listening on ${bot.url}`);
  await told;
  await bot.close();
}

async function demonstrate(): Promise<void> {
  const bot = await start('0');
  try {
    const problems = await playConversation({ url: bot.url, token }, console.log);
    if (problems.length > 0) throw new Error(`Not as expected:\n${problems.join('\n')}`);
  } finally {
    await bot.close();
  }
}

async function start(port: string): Promise<Bot> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error('PORT has to be a number from 0 to 65535; 0 takes a free port.');
  }
  try {
    return await startBot({ port: Number(port), token });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is in use. Set PORT to another one; 0 takes a free port.`, {
      cause: error,
    });
  }
}
