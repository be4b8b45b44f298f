// Log in, choose a first password by a one-time link, or another one where somebody else knows the old.

const boot = JSON.parse(document.getElementById("boot").textContent);
const form = document.getElementById("form");
const fault = document.getElementById("fault");
const field = (name) => form.elements.namedItem(name);
const part = (id) => document.getElementById(id);

/** Only a path of this server: "//host" and "/\host" lead elsewhere. */
function next() {
  const asked = new URLSearchParams(location.search).get("next") ?? "";
  return /^\/(?![/\\])/.test(asked) ? asked : "/console";
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(said.detail || `HTTP ${response.status}`);
  return said;
}

async function act() {
  const password = field("password").value;
  if (boot.first) {
    await post("/api/v1/first", {
      code: boot.first.code,
      password,
      id: boot.first.id || field("name").value,
      name: boot.first.id ? "" : field("shown").value,
    });
  } else {
    const me = await post("/api/v1/login", { name: field("name").value, password });
    if (me.must_change && !field("fresh").value) {
      part("new-field").hidden = false;
      field("fresh").focus();
      fault.textContent = "Pilih kata sandi baru. · Choose a new password.";
      return;
    }
    if (me.must_change) await post("/api/v1/password", { old: password, new: field("fresh").value });
  }
  location.assign(next());
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  fault.textContent = "";
  act().catch((error) => {
    fault.textContent = error.message;
  });
});

if (boot.first) {
  field("password").autocomplete = "new-password";
  part("id-field").hidden = Boolean(boot.first.id);
  field("name").required = !boot.first.id;
  part("shown-field").hidden = Boolean(boot.first.id);
  // The code is a secret: it leaves the address bar, and the history with it.
  history.replaceState(null, "", "/first");
}
