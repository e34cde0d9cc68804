/** What the tests of refusals share. */
import { expect } from "vitest";
import { InputError } from "../src/errors.ts";

/** The message of the InputError that a call throws: messages are pinned, since they are what a user acts on. */
export function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
