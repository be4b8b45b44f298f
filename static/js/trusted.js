// Loaded first, as a classic script: the only place that makes strings into trusted values.
// OpenLayers measures text with innerHTML = "M"; nothing here ever needs markup or a script from a string.
(() => {
  "use strict";

  const refuse = (what) => () => {
    throw new TypeError(`${what} from a string is refused`);
  };
  if (window.trustedTypes?.createPolicy) {
    window.trustedTypes.createPolicy("default", {
      createHTML(text) {
        if (/[<&]/.test(text)) throw new TypeError("markup from a string is refused");
        return text;
      },
      createScript: refuse("a script"),
      createScriptURL: refuse("the address of a script"),
    });
  }

  // A page whose modules do not load must say so: an empty wall looks like a quiet city.
  const say = () => {
    const loading = document.getElementById("loading");
    if (loading?.dataset.failed) loading.textContent = loading.dataset.failed;
  };
  window.addEventListener("error", say, true);
  window.addEventListener("unhandledrejection", say);
})();
