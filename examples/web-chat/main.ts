import { serve } from '../serving.ts';
import { startBot } from './server.ts';

// npx tsx examples/web-chat/main.ts, and open the address that it prints
await serve(startBot);
