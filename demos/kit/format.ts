/** Numbers as the pages show them. */
const minus = (text: string) => text.replace("-", "−");

/** What explodes stays short: from here on with its power of ten. */
const LARGE = 1e4;
const power = (value: number) => value.toExponential(1).replace("+", "");

export function nats(value: number): string {
  const reach = Math.abs(value);
  return minus(reach < LARGE ? value.toFixed(reach < 99.9995 ? 3 : 1) : power(value));
}

export function percent(value: number): string {
  const reach = Math.abs(value);
  return `${value < 0 ? "−" : "+"}${reach < LARGE ? reach.toFixed(1) : power(reach)} %`;
}

/** A whole number with its thousands apart. */
export const count = (value: number): string => Math.round(value).toLocaleString("en");

/** A tick's number with the digits that a step of this size needs. */
export function tick(value: number, step: number): string {
  const reach = Math.abs(value);
  if (reach >= 1e5 && step >= reach / 100) return minus(Number(value.toPrecision(3)).toExponential().replace("+", ""));
  let digits = 0;
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++;
  return minus(value.toFixed(digits));
}
