// The renderer on a document of a few lines: what it keeps, what it moves, and that text stays text.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { h, render } from "../../static/js/render.js";

class Node {
  constructor(tag, namespaceURI) {
    Object.assign(this, { tag, namespaceURI, children: [], attributes: {}, parent: null, moves: 0 });
    this.style = {
      set: {},
      setProperty: (name, value) => (this.style.set[name] = value),
      removeProperty: (name) => delete this.style.set[name],
    };
  }
  get firstChild() {
    return this.children[0] ?? null;
  }
  get nextSibling() {
    const all = this.parent.children;
    return all[all.indexOf(this) + 1] ?? null;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  removeAttribute(name) {
    delete this.attributes[name];
  }
  insertBefore(child, before) {
    child.remove();
    child.parent = this;
    child.moves += 1;
    this.children.splice(before ? this.children.indexOf(before) : this.children.length, 0, child);
  }
  remove() {
    if (this.parent) this.parent.children.splice(this.parent.children.indexOf(this), 1);
    this.parent = null;
  }
  get text() {
    return this.tag === "#text" ? this.data : this.children.map((child) => child.text).join("");
  }
}

let root;
beforeEach(() => {
  globalThis.document = {
    createElementNS: (namespace, tag) => new Node(tag, namespace),
    createTextNode: (data) => Object.assign(new Node("#text"), { data }),
  };
  root = new Node("div", "http://www.w3.org/1999/xhtml");
});

test("markup in a text stays text", () => {
  render(root, h("b", null, "<img src=x onerror=alert(1)>"));
  assert.equal(root.children[0].children.length, 1);
  assert.equal(root.text, "<img src=x onerror=alert(1)>");
});

test("elements with keys are kept and moved, not made again", () => {
  const row = (key) => h("li", { key }, key);
  render(root, ["a", "b", "c"].map(row));
  const [a, b, c] = root.children;
  render(root, ["c", "a", "d"].map(row));
  assert.equal(root.children[0], c);
  assert.equal(root.children[1], a);
  assert.equal(root.text, "cad");
  assert.equal(b.parent, null);
});

test("what has not changed is not touched", () => {
  const draw = () => render(root, h("p", { class: "x" }, "one ", h("b", null, "two")), h("i", null));
  draw();
  const before = root.children.map((child) => child.moves);
  draw();
  assert.deepEqual(
    root.children.map((child) => child.moves),
    before,
  );
});

test("attributes come, change and go", () => {
  render(root, h("p", { class: "a", hidden: true, title: null }));
  assert.deepEqual(root.children[0].attributes, { class: "a", hidden: "" });
  render(root, h("p", { class: "b" }));
  assert.deepEqual(root.children[0].attributes, { class: "b" });
});

test("styles go through the object model", () => {
  render(root, h("p", { style: { "--a": "1", color: "red" } }));
  render(root, h("p", { style: { "--a": "2" } }));
  assert.deepEqual(root.children[0].style.set, { "--a": "2" });
  assert.equal("style" in root.children[0].attributes, false);
});

test("a handler from a string is refused, a function is taken", () => {
  assert.throws(() => render(root, h("p", { onclick: "alert(1)" })), TypeError);
  assert.throws(() => render(root, h("iframe", { srcdoc: "<p>" })), TypeError);
  const act = () => {};
  render(root, h("p", { onclick: act }));
  assert.equal(root.children[0].onclick, act);
});

test("children of svg are svg", () => {
  render(root, h("svg", null, h("circle", { r: 1 })));
  assert.equal(root.children[0].children[0].namespaceURI, "http://www.w3.org/2000/svg");
});

test("nothing, false and lists of lists are fine as children", () => {
  render(root, h("p", null, null, false, [["a"], undefined, [1]]));
  assert.equal(root.text, "a1");
  render(root);
  assert.equal(root.children.length, 0);
});
