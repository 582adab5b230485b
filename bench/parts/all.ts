import type { Part } from '../part.ts';
import { conversationTest } from './conversation-test.ts';
import { delays } from './delays.ts';
import { durable } from './durable.ts';
import { expiries } from './expiries.ts';
import { exploration } from './exploration.ts';
import { form } from './form.ts';
import { growth } from './growth.ts';
import { http } from './http.ts';
import { idle } from './idle.ts';
import { crowd, memory } from './memory.ts';
import { parsers } from './parsers.ts';
import { start } from './start.ts';

/** What `npm run bench` measures, in this order. */
export const parts: readonly Part[] = [
  memory,
  crowd,
  form,
  durable,
  idle,
  expiries,
  delays,
  http,
  start,
  conversationTest,
  exploration,
  parsers,
  growth,
];
