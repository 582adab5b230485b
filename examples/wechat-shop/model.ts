import type { Recognizer } from 'colloquy';
import { type Model, modelRecognizer, openAiCompatible } from 'colloquy/model';
import { drinks, sweets } from './menu.ts';

/**
 * 语言模型的替身：只认得菜单上的词和“几杯”，不设模型也能看到一句话点完一单。
 * 它说的只是提议：每个值都要过对话里自己的解析，价钱和确认始终归对话管。
 */
export const model: Recognizer = async (message) => {
  const said = message.type === 'message.text' ? message.text : '';
  if (/[不别]要/u.test(said)) return [];
  const named = (items: typeof drinks | typeof sweets): string | undefined =>
    items
      .flatMap(({ label, synonyms }) => [label, ...synonyms])
      .find((name) => said.includes(name));
  const cups = /[\d一二两三四五六七八九十]+ ?杯/u.exec(said)?.[0];
  const found = { drink: named(drinks), sweet: named(sweets), cups };
  const values = Object.fromEntries(Object.entries(found).filter(([, value]) => value));
  return Object.keys(values).length === 0 ? [] : [{ intent: 'want', score: 0.8, values }];
};

const listOf = (items: readonly { readonly label: string }[]): string =>
  items.map(({ label }) => label).join('、');

/** 问模型：顾客想做什么，话里说了点单的哪几项。 */
export const recognizerBy = (server: Model): Recognizer =>
  modelRecognizer(server, {
    about: '这是一家奶茶店的公众号，顾客说中文。',
    intents: {
      want: {
        description: '顾客想喝点什么',
        examples: ['来两杯少糖的珍珠奶茶', '口渴了，有什么喝的'],
        values: {
          drink: `饮品：${listOf(drinks)}`,
          sweet: `甜度：${listOf(sweets)}`,
          cups: '几杯',
        },
      },
      mine: { description: '顾客问自己的订单', examples: ['我那杯好了没有'] },
      hours: '顾客问什么时候营业',
    },
  });

/**
 * 环境变量里写了模型就用它：凡是说 OpenAI 那套协议的都行，例如 DeepSeek、通义千问，或者本机的 Ollama
 *（`http://127.0.0.1:11434/v1`）。否则用上面的替身。
 */
export function recognizerOf(
  environment: Readonly<Record<string, string | undefined>>,
): Recognizer {
  const { MODEL_URL, MODEL_NAME, MODEL_KEY } = environment;
  if (!MODEL_URL || !MODEL_NAME) return model;
  return recognizerBy(
    openAiCompatible({
      baseUrl: MODEL_URL,
      model: MODEL_NAME,
      // 哪家服务器都行：有的不认 JSON Schema，例如 DeepSeek。
      schemas: 'prompt',
      ...(MODEL_KEY && { apiKey: MODEL_KEY }),
    }),
  );
}
