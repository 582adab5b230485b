/** All colours can be set from outside; `light-dark()` follows the `color-scheme` of the page, or `theme`. */
export const STYLES = `
:host {
  --accent: var(--colloquy-accent, light-dark(#1f5fae, #8fbcf5));
  --on-accent: var(--colloquy-on-accent, light-dark(#fff, #0c1c30));
  --ground: var(--colloquy-background, light-dark(#fff, #16191d));
  --surface: var(--colloquy-surface, light-dark(#f0f2f5, #262b31));
  --text: var(--colloquy-text, light-dark(#1c2024, #e8eaed));
  --quiet: var(--colloquy-quiet, light-dark(#59626c, #a5aeb8));
  --line: var(--colloquy-border, light-dark(#dfe3e8, #353b43));
  --bad: var(--colloquy-bad, light-dark(#a3261b, #f2a49c));
  --radius: var(--colloquy-radius, 1.125rem);
  font: 400 1rem/1.5 var(--colloquy-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Hiragino Sans GB',
    'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif);
  color: var(--text);
  display: block;
  text-align: start;
}
:host([hidden]) { display: none }
:host([theme='light']) { color-scheme: light }
:host([theme='dark']) { color-scheme: dark }
:host([theme='auto']) { color-scheme: light dark }
:host([layout='box']) { block-size: var(--colloquy-height, 36rem) }
:host([layout='page']) { position: fixed; inset: 0 }
* { box-sizing: border-box; margin: 0 }
button, textarea { font: inherit; color: inherit; background: none; border: 0; padding: 0 }
button { cursor: pointer; touch-action: manipulation }
button[aria-disabled] { cursor: default }
svg { inline-size: 1.5rem; block-size: 1.5rem; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; display: block }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }

.launcher, .window { position: fixed; z-index: var(--colloquy-z, 2147483000); inset-block-end: 1rem; inset-inline-end: 1rem }
.launcher { display: grid; place-items: center; inline-size: 3.5rem; block-size: 3.5rem; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: 0 2px 12px rgb(0 0 0 / .24) }
.launcher:hover { filter: brightness(1.08) }
.unread { position: absolute; inset-block-start: -.25rem; inset-inline-end: -.25rem; min-inline-size: 1.375rem; border-radius: 1rem; padding-inline: .375rem; background: #b3261e; color: #fff; font-size: .8125rem; line-height: 1.375rem; font-weight: 600 }
.unread:empty { display: none }
.window {
  display: flex; flex-direction: column; overflow: hidden;
  inline-size: min(var(--colloquy-width, 25rem), 100vw - 2rem);
  block-size: min(var(--colloquy-height, 40rem), 100dvh - 2rem);
  background: var(--ground); border: 1px solid var(--line); border-radius: var(--radius);
  box-shadow: 0 8px 32px rgb(0 0 0 / .2);
}
.window:focus { outline: none }
:host([layout='box']) .window, :host([layout='page']) .window { position: static; inline-size: 100%; block-size: 100%; box-shadow: none }
:host([layout='page']) .window { border: 0; border-radius: 0 }
:host([layout='box']) .launcher, :host([layout='page']) .launcher, :host([layout='box']) .close, :host([layout='page']) .close,
:host(:not([layout='box'], [layout='page'], [open])) .window, :host([open]) .launcher { display: none }
@media (max-width: 30rem) {
  :host(:not([layout='box'])) .window { inset: 0; inline-size: 100%; block-size: 100%; border: 0; border-radius: 0 }
}

header { display: flex; align-items: center; gap: .5rem; min-block-size: 3.25rem; padding: .5rem 1rem; border-block-end: 1px solid var(--line) }
h2 { flex: 1; font-size: 1.0625rem; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere }
.close { padding: .375rem; border-radius: .5rem; color: var(--quiet) }
.close:hover { background: var(--surface); color: var(--text) }
:host([layout='page']) header, :host([layout='page']) .lines, :host([layout='page']) .draft, :host([layout='page']) .below, :host([layout='page']) .notice, :host([layout='page']) .composer {
  padding-inline: max(1rem, 50% - 23rem);
}

.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; min-block-size: 4rem }
.log:focus-visible { outline-offset: -2px }
.lines { display: flex; flex-direction: column; gap: .375rem; padding: 1rem 1rem .5rem }
.line { display: flex; flex-direction: column; align-items: flex-start; max-inline-size: 100% }
.said { align-items: flex-end }
.draft { padding: 0 1rem .5rem }
.draft .bubble { color: var(--quiet) }
.said + .reply, .reply + .said { margin-block-start: .5rem }
.bubble { max-inline-size: min(85%, 34rem); padding: .5rem .875rem; border-radius: var(--radius); background: var(--surface); white-space: pre-wrap; overflow-wrap: anywhere }
.reply .bubble { border-end-start-radius: .3rem }
.said .bubble { background: var(--accent); color: var(--on-accent); border-end-end-radius: .3rem }
.bubble .link, .bubble a { color: inherit; text-decoration: underline; text-underline-offset: .15em }
.quiet { color: var(--quiet) }
.said .quiet { color: inherit }
.note { margin-block-start: .25rem; font-size: .8125rem; color: var(--quiet) }
.again { color: var(--bad); text-decoration: underline }
.options { display: flex; flex-wrap: wrap; gap: .5rem; max-inline-size: 100%; margin-block: .5rem .25rem }
.option { min-block-size: 2.5rem; padding: .375rem 1rem; border: 1px solid var(--accent); border-radius: 1.25rem; color: var(--accent); background: var(--ground); text-align: start; overflow-wrap: anywhere; max-inline-size: 100% }
.option:hover { background: color-mix(in srgb, var(--accent) 10%, var(--ground)) }
.option[aria-disabled] { color: var(--quiet); border-color: var(--line); background: none }
.option[aria-pressed] { color: var(--text); border-color: var(--quiet) }
.option[aria-pressed]::before { content: '✓ ' / ''; }
.picture img, .medium video { display: block; max-inline-size: 100%; max-block-size: 20rem; border-radius: .625rem }
.bubble.image { padding: .375rem }
.bubble.image .quiet, .picture:not(:has(img)) { padding-inline: .5rem }
audio { max-inline-size: 100%; inline-size: 16rem; display: block }
.medium { display: grid; gap: .25rem; justify-items: start }
.bubble.news { padding: 0; overflow: hidden; inline-size: min(85%, 22rem) }
.card { display: grid; gap: .125rem; padding: .75rem .875rem; white-space: normal }
a.card { text-decoration: none }
a.card strong { text-decoration: underline; text-underline-offset: .15em }
a.card:hover { background: color-mix(in srgb, var(--accent) 8%, transparent) }
.card + .card { border-block-start: 1px solid var(--line) }
.card img { inline-size: 100%; aspect-ratio: 2; object-fit: cover; border-radius: .5rem; margin-block-end: .375rem }
.card strong { font-weight: 600; line-height: 1.35 }

.below { position: relative; min-block-size: 1.75rem; padding-inline: 1rem }
.typing { opacity: 0; pointer-events: none; transition: opacity .15s }
.typing.on { opacity: 1 }
.dots { display: inline-flex; gap: .25rem; padding: .375rem .25rem }
.dots i { inline-size: .4375rem; block-size: .4375rem; border-radius: 50%; background: var(--quiet) }
.typing.on .dots i { animation: breathe 1.2s infinite ease-in-out }
.dots i:nth-child(2) { animation-delay: .15s !important }
.dots i:nth-child(3) { animation-delay: .3s !important }
@keyframes breathe { 0%, 60%, 100% { opacity: .35 } 30% { opacity: 1 } }
.down { position: absolute; z-index: 1; inset-block-end: .5rem; inset-inline: 0; margin-inline: auto; inline-size: 2.5rem; block-size: 2.5rem; display: grid; place-items: center; border-radius: 50%; background: var(--ground); border: 1px solid var(--line); color: var(--accent); box-shadow: 0 2px 8px rgb(0 0 0 / .16) }
.down[hidden] { display: none }
.notice { padding: .375rem 1rem; font-size: .875rem; color: var(--quiet) }
.notice:empty { padding: 0; block-size: 0; overflow: hidden }
.composer { display: flex; align-items: flex-end; gap: .5rem; padding: .625rem 1rem max(.75rem, env(safe-area-inset-bottom)); border-block-start: 1px solid var(--line) }
textarea { flex: 1; min-inline-size: 0; resize: none; max-block-size: 9rem; padding: .5rem .875rem; border: 1px solid var(--quiet); border-radius: var(--radius); background: var(--ground); line-height: 1.45 }
textarea::placeholder { color: var(--quiet); opacity: 1 }
textarea:focus-visible { outline-offset: -1px }
.send { display: grid; place-items: center; flex: none; inline-size: 2.625rem; block-size: 2.625rem; border-radius: 50%; background: var(--accent); color: var(--on-accent) }
.send:hover { filter: brightness(1.08) }
.send svg { inline-size: 1.375rem; block-size: 1.375rem; translate: -.0625rem 0 }
@media (prefers-reduced-motion: reduce) { *, .typing.on .dots i { animation: none; transition: none } }
@media (forced-colors: active) { .bubble, .option, .launcher, .send { border: 1px solid } .dots i { background: CanvasText } }
`;
