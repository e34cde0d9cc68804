/** What the tests of the two pages with a plane share. */
import type { Page } from "playwright-core";

export const dataOf = (page: Page) => page.locator("#demo").evaluate((main) => ({ ...main.dataset }));

/** Waits until the estimate is within 10 % of the truth that the page states. */
export const untilClose = (page: Page, truth?: number) =>
  page.waitForFunction(
    (wanted) => {
      const { state, error, truth, steps, estimate } = document.getElementById("demo")!.dataset;
      if (state === "failed") throw new Error(error);
      const known = wanted === undefined || Math.abs(Number(truth) - wanted) < 1e-4;
      return known && Number(steps) > 100 && Math.abs(Number(estimate) / Number(truth) - 1) < 0.1;
    },
    truth,
    { timeout: 180_000, polling: 100 },
  );
