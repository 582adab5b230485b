import { serve } from '../serving.ts';
import { startBot } from './server.ts';

// npx tsx examples/fastify-multi/main.ts
await serve(startBot);
