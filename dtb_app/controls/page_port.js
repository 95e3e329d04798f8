// Keys, clipboard, files and colours.

const KEYS = {" ": "run", s: "stop", ".": "step", "/": "search", "?": "help", z: "undo", y: "redo"};
let nonce = 0;

function typing(event) {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) &&
      target.type !== "checkbox" && target.type !== "range");
}

function focusOn(selector) {
  const roots = [document];
  while (roots.length) {
    const root = roots.pop();
    const found = root.querySelector(selector);
    if (found) { found.focus(); found.select?.(); return; }
    for (const node of root.querySelectorAll("*")) if (node.shadowRoot) roots.push(node.shadowRoot);
  }
}

export function render({model, el}) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let waiting = "";  // the theme that the page is covered for

  function tellScheme() {
    const scheme = dark.matches ? "dark" : "light";
    document.cookie = `dtb-scheme=${scheme}; path=/; max-age=31536000; SameSite=Lax`;
    if (!model.follows) return;
    if (!document.documentElement.dataset.dtbTheme) waiting = scheme;
    model.scheme = scheme;
  }

  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.accept = ".toml,.zip,.csv,.tsv,.txt,.json";
  chooser.multiple = true;  // a matrix and its companions
  chooser.hidden = true;
  chooser.className = "dtb-file";
  chooser.setAttribute("aria-label", "Scenario or connectome files");
  el.append(chooser);

  function onKey(event) {
    if (typing(event) || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    let name = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    if (!name) return;
    if (command) {
      if (event.key.toLowerCase() === "z") name = event.shiftKey ? "redo" : "undo";
      else if (event.key.toLowerCase() !== "y") return;
    } else if (name === "undo" || name === "redo") return;
    // A focused button answers the space bar itself; everywhere else it runs and pauses.
    const target = event.composedPath()[0];
    if (event.key === " " && target instanceof HTMLElement &&
        (target.tagName === "BUTTON" || target.getAttribute("role") === "option")) return;
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
    if (ask.do === "open") chooser.click();
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

  document.addEventListener("keydown", onKey);
  document.addEventListener("drop", onDrop);
  document.addEventListener("dragover", onDrag);
  chooser.addEventListener("change", onChoose);
  model.on("ask", onAsk);
  dark.addEventListener("change", tellScheme);
  if (model.ask.do === "tokens" && !model.follows) onAsk();
  tellScheme();
  document.documentElement.dataset.dtb = "live";
  model.on("remove", () => {
    document.removeEventListener("keydown", onKey);
    document.removeEventListener("drop", onDrop);
    document.removeEventListener("dragover", onDrag);
    dark.removeEventListener("change", tellScheme);
  });
}
