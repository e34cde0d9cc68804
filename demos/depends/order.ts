export type Order = "evidence" | "mi" | "unseen";
export const ORDERS: readonly Order[] = ["evidence", "mi", "unseen"];
export { opening } from "./ranking.ts";
