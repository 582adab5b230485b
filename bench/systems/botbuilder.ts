import {
  type Activity,
  BotAdapter,
  type ConversationReference,
  ConversationState,
  MemoryStorage,
  type ResourceResponse,
  TurnContext,
} from 'botbuilder-core';
import {
  DialogSet,
  DialogTurnStatus,
  NumberPrompt,
  TextPrompt,
  WaterfallDialog,
} from 'botbuilder-dialogs';
import { type System, namesOf } from '../system.ts';

const SAID = Symbol('said');

/** Keeps what is sent instead of sending it. */
class Adapter extends BotAdapter {
  async sendActivities(
    context: TurnContext,
    activities: Partial<Activity>[],
  ): Promise<ResourceResponse[]> {
    context.turnState.set(SAID, activities[0]?.text ?? '');
    return activities.map(() => ({ id: '1' }));
  }

  async updateActivity(): Promise<void> {}
  async deleteActivity(): Promise<void> {}
  async continueConversation(_reference: Partial<ConversationReference>): Promise<void> {}
}

/** A waterfall of prompts over conversation state in memory. */
export function open(users: number): System {
  const adapter = new Adapter();
  const state = new ConversationState(new MemoryStorage());
  const rounds = state.createProperty<number>('rounds');
  const dialogs = new DialogSet(state.createProperty('dialogs'));
  dialogs.add(new TextPrompt('text'));
  dialogs.add(new NumberPrompt('number', undefined, 'en-us'));
  dialogs.add(new TextPrompt('yes', async ({ recognized }) => recognized.value === 'yes'));
  dialogs.add(
    new WaterfallDialog<object>('survey', [
      (step) => step.prompt('text', 'What is your name?'),
      (step) => {
        const values = step.values as { name?: string };
        values.name = step.result as string;
        return step.prompt('number', {
          prompt: 'How old are you?',
          retryPrompt: 'A number, please.',
        });
      },
      (step) => {
        const { name } = step.values as { name: string };
        return step.prompt('yes', `${name}, ${String(step.result)}. Is that right?`);
      },
      async (step) => {
        const { name } = step.values as { name: string };
        const round = (await rounds.get(step.context, 0)) + 1;
        await rounds.set(step.context, round);
        await step.context.sendActivity(`Thank you, ${name}: round ${round}.`);
        return step.endDialog();
      },
    ]),
  );
  const names = namesOf(users);
  let ids = 0;
  return {
    async turn(user, text) {
      ids += 1;
      const name = names[user] as string;
      const context = new TurnContext(adapter, {
        type: 'message',
        id: `m${ids}`,
        channelId: 'bench',
        conversation: { id: name, isGroup: false, conversationType: '', name: '' },
        from: { id: name, name },
        recipient: { id: 'bot', name: 'bot' },
        serviceUrl: 'https://example.com',
        locale: 'en-us',
        text,
      });
      const dialog = await dialogs.createContext(context);
      const { status } = await dialog.continueDialog();
      if (status === DialogTurnStatus.empty) await dialog.beginDialog('survey');
      await state.saveChanges(context);
      return context.turnState.get<string>(SAID) ?? '';
    },
  };
}
