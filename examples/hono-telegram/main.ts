import { serve } from '../serving.ts';
import { startBot } from './server.ts';

// npx tsx examples/hono-telegram/main.ts
await serve(startBot);
