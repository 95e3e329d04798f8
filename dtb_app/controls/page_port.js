// Keys, clipboard, files, colours, the address and the line to the server.

const KEYS = {" ": "run", s: "stop", ".": "step", "/": "search", "?": "help", z: "undo", y: "redo"};
const OFFERED = ".toml,.zip,.csv,.tsv,.txt,.json";
const PAUSE_MS = 1000;  // keys closer than that are one gesture
const ASK_MS = 1500, PATIENCE_MS = 1200;  // how often the server is asked for an answer, and waited for
let nonce = 0;

// What answers keys itself: a control in any shadow root, and all that lies over the page.
const CONTROL = "input, textarea, select, button, summary, a[href], audio, video, [contenteditable]," +
  "[role=button], [role=checkbox], [role=switch], [role=radio], [role=slider], [role=spinbutton]," +
  "[role=textbox], [role=searchbox], [role=combobox], [role=listbox], [role=option], [role=menu]," +
  "[role=menuitem], [role=menuitemradio], [role=menuitemcheckbox], [role=tab], [role=treeitem]";
const LIST = ".MuiPopover-root, .MuiPopper-root [role=listbox], [role=menu]";
const OVERLAY = `[role=dialog], [role=alertdialog], dialog[open], ${LIST}`;
const TYPED = "input:not([type=checkbox], [type=radio], [type=range], [type=button], [type=file]), textarea, select," +
  "[contenteditable], [role=textbox], [role=searchbox], [role=combobox], [role=spinbutton]";

function within(event, selector) {
  return event.composedPath().some((node) => node instanceof Element && node.matches(selector));
}

// Letters and signs belong to what is typed in or lies over the page; the space bar to any control.
function isTaken(event) {
  return within(event, TYPED) || within(event, OVERLAY) ||
    event.key === " " && within(event, CONTROL);
}

// A closed select opens by the mouse alone: its widget does not listen for the keys.
function openSelect(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement) || !target.matches(".MuiSelect-select[role=combobox]")) return;
  if (![" ", "Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  if (target.getAttribute("aria-expanded") === "true" || target.ariaDisabled === "true") return;
  event.preventDefault();
  target.click();
  // The key goes up over the open list, where it would pick the first entry.
  document.addEventListener("keyup", (up) => {
    up.preventDefault();
    up.stopPropagation();
  }, {capture: true, once: true});
}

// Escape closes what lies on top even where the focus has got out of it, and the tab key brings
// the focus back in.
function visibleDialog() {
  const found = every("[role=dialog]").filter((dialog) => dialog.getClientRects().length);
  return found[found.length - 1];
}

function isCovered() {
  return visibleDialog() || every(".MuiPopover-root").some((list) => list.getClientRects().length);
}

function every(selector) {
  const roots = [document], found = [];
  while (roots.length) {
    const root = roots.pop();
    found.push(...root.querySelectorAll(selector));
    for (const node of root.querySelectorAll("*")) if (node.shadowRoot) roots.push(node.shadowRoot);
  }
  return found;
}

// What can be focused in a part of the page, in order, shadow roots and slots included.
function focusable(part) {
  const found = [];
  const visit = (node) => {
    if (!(node instanceof HTMLElement)) return;
    const shown = node.getClientRects().length || getComputedStyle(node).display === "contents";
    if (shown && node.tabIndex >= 0 && !node.disabled && !node.shadowRoot) found.push(node);
    const inner = node.tagName === "SLOT" && node.assignedElements().length ?
      node.assignedElements() : (node.shadowRoot ?? node).children;
    for (const child of inner) visit(child);
  };
  for (const child of part.children) visit(child);
  return found.filter((node) => getComputedStyle(node).visibility !== "hidden");
}

function focused() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}

// A picture answers no key: what it says stands in its name and its sentence.
function passFigures(event) {
  if (event.key !== "Tab") return;
  for (const layer of every(".bk-events[tabindex='0']")) layer.tabIndex = -1;
}

function keepFocus(event) {
  const dialog = visibleDialog();
  if (!dialog || within(event, LIST)) return;
  const inside = event.composedPath().includes(dialog);
  if (event.key === "Escape" && !inside) {
    dialog.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true, composed: true}));
    event.preventDefault();
    event.stopPropagation();
  }
  if (event.key !== "Tab") return;
  const stops = focusable(dialog);
  const at = stops.indexOf(focused());
  const next = event.shiftKey ? (at <= 0 ? stops.length - 1 : at - 1) : (at + 1) % stops.length;
  event.preventDefault();
  event.stopPropagation();
  (stops[next] ?? dialog).focus();
}

// Controls take their theme from the root element, whether they are drawn by now or later. Told by
// the server alone, those that are just being drawn tell it back the theme they began with.
function tellControls(theme) {
  document.documentElement.dataset.theme = theme;
}

function focusOn(selector) {
  const [found] = every(selector);
  found?.focus();
  found?.select?.();
}

// A slider that is dragged writes many addresses and is one step back: one gesture, one step.
let gesture = 0, keyedAt = -Infinity, steppedIn = -1;
function noteGesture(event) {
  const now = performance.now();
  if (event.type === "pointerdown" || now - keyedAt > PAUSE_MS) gesture += 1;
  if (event.type === "keydown") keyedAt = now;
}

function writeAddress(search) {
  if (search === location.search) return;
  const url = location.pathname + search + location.hash;
  if (steppedIn === gesture) history.replaceState({}, "", url);
  else history.pushState({}, "", url);
  steppedIn = gesture;
}

// What lies over the page while the server does not answer; Running stands on it no longer.
function sayLine(words, button = "") {
  const root = document.documentElement;
  let bar = document.querySelector(".dtb-line");
  if (!words) {
    bar?.remove();
    delete root.dataset.line;
    return;
  }
  root.dataset.line = "lost";
  if (!bar) {
    bar = document.createElement("div");
    bar.className = "dtb-line";
    bar.setAttribute("role", "alert");
    document.body.append(bar);
  }
  if (bar.dataset.words === words) return;
  bar.dataset.words = words;
  bar.textContent = words;
  if (button) {
    const press = document.createElement("button");
    press.textContent = button;
    press.addEventListener("click", () => location.reload());
    bar.append(press);
  }
}

// Asks the server for an answer now and then, and listens for a connection that is closed.
function watchLine(doc) {
  const trying = "The server does not answer. What is shown may be old; trying again …";
  let isClosed = false, timer = 0, isOver = false;
  const look = async () => {
    let answers = false;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch("health", {cache: "no-store", signal});
      await answer.text();
      answers = answer.ok;
    } catch {}
    if (isOver) return;
    if (!isClosed) sayLine(answers ? "" : trying);
    timer = setTimeout(look, document.hidden ? 10 * ASK_MS : ASK_MS);
  };
  const lost = (_, event) => {
    isClosed = true;
    if (event.timeout != null) sayLine(trying);
    else sayLine("The connection to the server is lost. Reload the page: the address brings the scenario back.", "Reload");
  };
  const back = () => {
    isClosed = false;
    sayLine("");
  };
  doc?.on_event("connection_lost", lost);
  doc?.on_event("client_reconnected", back);
  timer = setTimeout(look, ASK_MS);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

export function render({model, el, view}) {
  let opener = null;  // what had the focus before a dialog took it
  function noteFocus() {
    if (!isCovered()) opener = focused();
  }

  function giveBack(event) {
    if (event.type === "keydown" && !["Escape", "Enter", " ", "Tab"].includes(event.key)) return;
    if (!isCovered()) return;
    let frames = 60;
    const look = () => {
      if (!isCovered()) opener?.focus();
      else if (--frames) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }

  const onFocus = [
    ["pointerdown", noteGesture], ["keydown", noteGesture],
    ["keydown", noteFocus], ["click", noteFocus], ["keydown", giveBack], ["click", giveBack],
    ["keydown", passFigures],
    ["keydown", keepFocus], ["keydown", openSelect],
  ];

  const dark = matchMedia("(prefers-color-scheme: dark)");
  let waiting = "";  // the theme that the page is covered for

  function tellScheme() {
    const scheme = dark.matches ? "dark" : "light";
    document.cookie = `dtb-scheme=${scheme}; path=/; max-age=31536000; SameSite=Lax`;
    if (!model.follows) return;
    if (!document.documentElement.dataset.dtbTheme) waiting = scheme;
    tellControls(scheme);
    model.scheme = scheme;
  }

  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.accept = OFFERED;
  chooser.multiple = true;  // a matrix and its companions
  chooser.hidden = true;
  chooser.className = "dtb-file";
  chooser.setAttribute("aria-label", "Scenario or connectome files");
  el.append(chooser);

  function onKey(event) {
    if (event.defaultPrevented || event.altKey || isTaken(event) || visibleDialog()) return;
    const command = event.ctrlKey || event.metaKey;
    let name = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    if (!name) return;
    if (command) {
      if (event.key.toLowerCase() === "z") name = event.shiftKey ? "redo" : "undo";
      else if (event.key.toLowerCase() !== "y") return;
    } else if (name === "undo" || name === "redo") return;
    event.preventDefault();
    if (name === "search") focusOn(".dtb-region-search");
    else model.key = {name, nonce: ++nonce};
  }

  function read(file, room) {
    if (file.size > room) return Promise.resolve({name: file.name, data: "", size: file.size});
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => {
        resolve({name: file.name, data: reader.result.split(",", 2)[1] ?? "", size: file.size});
      };
      reader.onerror = () => resolve({name: file.name, data: "", size: file.size});
      reader.readAsDataURL(file);
    });
  }

  async function open(files) {
    let room = model.limit;
    const reading = [];
    for (const file of files) {
      reading.push(read(file, room));
      room -= file.size;
    }
    const [first, ...beside] = await Promise.all(reading);
    if (first) model.opened = {...first, ...(beside.length ? {beside} : {}), nonce: ++nonce};
  }

  function onChoose() {
    open([...chooser.files]);
    chooser.value = "";
  }

  function onDrop(event) {
    event.preventDefault();
    open([...event.dataTransfer?.files ?? []]);
  }

  function onDrag(event) {
    event.preventDefault();
  }

  function onAsk() {
    const ask = model.ask;
    if (ask.do === "open") {
      chooser.accept = ask.accept ?? OFFERED;
      chooser.click();
    }
    if (ask.do === "copy") {
      const text = ask.text || location.href;
      const done = () => { model.key = {name: "copied", nonce: ++nonce}; };
      const failed = () => { model.key = {name: "not-copied", nonce: ++nonce}; };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, failed);
      else failed();
    }
    if (ask.do === "tokens" && (!waiting || ask.theme === waiting)) {
      waiting = "";
      document.documentElement.dataset.dtbTheme = ask.theme;
      tellControls(ask.theme);
      for (const [name, value] of Object.entries(ask.tokens)) {
        document.documentElement.style.setProperty(name, value);
      }
    }
    if (ask.do === "save") {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([ask.text], {type: ask.type || "text/plain"}));
      link.download = ask.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }
  }

  function onStep() {
    gesture += 1;
    model.went = {search: location.search, nonce: ++nonce};
  }

  const leaveLine = watchLine(view?.model?.document);
  window.addEventListener("popstate", onStep);
  document.addEventListener("keydown", onKey);
  for (const [type, act] of onFocus) document.addEventListener(type, act, true);
  document.addEventListener("drop", onDrop);
  document.addEventListener("dragover", onDrag);
  chooser.addEventListener("change", onChoose);
  model.on("ask", onAsk);
  model.on("address", () => writeAddress(model.address));
  dark.addEventListener("change", tellScheme);
  if (model.ask.do === "tokens" && !model.follows) onAsk();
  tellScheme();
  document.documentElement.dataset.dtb = "live";
  model.on("remove", () => {
    leaveLine();
    window.removeEventListener("popstate", onStep);
    document.removeEventListener("keydown", onKey);
    for (const [type, act] of onFocus) document.removeEventListener(type, act, true);
    document.removeEventListener("drop", onDrop);
    document.removeEventListener("dragover", onDrag);
    dark.removeEventListener("change", tellScheme);
  });
}
