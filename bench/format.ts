/** Formats a number with three significant figures, and a space between the thousands. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = digits > 0 ? value.toFixed(Math.min(digits, 3)) : precise(value);
  return rounded.replace(/\B(?=(\d{3})+(?!\d)(?<!\.\d*))/g, ' ');
}

export function times(value: number): string {
  return `${value >= 0.1 ? value.toFixed(2) : value.toFixed(3)}×`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

export function bytes(value: number): string {
  if (Math.abs(value) < 10_000) return `${Math.round(value)} B`;
  if (Math.abs(value) < 2 ** 20) return `${format(value / 1024)} KiB`;
  return value < 2 ** 30 ? `${format(value / 2 ** 20)} MiB` : `${(value / 2 ** 30).toFixed(2)} GiB`;
}

function precise(value: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 2);
  return String(Math.round(value / step) * step);
}
