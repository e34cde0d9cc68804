/** The start page: for now, its scenes of drift. */
import { driftScenes } from "./drift.ts";
import { live, PauseButton } from "./kit/live.ts";
import { element } from "./kit/page.ts";

const pause = new PauseButton((element("pause") ?? document.createElement("button")) as HTMLButtonElement);
const scenes = driftScenes(pause);
live(element("demo"), scenes.work, { recorded: scenes.recorded });
