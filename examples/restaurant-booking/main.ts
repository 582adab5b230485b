import { talkInTerminal } from '../terminal.ts';
import { createRestaurant } from './dialogue.ts';
import { createTables } from './tables.ts';

await talkInTerminal(createRestaurant(createTables()));
