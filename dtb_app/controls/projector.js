// Larger type and strokes on the whole page, for a lecture room; the browser remembers it.
//
// CSS enlarges all that is on the page. Scripts measure it and place menus, hints and pointers by it:
// they must be told lengths of the page's own, as they are where a browser enlarges a page by itself.
// Pictures are drawn with as many pixels of the screen as they cover, so they stay sharp.

const KEPT = "dtb-projector";
const LEAST_WIDTH = 1024, LEAST_HEIGHT = 560;  // pixels of its own that a page keeps
const MOST = 1.6;
const root = document.documentElement;
let larger = 1;  // pixels of the window in one of the page

const CSS = `
:host { display: block; }
button { display: flex; align-items: center; justify-content: center; width: 34px; height: 34px; padding: 0; border: 0; border-radius: 50%; background: none; color: var(--dtb-ink); cursor: pointer; }
button:hover { background: color-mix(in srgb, var(--dtb-ink) 6%, transparent); }
button[aria-pressed=true] { color: var(--dtb-on-colour); background: var(--dtb-digital); }
button:focus-visible { outline: 2px solid var(--dtb-ink); outline-offset: 1px; }
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
`;
const ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 4h18M4 4v11h16V4M12 15v3M8 21l4-3 4 3M9 9.5h6"/></svg>';

function isKept() {
  try {
    return localStorage.getItem(KEPT) === "on";
  } catch {
    return false;
  }
}

function keep(isOn) {
  try {
    if (isOn) localStorage.setItem(KEPT, "on");
    else localStorage.removeItem(KEPT);
  } catch {}  // it then lasts as long as the page
}

// What a browser tells of an object, with another answer once a page is larger.
function retell(owner, names, answer) {
  for (const name of names) {
    const told = Object.getOwnPropertyDescriptor(owner, name);
    if (!told?.get) continue;
    Object.defineProperty(owner, name, {...told, get() { return answer(told.get.call(this)); }});
  }
}

const windowWidth = Object.getOwnPropertyDescriptor(window, "innerWidth").get;
const windowHeight = Object.getOwnPropertyDescriptor(window, "innerHeight").get;

let isRetold = false;
function retellLengths() {
  if (isRetold) return;
  isRetold = true;
  const own = (length) => length / larger;
  const box = (rect) => new DOMRect(rect.x / larger, rect.y / larger, rect.width / larger, rect.height / larger);
  for (const kind of [Element, Range]) {
    const measure = kind.prototype.getBoundingClientRect;
    kind.prototype.getBoundingClientRect = function () { return box(measure.call(this)); };
  }
  const places = ["clientX", "clientY", "pageX", "pageY", "x", "y"];
  retell(MouseEvent.prototype, [...places, "offsetX", "offsetY"], own);
  if (window.Touch) retell(Touch.prototype, places, own);
  retell(window, ["innerWidth", "innerHeight"], own);
  if (window.VisualViewport) retell(VisualViewport.prototype, ["width", "height"], own);
  retell(window, ["devicePixelRatio"], (ratio) => ratio * larger);
}

function fit() {
  const isOn = "dtbProjector" in root.dataset;
  const width = windowWidth.call(window), height = windowHeight.call(window);
  const wanted = isOn ? Math.min(width / LEAST_WIDTH, height / LEAST_HEIGHT, MOST) : 1;
  const next = Math.max(1, Math.floor(100 * wanted) / 100);
  if (next === larger) return;
  larger = next;
  retellLengths();
  root.style.zoom = larger;
  root.style.setProperty("--dtb-larger", larger);
  window.dispatchEvent(new Event("resize"));  // what has measured itself does so again
}

function enlarge(isOn) {
  if (isOn) root.dataset.dtbProjector = "";
  else delete root.dataset.dtbProjector;
  fit();
}

enlarge(isKept());
window.addEventListener("resize", fit, true);

export function render({model, el}) {
  const style = document.createElement("style");
  style.textContent = CSS;
  const button = document.createElement("button");
  button.type = "button";
  button.innerHTML = ICON;
  button.setAttribute("aria-label", "Projector mode");
  button.title = "Projector mode: larger type and strokes on the whole page, for the last row of a lecture room";
  el.append(style, button);

  const mark = () => button.setAttribute("aria-pressed", String("dtbProjector" in root.dataset));
  button.addEventListener("click", () => {
    const isOn = !("dtbProjector" in root.dataset);
    keep(isOn);
    enlarge(isOn);
    mark();
  });
  mark();
}
