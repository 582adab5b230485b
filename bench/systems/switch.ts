import { isNumber } from '../survey.ts';
import { type System, namesOf } from '../system.ts';

interface Conversation {
  state: 'idle' | 'name' | 'age' | 'sure';
  rounds: number;
  name?: string;
  age?: number;
}

/** The least possible work: no system can be faster. It keeps no id, stores nothing and undoes nothing. */
export function open(users: number): System {
  const names = namesOf(users);
  const conversations = new Map<string, Conversation>();
  return {
    turn(user, text) {
      const name = names[user] as string;
      let conversation = conversations.get(name);
      if (conversation === undefined) {
        conversation = { state: 'idle', rounds: 0 };
        conversations.set(name, conversation);
      }
      return step(conversation, text);
    },
  };
}

function step(conversation: Conversation, text: string): string {
  switch (conversation.state) {
    case 'idle':
      conversation.state = 'name';
      return 'What is your name?';
    case 'name':
      conversation.name = text;
      conversation.state = 'age';
      return 'How old are you?';
    case 'age':
      if (!isNumber(text)) return 'A number, please.';
      conversation.age = Number(text);
      conversation.state = 'sure';
      return `${conversation.name}, ${conversation.age}. Is that right?`;
    case 'sure':
      if (text !== 'yes') return '';
      conversation.rounds += 1;
      conversation.state = 'idle';
      return `Thank you, ${conversation.name}: round ${conversation.rounds}.`;
  }
}
