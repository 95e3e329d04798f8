// Draws declared parameters as labelled inputs with units; tells the server what was changed.

const CSS = `
:host { font: 13px/1.35 Inter, "DejaVu Sans", "Segoe UI", system-ui, sans-serif; color: var(--dtb-ink); display: block; }
.section { padding: 8px 0 6px; border-top: 1px solid var(--dtb-line); }
.section:first-of-type { border-top: 0; padding-top: 0; }
.head { display: flex; align-items: center; justify-content: space-between; }
h3 { font-size: 13px; font-weight: 600; margin: 0 0 4px; }
.note { color: var(--dtb-muted); font-size: 11px; margin: 0 0 4px; }
.field { display: grid; grid-template-columns: minmax(0, 1fr) 74px 60px; gap: 6px; align-items: center; min-height: 30px; }
.field label { color: var(--dtb-muted); overflow-wrap: break-word; line-height: 1.15; padding: 3px 0; cursor: help; }
.field.changed label { color: var(--dtb-ink); font-weight: 600; }
.unit { color: var(--dtb-muted); font-size: 11px; display: flex; align-items: center; justify-content: space-between; gap: 2px; }
.wide { grid-template-columns: minmax(0, 1fr) 122px; }
.field.choice.changed { grid-template-columns: minmax(0, 1fr) 122px 34px; }
input, select { font: inherit; color: inherit; background: var(--dtb-panel); border: 1px solid var(--dtb-control); border-radius: 6px; height: 26px; padding: 0 6px; width: 100%; box-sizing: border-box; font-variant-numeric: tabular-nums; }
input[type=number] { text-align: right; -moz-appearance: textfield; }
input::-webkit-inner-spin-button { display: none; }
input:invalid { border-color: var(--dtb-overload); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 4px; }
button { font: inherit; color: var(--dtb-ink); background: var(--dtb-panel); border: 1px solid var(--dtb-control); border-radius: 6px; height: 28px; padding: 0 10px; cursor: pointer; }
button:hover { border-color: var(--dtb-digital); }
button.reset, button.remove { border: 0; padding: 0 4px; height: 20px; color: var(--dtb-digital-text); background: none; font-size: 11px; }
button:disabled { color: var(--dtb-muted); border-style: dashed; cursor: default; }
button:disabled:hover { border-color: var(--dtb-control); }
.buttons { display: flex; flex-wrap: wrap; gap: 4px; padding: 6px 0 4px; }
.buttons button { font-size: 12px; height: 25px; padding: 0 7px; }
.why { color: var(--dtb-muted); font-size: 12px; margin: 0 0 6px; }
.jumps { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 0 8px; padding: 3px 0; background: var(--dtb-panel); border-bottom: 1px solid var(--dtb-line); }
.jumps button { border: 0; padding: 0; height: 20px; color: var(--dtb-digital-text); background: none; font-size: 12px; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.jumps + .section { border-top: 0; }
:focus-visible { outline: 2px solid var(--dtb-digital); outline-offset: 1px; }
.tip { position: fixed; inset: auto; margin: 0; max-width: 300px; box-sizing: border-box; padding: 7px 10px; font-size: 12px; color: var(--dtb-ink); background: var(--dtb-panel); border: 1px solid var(--dtb-muted); border-radius: 6px; pointer-events: none; }
`;

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

// The element that scrolls a node, through the shadow roots around it.
function scroller(node) {
  for (let up = node; up; up = up.parentNode ?? up.host) {
    if (up instanceof Element && ["auto", "scroll"].includes(getComputedStyle(up).overflowY)) return up;
  }
  return null;
}

function control(field, id, send) {
  const name = `${field.label}${field.unit ? " in " + field.unit : ""}`;
  const common = {id, "aria-label": name, title: field.hint, class: "dtb-field-" + field.key.replaceAll(".", "-")};
  if (field.kind === "choice") {
    const box = element("select", {...common, onchange: () => send(box.value)});
    for (const option of field.options) {
      box.append(element("option", {value: option, selected: option === field.value}, field.labels?.[option] ?? option));
    }
    return box;
  }
  if (field.kind === "pair") {
    const boxes = field.value.map((value, i) => element("input", {
      type: "number", value, min: 1, max: 32, step: 1, "aria-label": `${name}, ${i ? "down" : "across"}`,
      onchange: () => send(boxes.map((b) => Number(b.value))),
    }));
    return element("div", {class: "pair", id, title: field.hint}, ...boxes);
  }
  const box = element("input", {
    ...common, type: field.kind === "text" ? "text" : "number", value: field.value,
    min: field.low, max: field.high, step: "any",
    onchange: () => send(field.kind === "text" && (box.value === "" || isNaN(Number(box.value))) ? box.value : Number(box.value)),
  });
  if (field.kind === "number" && field.step !== "any") {
    box.addEventListener("keydown", (event) => {
      const sign = {ArrowUp: 1, ArrowDown: -1}[event.key];
      if (!sign) return;
      event.preventDefault();
      const next = Number((Number(box.value) + sign * field.step).toPrecision(10));
      box.value = Math.min(field.high ?? Infinity, Math.max(field.low ?? -Infinity, next));
      send(Number(box.value));
    });
  }
  return box;
}

export function render({model, el}) {
  const root = element("div", {});
  // What a title says to the pointer, said beside the form to whoever comes by key or finger.
  const tip = element("div", {class: "tip", popover: "manual", "aria-hidden": "true"});
  el.append(element("style", {}, CSS), root, tip);

  function hush() {
    if (tip.matches(":popover-open")) tip.hidePopover();
  }

  function tell(event) {
    const box = event.target;
    const hint = box.matches("input, select") && (box.title || box.parentElement.title);
    hush();
    if (!hint) return;
    tip.textContent = hint;
    tip.showPopover();
    requestAnimationFrame(() => place(box));  // once the form has scrolled to it
  }

  function place(box) {
    if (!box.isConnected) return;
    const row = box.closest(".field").getBoundingClientRect(), {width, height} = tip.getBoundingClientRect();
    const right = root.getBoundingClientRect().right + 12;
    const beside = right + width <= innerWidth;
    const below = row.bottom + 6 + height <= innerHeight ? row.bottom + 6 : row.top - 6 - height;
    tip.style.left = `${beside ? right : Math.max(0, Math.min(row.left, innerWidth - width))}px`;
    tip.style.top = `${beside ? Math.max(0, Math.min(row.top, innerHeight - height - 8)) : below}px`;
  }

  root.addEventListener("focusin", tell);
  root.addEventListener("focusout", hush);
  for (const moved of ["wheel", "touchmove"]) root.addEventListener(moved, hush, {passive: true});

  function emit(action) {
    model.action = {...action, nonce: ++nonce};
  }

  // Only the form scrolls: nothing else of the page may move.
  function bring(section) {
    const around = section && scroller(section);
    if (!around) return;
    const bar = root.querySelector(".jumps")?.offsetHeight ?? 0;
    around.scrollTop += section.getBoundingClientRect().top - around.getBoundingClientRect().top - bar;
  }

  function showAdded() {
    const section = root.querySelector(`[data-remove="${model.shown.remove}"]`);
    bring(section);
    section?.querySelector("select, input")?.focus({preventScroll: true});
  }

  function draw() {
    const focused = el.getRootNode().activeElement?.id;
    hush();
    root.replaceChildren();
    if (model.buttons.length) {
      root.append(element("div", {class: "buttons"}, ...model.buttons.map((button) =>
        element("button", {
          type: "button", class: "dtb-" + button.name, disabled: Boolean(button.hint), title: button.hint || false,
          onclick: () => emit({press: button.name, regions: button.regions}),
        }, button.label))));
      const hints = [...new Set(model.buttons.map((button) => button.hint).filter(Boolean))];
      if (hints.length) root.append(element("p", {class: "why", role: "note"}, hints.join(" ")));
    }
    if (model.sections.length > 1) {
      root.append(element("div", {class: "jumps"}, ...model.sections.map((section, k) =>
        element("button", {
          type: "button", "aria-label": "Go to " + section.title,
          onclick: () => bring(root.querySelectorAll(".section")[k]),
        }, section.title))));
    }
    for (const section of model.sections) {
      const head = element("div", {class: "head"}, element("h3", {}, section.title));
      if (section.remove) {
        head.append(element("button", {
          type: "button", class: "remove", "aria-label": "Remove " + section.title,
          onclick: () => emit({press: "remove", key: section.remove}),
        }, "Remove"));
      }
      const box = element("div", {class: "section", "data-remove": section.remove}, head);
      if (section.note) box.append(element("p", {class: "note"}, section.note));
      for (const field of section.fields) {
        const id = "f-" + field.key;
        const changed = JSON.stringify(field.value) !== JSON.stringify(field.default);
        const wide = !field.unit && field.kind !== "number";
        const row = element("div", {class: `field ${changed ? "changed" : ""} ${wide && !changed ? "wide" : ""} ${field.kind}`});
        row.append(element("label", {for: id, title: field.hint}, field.label));
        row.append(control(field, id, (value) => emit({key: field.key, value})));
        if (!wide || changed) {
          const unit = element("span", {class: "unit"}, field.unit);
          if (changed) {
            unit.append(element("button", {
              type: "button", class: "reset", title: "Back to " + field.default,
              "aria-label": `Reset ${field.label} to ${field.default}`,
              onclick: () => emit({key: field.key, value: field.default}),
            }, "reset"));
          }
          row.append(unit);
        }
        box.append(row);
      }
      root.append(box);
    }
    if (focused) root.querySelector(`[id="${focused}"]`)?.focus();
  }

  model.on("sections", draw);
  model.on("buttons", draw);
  model.on("shown", showAdded);
  draw();
}
