"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = [...document.querySelectorAll(".chart")];
  let printing = false;
  const PRINT_WIDTH = 660; // pixels: A4 or Letter less its margins

  // Plotly reads markup in texts; what people wrote is text
  const escaped = (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\n", "<br>");
  const each = (value, f) => (Array.isArray(value) ? value.map((one) => each(one, f)) : typeof value === "string" ? f(value) : value);

  const pen = document.createElement("canvas").getContext("2d");
  const cut = (text, room) => {
    const fits = (told) => pen.measureText(told).width <= room;
    if (fits(text)) return text;
    let n = text.length;
    while (n > 8 && !fits(text.slice(0, n) + "\u2026")) n -= 1;
    return text.slice(0, n).trimEnd() + "\u2026";
  };

  function figureOf(chart, width) {
    const style = getComputedStyle(root);
    pen.font = `13px ${style.fontFamily}`;
    const colour = (name) => (name.startsWith("--") ? style.getPropertyValue(name).trim() : name);
    const source = document.getElementById(chart.dataset.figure).textContent;
    const figure = JSON.parse(source, (key, value) =>
      /color$/i.test(key) ? each(value, colour) : /^ticktext$/.test(key) ? each(value, escaped) : value,
    );
    for (const trace of figure.data) {
      if (trace.text) trace.text = each(trace.text, escaped);
      if (!trace.customdata) continue;
      trace.hovertext = trace.customdata.map(escaped);
      trace.hoverinfo = "text";
    }
    const line = colour("--line"), ink = colour("--ink"), muted = colour("--muted");
    const axis = (own) => ({ gridcolor: line, linecolor: line, ticklabeloverflow: "allow", tickfont: { color: muted }, ...own });
    const layout = figure.layout;
    const values = (layout.annotations ?? []).filter((one) => one.name === "value");
    const room = width - 45 - Math.max(...values.map((one) => pen.measureText(one.text).width), 0); // 30 are margins
    return {
      data: figure.data,
      layout: {
        ...layout,
        xaxis: axis(layout.xaxis),
        yaxis: axis(layout.yaxis),
        annotations: (layout.annotations ?? []).map((one) => ({
          ...one,
          text: escaped(one.name === "row" ? cut(one.text, room) : one.text),
        })),
        margin: layout.yaxis.visible === false ? { l: 10, r: 20, t: 6, b: 34 } : { l: 48, r: 12, t: 10, b: 34 },
        font: { family: style.fontFamily, size: 13, color: ink },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        showlegend: false,
        dragmode: false,
        hovermode: "closest",
        hoverdistance: 40,
        hoverlabel: { bgcolor: colour("--paper"), bordercolor: muted, font: { color: ink, size: 13 }, align: "left" },
      },
    };
  }

  function draw(chart, width = chart.clientWidth) {
    const { data, layout } = figureOf(chart, width);
    const drawn = Plotly.react(chart, data, { ...layout, width }, { displayModeBar: false, scrollZoom: false });
    chart.dataset.drawn = width;
    chart.querySelectorAll("svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"));
    return drawn;
  }

  const redraw = () => charts.filter((chart) => chart.dataset.drawn).forEach((chart) => draw(chart));

  // one chart at a time, so that the page can be read and scrolled meanwhile
  async function drawAll() {
    for (const chart of charts) {
      await draw(chart);
      await new Promise((resume) => setTimeout(resume));
    }
    const resized = new ResizeObserver((seen) => {
      for (const { target } of seen) if (!printing && target.dataset.drawn !== String(target.clientWidth)) draw(target);
    });
    charts.forEach((chart) => resized.observe(chart));
    root.dataset.ready = "yes";
  }

  // arrow keys walk along a chart's points, and what they say is read aloud
  function listen(chart) {
    let place = -1;
    const said = document.getElementById(chart.dataset.said);
    const points = () =>
      chart.data.flatMap((trace, curveNumber) =>
        (trace.customdata ?? []).flatMap((text, pointNumber) => (text ? [{ curveNumber, pointNumber, text }] : [])),
      );
    chart.addEventListener("keydown", (event) => {
      const found = points();
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      if (event.key in steps) place = Math.min(Math.max(place + steps[event.key], 0), found.length - 1);
      else if (event.key === "Home") place = 0;
      else if (event.key === "End") place = found.length - 1;
      else if (event.key === "Escape") place = -1;
      else return;
      event.preventDefault();
      if (place < 0) Plotly.Fx.unhover(chart);
      else Plotly.Fx.hover(chart, [found[place]]);
      said.textContent = place < 0 ? "" : found[place].text.replaceAll("\n", " ");
    });
    chart.addEventListener("blur", () => {
      if (place >= 0) Plotly.Fx.unhover(chart);
      place = -1;
      said.textContent = "";
    });
  }

  // a table that fits needs no stop of the Tab key to be scrolled by
  const fitting = new ResizeObserver((seen) => {
    for (const { target } of seen) {
      const frame = target.closest(".scroll");
      frame.tabIndex = frame.scrollWidth > frame.clientWidth ? 0 : -1;
    }
  });
  document.querySelectorAll(".scroll, .scroll table").forEach((part) => fitting.observe(part));

  // the page follows the system until its reader chooses
  const toggle = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const show = () => toggle.setAttribute("aria-pressed", String(isDark()));
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
    redraw();
  });
  dark.addEventListener("change", () => {
    show();
    redraw();
  });
  show();

  // on paper: light, and as wide as the paper
  let before;
  addEventListener("beforeprint", () => {
    printing = true;
    before = root.dataset.theme;
    root.dataset.theme = "light";
    charts.forEach((chart) => draw(chart, PRINT_WIDTH));
  });
  addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    printing = false;
    redraw();
  });

  // on a narrow screen the contents would be all one sees at first
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector("nav details").open = false;

  charts.forEach(listen);
  drawAll();
})();
