import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { focusOf } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { readTyped } from '../chat/typed-message.ts';
import { Menu } from './menu.tsx';

/** What goes wrong in production, at a click. */
export function FaultsMenu(): VNode {
  const { texts, act } = useStudio();
  const last = useSelected(({ turns }) => turns.findLast(({ cause }) => cause === 'message')?.turn);
  const [times, setTimes] = useState(1);
  const [seconds, setSeconds] = useState(10);
  return (
    <Menu label={texts.faults} title={texts.faultsTitle}>
      <section>
        <h2>{texts.delivery}</h2>
        <p class="row">
          <button
            type="button"
            disabled={last === undefined}
            title={texts.redeliverTitle}
            onClick={() => last !== undefined && void act('redeliver', { turn: last })}
          >
            {texts.redeliverLast}
          </button>
        </p>
        <Reorder />
      </section>
      <section>
        <h2>{texts.process}</h2>
        <p class="row">
          <button type="button" title={texts.crashTitle} onClick={() => void act('crash', {})}>
            {texts.crash}
          </button>
        </p>
      </section>
      <section>
        <h2>{texts.persister}</h2>
        <p class="row">
          <label>
            {texts.times}{' '}
            <input
              type="number"
              min="1"
              max="1000"
              value={times}
              onInput={({ currentTarget }) => setTimes(currentTarget.valueAsNumber)}
            />
          </label>
          <button type="button" onClick={() => void act('break', { what: 'save', times })}>
            {texts.breakSave}
          </button>
          <button type="button" onClick={() => void act('break', { what: 'load', times })}>
            {texts.breakLoad}
          </button>
        </p>
      </section>
      <section>
        <h2>{texts.recognizer}</h2>
        <p class="row">
          <label>
            {texts.secondsLong}{' '}
            <input
              type="number"
              min="0"
              value={seconds}
              onInput={({ currentTarget }) => setSeconds(currentTarget.valueAsNumber)}
            />
          </label>
          <button type="button" onClick={() => void act('recognize', { lateMs: seconds * 1000 })}>
            {texts.recognizeLate}
          </button>
        </p>
      </section>
    </Menu>
  );
}

function Reorder(): VNode {
  const { texts, act } = useStudio();
  const openid = useSelected((state) => focusOf(state) ?? 'you');
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const messages = [second, first].map(readTyped).filter((each) => each !== undefined);
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void act('reorder', { openid, messages });
      }}
    >
      <input
        aria-label={texts.sentFirst}
        placeholder={texts.sentFirst}
        value={first}
        onInput={({ currentTarget }) => setFirst(currentTarget.value)}
      />
      <input
        aria-label={texts.sentSecond}
        placeholder={texts.sentSecond}
        value={second}
        onInput={({ currentTarget }) => setSecond(currentTarget.value)}
      />
      <button type="submit" disabled={first === '' || second === ''} title={texts.reorderTitle}>
        {texts.reorder}
      </button>
    </form>
  );
}
