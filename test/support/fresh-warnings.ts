import { beforeEach } from 'vitest';
import { forgetWarnings } from '../../src/internal/warn.ts';

// A process says each warning once a minute, and the tests of a worker share a process.
beforeEach(forgetWarnings);
