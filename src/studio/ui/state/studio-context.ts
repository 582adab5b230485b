import { type Context, createContext } from 'preact';
import { useContext, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { StudioAnswers, StudioRequests } from '../../wire-requests.ts';
import type { Texts } from '../texts/english.ts';
import type { PageState } from './page-state.ts';
import type { PageStore } from './page-store.ts';

/** What every part of the page needs. */
export interface Studio {
  readonly store: PageStore;
  readonly texts: Texts;
  /** For `Intl`. */
  readonly locale: string;
  readonly ask: <Name extends keyof StudioRequests>(
    name: Name,
    body: StudioRequests[Name],
  ) => Promise<StudioAnswers[Name]>;
  /** The same, where the answer needs no look; a refusal becomes a problem to read. Resolves with whether it was done. */
  readonly act: <Name extends keyof StudioRequests>(
    name: Name,
    body: StudioRequests[Name],
  ) => Promise<boolean>;
  /** Says a sentence to the person who looks, also to a screen reader. */
  readonly tell: (text: string) => void;
}

export const StudioContext: Context<Studio | undefined> = createContext<Studio | undefined>(
  undefined,
);

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (studio === undefined) throw new Error('A part of the page stands outside of it.');
  return studio;
}

export function useTexts(): Texts {
  return useStudio().texts;
}

/** A part of the state; the component is drawn again when it is another one. */
export function useSelected<T>(select: (state: PageState) => T): T {
  const { store } = useStudio();
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const selected = select(store.state);
  const last = useRef({ select, selected });
  last.current = { select, selected };
  useLayoutEffect(() => {
    const check = (): void => {
      if (!Object.is(last.current.select(store.state), last.current.selected)) drawAgain(0);
    };
    check();
    return store.subscribe(check);
  }, [store]);
  return selected;
}
