/** A GPU that is lost in the middle of a command: it is opened again, unless that leads nowhere. */
import { DeviceLostError } from "../errors.ts";

/** Times that a GPU is opened again with nothing finished in between. */
const MOST = 3;

/** Decides for one command, and says what it decides. */
export class Reopening {
  readonly #say: (line: string) => void;
  #left = MOST;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** For the library's option of that name. */
  readonly onDeviceLost = ({ cause }: DeviceLostError): true => {
    if (this.#left === 0) {
      throw new DeviceLostError(
        `the GPU device was lost ${MOST + 1} times with nothing finished in between: ${cause}. Update its driver, or name ` +
          "another with --adapter; remine doctor lists them",
      );
    }
    this.#left--;
    this.#say(
      `The GPU device was lost: ${cause}. Opening it again; what is finished stays, what was begun starts again.`,
    );
    return true;
  };

  /** Something is finished, so that the next loss is not of the same work. */
  progressed(): void {
    this.#left = MOST;
  }
}
