/** Numbers as the pages show them. */
const minus = (text: string) => text.replace("-", "−");

export const nats = (value: number): string => minus(value.toFixed(Math.abs(value) < 99.9995 ? 3 : 1));

export const percent = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`;

/** A whole number with its thousands apart. */
export const count = (value: number): string => Math.round(value).toLocaleString("en");

/** A tick's number with the digits that a step of this size needs. */
export const tick = (value: number, step: number): string =>
  minus(value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))));
