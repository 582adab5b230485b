import { startBot } from './server.ts';
import { serve } from './serving.ts';

await serve(startBot);
