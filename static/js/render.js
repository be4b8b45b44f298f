// A small declarative renderer: h() describes, render() makes the DOM so. Text is text, never markup.

const SVG = "http://www.w3.org/2000/svg";
const HTML = "http://www.w3.org/1999/xhtml";
const shown = new WeakMap();

/** A description of an element: h("b", {class: "x", key: 1}, "text", child, [more]); null children vanish. */
export function h(tag, props, ...children) {
  const { key = null, ...rest } = props ?? {};
  return { tag, key, props: rest, children: clean(children) };
}

/** Make the children of `parent` as described, keeping every element that is still meant. */
export function render(parent, ...children) {
  patchChildren(parent, clean(children));
}

function clean(children) {
  return children.flat(Infinity).flatMap((child) => {
    if (child === null || child === undefined || child === false || child === true) return [];
    return [typeof child === "object" ? child : { tag: "#text", key: null, text: String(child) }];
  });
}

function patchChildren(parent, next) {
  const before = shown.get(parent) ?? [];
  const keyed = new Map();
  const loose = [];
  for (const item of before) {
    if (item.node.key === null) loose.push(item);
    else keyed.set(item.node.key, item);
  }
  const now = next.map((node) => {
    const found = node.key === null ? take(loose, node) : keyed.get(node.key);
    if (node.key !== null) keyed.delete(node.key);
    if (!found || found.node.tag !== node.tag) {
      found?.dom.remove();
      return { node, dom: create(node, parent.namespaceURI) };
    }
    patch(found.dom, found.node, node);
    return { node, dom: found.dom };
  });
  for (const { dom } of [...loose, ...keyed.values()]) dom.remove();
  let place = parent.firstChild;
  for (const { dom } of now) {
    if (dom === place) place = place.nextSibling;
    else parent.insertBefore(dom, place);
  }
  shown.set(parent, now);
}

function take(loose, node) {
  const index = loose.findIndex((item) => item.node.tag === node.tag);
  return index < 0 ? undefined : loose.splice(index, 1)[0];
}

function create(node, parentNamespace) {
  if (node.tag === "#text") return document.createTextNode(node.text);
  const namespace = node.tag === "svg" || parentNamespace === SVG ? SVG : HTML;
  const dom = document.createElementNS(namespace, node.tag);
  patch(dom, { props: {} }, node);
  return dom;
}

function patch(dom, before, node) {
  if (node.tag === "#text") {
    if (dom.data !== node.text) dom.data = node.text;
    return;
  }
  for (const name of Object.keys(before.props))
    if (!(name in node.props)) set(dom, name, null, before.props[name]);
  for (const [name, value] of Object.entries(node.props)) {
    if (name === "style" || before.props[name] !== value) set(dom, name, value, before.props[name]);
  }
  patchChildren(dom, node.children);
}

function set(dom, name, value, before) {
  if (name === "style") {
    // Through the object model: the policy of the page forbids style attributes.
    for (const property of Object.keys(before ?? {}))
      if (!(property in (value ?? {}))) dom.style.removeProperty(property);
    for (const [property, text] of Object.entries(value ?? {})) {
      if (before?.[property] !== text) dom.style.setProperty(property, text);
    }
  } else if (typeof value === "function" || typeof before === "function") {
    dom[name] = value;
  } else if (/^on|^srcdoc$|^srcset$/i.test(name)) {
    throw new TypeError(`${name} from a string is refused`);
  } else if (value === null || value === undefined || value === false) {
    dom.removeAttribute(name);
  } else {
    dom.setAttribute(name, value === true ? "" : String(value));
  }
}
