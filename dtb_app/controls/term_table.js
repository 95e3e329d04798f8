// Draws the chip's imperfections as a table; tells the server which factor was changed.

const CSS = `
:host { display: block; font: 12.5px/1.35 Inter, "DejaVu Sans", "Segoe UI", system-ui, sans-serif; color: var(--dtb-ink); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; font-size: 11.5px; color: var(--dtb-muted); padding: 2px 8px 4px 0; }
td { border-top: 1px solid var(--dtb-line); padding: 4px 8px 4px 0; vertical-align: top; }
td.size, td.factor { white-space: nowrap; }
td.name { min-width: 200px; }
td.name b { font-weight: 600; display: block; }
td.name span, td.source { color: var(--dtb-muted); font-size: 11.5px; }
td.source { overflow-wrap: anywhere; min-width: 120px; }
td.formula { font-size: 11.5px; min-width: 190px; }
.standing { display: inline-block; border: 1px solid var(--dtb-control); border-radius: 10px; padding: 0 7px; font-size: 11px; margin-right: 6px; color: var(--dtb-ink); }
.standing.assumed { border-style: dashed; }
tr.off td.name b, tr.off td.size, tr.off td.formula { color: var(--dtb-muted); font-weight: 400; }
input[type=number] { font: inherit; color: inherit; background: var(--dtb-panel); border: 1px solid var(--dtb-control); border-radius: 6px; height: 24px; width: 52px; padding: 0 5px; text-align: right; -moz-appearance: textfield; box-sizing: border-box; }
input::-webkit-inner-spin-button { display: none; }
input:invalid { border-color: var(--dtb-overload); }
input[type=checkbox] { width: 16px; height: 16px; accent-color: var(--dtb-analog); margin: 2px 2px 0 1px; }
:focus-visible { outline: 2px solid var(--dtb-digital); outline-offset: 1px; }
tr[title] { cursor: help; }
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

export function render({model, el}) {
  const body = element("tbody");
  const head = element("tr", {}, ...[
    ["", ""], ["Imperfection", ""], ["Size", ""], ["Factor", ""], ["Formula", ""], ["Standing and source", "source"],
  ].map(([text, name]) => element("th", {scope: "col", class: name}, text)));
  el.append(element("style", {}, CSS), element("table", {}, element("thead", {}, head), body));

  function emit(key, value) {
    model.action = {key, value, nonce: ++nonce};
  }

  function draw() {
    const focused = el.getRootNode().activeElement?.id;
    body.replaceChildren(...model.rows.map((row) => {
      const on = row.scale > 0;
      const box = element("input", {
        type: "checkbox", checked: on, id: "t-" + row.key, "aria-label": row.name + " acts",
        onchange: () => emit(row.key, on ? 0 : 1),
      });
      const factor = element("input", {
        type: "number", min: 0, max: 20, step: "any", value: row.scale, id: "n-" + row.key,
        "aria-label": "Factor of " + row.name,
        onchange: () => { if (factor.reportValidity() && factor.value !== "") emit(row.key, Number(factor.value)); },
      });
      const size = row.acts ? `${row.size} ${row.unit}` : "none in this mode";
      return element("tr", {class: on && row.acts ? "" : "off", title: row.title},
        element("td", {}, box),
        element("td", {class: "name"}, element("b", {}, row.name), element("span", {}, row.sentence)),
        element("td", {class: "size"}, size),
        element("td", {class: "factor"}, factor),
        element("td", {class: "formula"}, row.formula),
        element("td", {class: "source"}, element("span", {class: "standing " + row.standing}, row.standing), row.source));
    }));
    if (focused) body.querySelector(`[id="${focused}"]`)?.focus();
  }

  model.on("rows", draw);
  draw();
}
