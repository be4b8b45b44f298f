// How a page of a person is left: nothing of the city stays on the glass of a machine that nobody is logged in at.

import { loginAddress } from "./session.js";

/** {leave(address), ended(fault)}; `stop()` ends the page's connection and commands, `here` is its location. */
export function leaving({ stop, store, here }) {
  function leave(address) {
    stop();
    store.clear();
    here.assign(address);
  }

  /** The session has ended, where that is the fault; the promise never settles, since the page goes. */
  function ended(fault) {
    if (fault?.status !== 401) throw fault;
    leave(loginAddress(here));
    return new Promise(() => {});
  }

  return { leave, ended };
}
