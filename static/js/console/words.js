// The console's words beside the wall's: the shell with alerts and people, and the work on incidents and calls.

import { CATALOGUES as WALL, translator } from "../words.js";
import { EN } from "./words_en.js";
import { ID } from "./words_id.js";
import { EN as WORK_EN } from "./words_work_en.js";
import { ID as WORK_ID } from "./words_work_id.js";

export const CATALOGUES = {
  id: { ...WALL.id, ...ID, ...WORK_ID },
  en: { ...WALL.en, ...EN, ...WORK_EN },
};

/** t(key, values) of the console. */
export const consoleTranslator = (code) => translator(code, CATALOGUES);
