/** The experiments by name, in the order of the paper. */
import { consistencyFigures } from "./consistency-figures.ts";
import type { Experiment } from "./experiment.ts";
import { fig1 } from "./fig1.ts";
import { fig2 } from "./fig2.ts";
import { fig3 } from "./fig3.ts";
import { fig4 } from "./fig4.ts";
import { fig5 } from "./fig5.ts";
import { fig8 } from "./fig8.ts";
import { fig9 } from "./fig9.ts";
import { fig15 } from "./fig15.ts";
import { fig6, fig10, table1 } from "./staircase-figures.ts";
import { theorem6 } from "./theorem6.ts";
import { uaiSlb } from "./uai-slb.ts";

const { fig7, fig12, fig13, fig14 } = consistencyFigures as Record<"fig7" | "fig12" | "fig13" | "fig14", Experiment>;

export const experiments: Readonly<Record<string, Experiment>> = {
  ...{ fig1, fig2, fig3, fig4, fig5, fig6, fig7, fig8, fig9, fig10 },
  ...{ fig12, fig13, fig14, fig15, table1, theorem6, "uai-slb": uaiSlb },
};
