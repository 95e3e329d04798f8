// The region list: search, groups by lobe, selection, assignment. The list is drawn once a
// connectome; afterwards only classes and texts change.

const CSS = `
:host { display: flex; flex-direction: column; min-height: 0; height: 100%; color: var(--dtb-ink); font: 12.5px/1.3 Inter, "DejaVu Sans", "Segoe UI", system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.box { display: flex; flex-direction: column; min-height: 0; flex: 1 1 0; height: 100%; }
input { font: inherit; color: inherit; background: var(--dtb-panel); border: 1px solid var(--dtb-control); border-radius: 6px; height: 30px; padding: 0 9px; width: 100%; box-sizing: border-box; margin: 6px 0 6px; }
input::placeholder { color: var(--dtb-muted); opacity: 1; }
.bulk { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; padding: 0 0 6px; border-bottom: 1px solid var(--dtb-line); }
.bulk .count { color: var(--dtb-muted); flex: 1 1 auto; font-size: 12px; }
.bulk .to { display: flex; align-items: center; gap: 8px; width: 100%; color: var(--dtb-muted); font-size: 12px; }
.bulk .seg button:enabled { color: var(--dtb-ink); }
button { font: inherit; font-size: 11.5px; color: var(--dtb-ink); background: none; border: 1px solid var(--dtb-control); border-radius: 5px; height: 22px; padding: 0 6px; cursor: pointer; }
button:hover:enabled { border-color: var(--dtb-digital); }
button:disabled { color: var(--dtb-muted); border-color: var(--dtb-line); cursor: default; }
.scroll { overflow-y: auto; flex: 1 1 0; min-height: 0; scrollbar-width: thin; }
.head { display: flex; align-items: center; border-bottom: 1px solid var(--dtb-line); }
.head input { appearance: none; display: grid; place-content: center; width: 13px; height: 13px; padding: 0; margin: 0 4px 0 2px; flex: none; border: 1px solid var(--dtb-muted); border-radius: 3px; background: none; cursor: pointer; }
.head input:checked, .head input:indeterminate { background: var(--dtb-digital); border-color: var(--dtb-digital); }
.head input:checked::before { content: ""; width: 9px; height: 9px; background: var(--dtb-panel); clip-path: polygon(14% 47%, 0 62%, 40% 100%, 100% 22%, 85% 8%, 38% 70%); }
.head input:indeterminate::before { content: ""; width: 7px; height: 2px; background: var(--dtb-panel); clip-path: none; }
.lobe { display: flex; align-items: center; gap: 6px; flex: 1 1 auto; height: 28px; border: 0; border-radius: 0; text-align: left; padding: 0 2px; font-size: 12.5px; }
.lobe .arrow { width: 10px; color: var(--dtb-muted); }
.lobe .n { margin-left: auto; color: var(--dtb-muted); }
.row { display: grid; grid-template-columns: 10px minmax(0, 1fr) auto; gap: 6px; align-items: center; min-height: 26px; padding: 1px 2px; border-radius: 5px; cursor: pointer; }
.row:hover { background: color-mix(in srgb, var(--dtb-line) 45%, transparent); }
.row[aria-selected=true] { background: color-mix(in srgb, var(--dtb-digital) 16%, transparent); }
.row .dot { width: 9px; height: 9px; border-radius: 50%; background: var(--dtb-digital); }
.row.analog .dot { background: var(--dtb-analog); border-radius: 2px; }
.row.off .dot { background: none; box-shadow: inset 0 0 0 1.5px var(--dtb-muted); }
.row.off .name { color: var(--dtb-muted); }
.row .name { overflow-wrap: anywhere; line-height: 1.15; }
.row .name small { color: var(--dtb-muted); font-size: 11px; }
.bulk button { font-size: var(--dtb-caption, 11.5px); padding: 0 var(--dtb-tight, 6px); }
.seg { display: inline-flex; }
.seg button { border-radius: 0; height: 20px; padding: 0 4px; font-size: 11px; color: var(--dtb-muted); margin-left: -1px; }
.seg button:first-child { border-radius: 5px 0 0 5px; } .seg button:last-child { border-radius: 0 5px 5px 0; }
.seg button[aria-pressed=true] { font-weight: 600; color: var(--dtb-ink); }
.seg .dtb-assign-digital[aria-pressed=true] { border-color: var(--dtb-digital); background: color-mix(in srgb, var(--dtb-digital) 22%, transparent); z-index: 1; }
.seg .dtb-assign-analog[aria-pressed=true] { border-color: var(--dtb-analog); background: color-mix(in srgb, var(--dtb-analog) 30%, transparent); z-index: 1; }
.seg .dtb-assign-off[aria-pressed=true] { border-color: var(--dtb-muted); background: var(--dtb-line); z-index: 1; }
.none { color: var(--dtb-muted); padding: 10px 2px; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--dtb-digital); outline-offset: -1px; }
`;

const ORDER = ["Frontal", "Parietal", "Temporal", "Occipital", "Cingulate and insula", "Subcortex", "Cerebellum"];
const BACKENDS = ["digital", "analog", "off"];
const KEYS = {d: "digital", a: "analog", o: "off"};
const SIDES = {L: "left", R: "right"};
let nonce = 0;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const bare = (name) => name.replace(/, (left|right)$/, "");

const named = (regions) => regions.map(([label, name, hemisphere, lobe, neurons]) => ({label, name, hemisphere, lobe, neurons}));

export function render({model, el}) {
  let rows = [], groups = [], last = -1, stop = null;
  const opened = new Set(["Subcortex"]);
  const search = element("input", {
    type: "search", class: "dtb-region-search", placeholder: "Search, or click the brain",
    "aria-label": "Search regions", autocomplete: "off", spellcheck: "false",
    oninput: () => filter(), onkeydown: onSearchKey,
  });
  const count = element("span", {class: "count", role: "status"});
  const small = (name, title, call) => element("button", {type: "button", title, "aria-label": `${name}: ${title}`, class: "dtb-pick-" + name.toLowerCase(), onclick: call}, name);
  const assignAll = element("span", {class: "seg", role: "group", "aria-label": "Assign the selected regions"},
    ...BACKENDS.map((b) => element("button", {type: "button", class: "dtb-bulk-" + b, title: "Put the selected regions on " + b, "aria-label": "Selected regions " + b, onclick: () => assign(model.selected, b)}, b)));
  const bulk = element("div", {class: "bulk"}, count,
    small("All", "Select all shown regions", () => select(shown())),
    small("None", "Select no region", () => select([])),
    small("Mirror", "Add the same regions of the other hemisphere", mirror), element("span", {class: "to"}, "Put on", assignAll));
  const list = element("div", {class: "scroll", role: "listbox", "aria-multiselectable": "true", "aria-label": "Regions"});
  el.append(element("style", {}, CSS), element("div", {class: "box"}, search, bulk, list));

  function emit(action) { model.action = {...action, nonce: ++nonce}; }
  function assign(indices, backend) { if (indices.length) emit({kind: "assign", indices: [...indices], backend}); }
  function select(indices) { model.selected = [...indices]; paint(); rate(); }
  function shown() { return rows.filter((r) => !r.gone).map((r) => r.index); }
  function visible() { return rows.filter((r) => !r.gone && !r.node.closest("[hidden]")); }

  // One row of the list is in the tab order; the arrow keys move on from it.
  function land(row) {
    stop?.node.setAttribute("tabindex", "-1");
    stop = row ?? null;
    stop?.node.setAttribute("tabindex", "0");
  }

  function toggleLobe(group) {
    const mine = rows.filter((r) => r.lobe === group.lobe && !r.gone).map((r) => r.index);
    const now = model.selected;
    const all = mine.every((i) => now.includes(i));
    select(all ? now.filter((i) => !mine.includes(i)) : [...new Set([...now, ...mine])]);
  }

  function mirror() {
    const regions = named(model.regions), found = new Set(model.selected);
    for (const i of model.selected) {
      const mine = regions[i];
      regions.forEach((other, j) => {
        if (j !== i && other.hemisphere !== mine.hemisphere && other.hemisphere && bare(other.name) === bare(mine.name)) found.add(j);
      });
    }
    select([...found]);
  }

  function pick(index, event) {
    const now = model.selected;
    if (event.shiftKey && last >= 0) {
      const order = visible().map((r) => r.index);
      const [a, b] = [order.indexOf(last), order.indexOf(index)].sort((x, y) => x - y);
      select([...new Set([...now, ...order.slice(Math.max(a, 0), b + 1)])]);
    } else if (event.ctrlKey || event.metaKey || event.shiftKey) {
      select(now.includes(index) ? now.filter((i) => i !== index) : [...now, index]);
    } else {
      select(now.length === 1 && now[0] === index ? [] : [index]);
    }
    last = index;
  }

  function onRowKey(event, index) {
    const order = visible();
    const at = order.findIndex((r) => r.index === index);
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step) {
      const next = order[at + step];
      if (next) next.node.focus(); else if (step < 0) search.focus();
    } else if (event.key === " " || event.key === "Enter") pick(index, event);
    else if (KEYS[event.key.toLowerCase()] && !event.ctrlKey && !event.metaKey) {
      const chosen = model.selected.includes(index) ? model.selected : [index];
      assign(chosen, KEYS[event.key.toLowerCase()]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onSearchKey(event) {
    if (event.key === "Enter") select(shown());
    else if (event.key === "Escape") { search.value = ""; filter(); }
    else if (event.key === "ArrowDown") visible()[0]?.node.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function build() {
    rows = []; groups = []; stop = null;
    list.replaceChildren();
    const regions = named(model.regions);
    const lobes = [...new Set(regions.map((r) => r.lobe))];
    lobes.sort((a, b) => (ORDER.indexOf(a) + 99) % 99 - (ORDER.indexOf(b) + 99) % 99);
    if (lobes.length === 1) opened.add(lobes[0]);
    for (const lobe of lobes) {
      const members = regions.map((r, i) => ({...r, index: i})).filter((r) => r.lobe === lobe);
      members.sort((a, b) => bare(a.name).localeCompare(bare(b.name)) || a.hemisphere.localeCompare(b.hemisphere));
      const arrow = element("span", {class: "arrow", "aria-hidden": "true"});
      const n = element("span", {class: "n"});
      const fold = element("button", {type: "button", class: "lobe dtb-lobe-fold", onclick: () => {
        opened.has(lobe) ? opened.delete(lobe) : opened.add(lobe);
        filter();
      }}, arrow, lobe, n);
      const check = element("input", {type: "checkbox", class: "dtb-lobe-check", "aria-label": "Select " + lobe, title: "Select " + lobe});
      const head = element("div", {class: "head"}, check, fold);
      const body = element("div", {role: "group", "aria-label": lobe});
      for (const region of members) {
        const buttons = BACKENDS.map((b) => element("button", {
          type: "button", tabindex: "-1", class: "dtb-assign-" + b, "aria-pressed": "false",
          "aria-label": `${region.name} ${b}`, title: b,
          onclick: (event) => { event.stopPropagation(); assign([region.index], b); },
        }, {digital: "dig", analog: "ana", off: "off"}[b]));
        const rate = element("small");
        const name = element("span", {class: "name"}, bare(region.name), " ", element("small", {}, region.hemisphere), " ", rate);
        const node = element("div", {
          class: "row dtb-region-row", role: "option", tabindex: "-1", "aria-selected": "false",
          title: `${region.name} (${region.label}), ${region.neurons} neurons`,
          onclick: (event) => pick(region.index, event), ondblclick: () => emit({kind: "open", index: region.index}),
          onkeydown: (event) => onRowKey(event, region.index), onfocus: () => land(row),
        }, element("span", {class: "dot", "aria-hidden": "true"}), name, element("span", {class: "seg"}, ...buttons));
        const text = `${region.name} ${region.label} ${lobe} ${SIDES[region.hemisphere] ?? ""}`.toLowerCase();
        const row = {index: region.index, lobe, node, buttons, rate, text};
        body.append(node);
        rows.push(row);
      }
      list.append(head, body);
      const group = {lobe, head, fold, check, arrow, n, body};
      check.addEventListener("change", () => toggleLobe(group));
      groups.push(group);
    }
    list.append(element("div", {class: "none", hidden: ""}, "No region matches."));
    filter();
    paint();
    rate();
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const backends = model.backends;
    let any = false;
    for (const row of rows) {
      const text = `${row.text} ${backends[row.index] ?? ""}`;
      row.gone = !words.every((w) => text.includes(w));
      row.node.hidden = row.gone;
      any ||= !row.gone;
    }
    for (const group of groups) {
      const mine = rows.filter((r) => r.lobe === group.lobe);
      const left = mine.filter((r) => !r.gone);
      const open = words.length ? left.length > 0 : opened.has(group.lobe);
      group.head.hidden = left.length === 0;
      group.body.hidden = !open;
      group.arrow.textContent = open ? "▾" : "▸";
      group.fold.setAttribute("aria-expanded", String(open));
      group.n.textContent = words.length ? `${left.length} of ${mine.length}` : String(mine.length);
    }
    const none = list.querySelector(".none");
    if (none) none.hidden = any;
    const order = visible();
    if (!order.includes(stop)) land(order[0]);
  }

  function paint() {
    const selected = new Set(model.selected), backends = model.backends;
    for (const row of rows) {
      const backend = backends[row.index] ?? "digital";
      row.node.setAttribute("aria-selected", String(selected.has(row.index)));
      row.node.classList.toggle("analog", backend === "analog");
      row.node.classList.toggle("off", backend === "off");
      row.buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(BACKENDS[k] === backend)));
    }
    for (const group of groups) {
      const mine = rows.filter((r) => r.lobe === group.lobe);
      const n = mine.filter((r) => selected.has(r.index)).length;
      group.check.checked = n === mine.length;
      group.check.indeterminate = n > 0 && n < mine.length;
    }
    const analog = backends.filter((b) => b === "analog").length;
    const off = backends.filter((b) => b === "off").length;
    count.textContent = selected.size ? `${selected.size} selected` : `${backends.length - off} on · ${analog} analog`;
    // Always there, so that a first click does not push the rows away from under a second one.
    for (const button of assignAll.children) button.disabled = selected.size === 0;
  }

  function rate() {
    const rates = model.rates, selected = new Set(model.selected);
    for (const row of rows) {
      const value = rates[row.index];
      row.rate.textContent = value == null || !selected.has(row.index) ? "" : `${value.toFixed(1)} Hz`;
      row.rate.title = `Mean rate of its neurons ${model.when}`;
    }
  }

  function reveal() {
    paint();
    rate();
    const index = model.selected.at(-1);
    const row = rows.find((r) => r.index === index);
    if (row && !search.value && model.selected.length === 1 && !opened.has(row.lobe)) {
      opened.add(row.lobe);
      filter();
    }
    if (row && model.selected.length === 1) row.node.scrollIntoView({block: "nearest"});
  }

  model.on("regions", build);
  model.on("backends", () => { filter(); paint(); });
  model.on("selected", reveal);
  model.on("rates", rate);
  model.on("when", rate);
  build();
}
