// Indonesian: incidents, their story, agencies, calls, quality. Same keys and names as words_work_en.js.

export const ID = {};
