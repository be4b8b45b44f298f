// The words of the leaders' page, beside those of the wall and the console that it shares.

import { CATALOGUES as CONSOLE } from "../console/words.js";
import { translator } from "../words.js";
import { EN } from "./words_en.js";
import { ID } from "./words_id.js";

export const CATALOGUES = {
  id: { ...CONSOLE.id, ...ID },
  en: { ...CONSOLE.en, ...EN },
};

/** t(key, values) of the leaders' page. */
export const leaderTranslator = (code) => translator(code, CATALOGUES);
