import { serve } from '../serving.ts';
import { startBot } from './server.ts';

// npx tsx examples/express-wechat/main.ts
await serve(startBot);
