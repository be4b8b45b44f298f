// English: incidents, their story, agencies, calls, quality. Same keys and names as words_work_id.js.

export const EN = {};
