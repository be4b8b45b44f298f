// Keeps the machine from dimming its screen. Browsers allow it over https and on the machine itself only.

/** Hold the lock for as long as the page is seen; `page` is the window. */
export function keepAwake(page) {
  const { document, navigator } = page;
  if (!navigator.wakeLock) return;
  let held = null;
  let asking = false;
  const hold = async () => {
    if (document.hidden || asking || (held && !held.released)) return;
    asking = true;
    try {
      held = await navigator.wakeLock.request("screen");
      // The machine takes it away when its battery is low; it is asked for again with the next change.
      held.addEventListener("release", hold);
    } catch (fault) {
      console.warn("the screen may go dark:", fault);
    }
    asking = false;
  };
  document.addEventListener("visibilitychange", hold);
  hold();
}
