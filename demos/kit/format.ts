/** Numbers as the pages show them. */
const minus = (text: string) => text.replace("-", "−");

export const nats = (value: number): string => minus(value.toFixed(Math.abs(value) < 99.9995 ? 3 : 1));

export const percent = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`;

/** A whole number with its thousands apart. */
export const count = (value: number): string => Math.round(value).toLocaleString("en");

/** A tick's number with the digits that a step of this size needs. */
export function tick(value: number, step: number): string {
  let digits = 0;
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++;
  return minus(value.toFixed(digits));
}
