// One row of tabs; one tab stop, arrow keys move.

const CSS = `
:host { display: block; font: 13px/1.3 Inter, "DejaVu Sans", "Segoe UI", system-ui, sans-serif; }
.bar { display: flex; gap: 2px; height: 34px; overflow-x: auto; scrollbar-width: none; border-bottom: 1px solid var(--dtb-line); background: var(--dtb-panel); padding: 0 12px; box-sizing: border-box; }
button { font: inherit; color: var(--dtb-muted); background: none; border: 0; border-bottom: 2px solid transparent; padding: 0 10px; height: 33px; cursor: pointer; white-space: nowrap; }
.inner { height: 28px; background: none; padding: 0; }
.inner button { height: 27px; font-size: 12.5px; }
button:hover { color: var(--dtb-ink); }
button[aria-selected=true] { color: var(--dtb-ink); font-weight: 600; border-bottom-color: var(--dtb-digital); }
button::after { content: attr(data-title); display: block; height: 0; overflow: hidden; visibility: hidden; font-weight: 600; }
:focus-visible { outline: 2px solid var(--dtb-digital); outline-offset: -3px; border-radius: 4px; }
`;

export function render({model, el}) {
  const style = document.createElement("style");
  style.textContent = CSS;
  const bar = document.createElement("div");
  bar.className = model.is_inner ? "bar inner" : "bar";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", model.called);
  el.append(style, bar);

  function draw() {
    bar.replaceChildren(...model.tabs.map(({name, title, hint}) => {
      const tab = document.createElement("button");
      tab.setAttribute("role", "tab");
      tab.dataset.name = name;
      tab.dataset.title = title;
      tab.title = hint;
      tab.textContent = title;
      tab.className = `dtb-page-${name}`;
      tab.addEventListener("click", () => { model.active = name; });
      return tab;
    }));
    mark();
  }

  function mark() {
    for (const tab of bar.children) {
      const here = tab.dataset.name === model.active;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
    }
  }

  bar.addEventListener("keydown", (event) => {
    const move = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!move) return;
    const tabs = [...bar.children];
    const next = tabs[(tabs.indexOf(event.target) + move + tabs.length) % tabs.length];
    next?.focus();
    if (next) model.active = next.dataset.name;
    event.preventDefault();
  });
  model.on("tabs", draw);
  model.on("active", () => {
    mark();
    // What was hidden measures itself again.
    setTimeout(() => window.dispatchEvent(new Event("resize")), 150);
  });
  draw();
}
