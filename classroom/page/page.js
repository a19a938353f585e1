// The page draws what the worker computes, and forwards what its reader does. A form with data-ask asks for an answer
// whenever one of its inputs changes; a button may ask for another (data-ask), add inputs (data-set, as JSON), or run:
// ask again and again while there is more (data-run). An answer's charts, texts, tables and meters go to the elements
// with data-chart, data-text, data-table and data-meters of their names.
"use strict";
(function () {
  const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);

  // The worker, and the requests that it has not yet answered.
  const waiting = new Map();
  let number = 0, worker, started, ended = "";
  const ready = new Promise((resolve) => { started = resolve; });

  function start() {
    const script = URL.createObjectURL(new Blob([window.engramEngine.script], { type: "text/javascript" }));
    worker = new Worker(script);
    worker.onmessage = ({ data }) => {
      if (data.id === 0) { data.error ? end(data.error) : started(); return; }
      const { resolve, reject } = waiting.get(data.id);
      waiting.delete(data.id);
      data.error ? reject(new Error(data.error)) : resolve(JSON.parse(data.answer));
    };
    worker.onerror = (event) => end(event.message || "the browser does not start its worker");
    worker.postMessage(window.engramEngine.wasm);
    delete window.engramEngine.wasm;
  }

  // Without the worker nothing is computed any more.
  function end(why) {
    ended = "The lesson cannot be computed here. Use a current Firefox, Chrome, Edge or Safari that allows WebAssembly, and reload " +
      "the page; a web server's Content-Security-Policy has to allow 'wasm-unsafe-eval' and workers from blob: addresses. " +
      `The browser says: ${why}`;
    fail(ended);
    waiting.forEach(({ reject }) => reject(new Error(ended)));
    waiting.clear();
  }

  async function ask(name, input) {
    await ready;
    if (ended) { throw new Error(ended); }
    return new Promise((resolve, reject) => {
      waiting.set(++number, { resolve, reject });
      worker.postMessage({ id: number, name: name, input: JSON.stringify(input) });
    });
  }

  function fail(message) {
    one("#status").textContent = message;
    one("#status").classList.add("failed");
  }

  // What is shown last, by the name of its request: for tests, and for those who look with the browser's tools.
  const shown = window.classroom = { answers: {}, ready: ready };

  function show(name, answer) {
    shown.answers[name] = answer;
    const places = (kind, draw) => Object.entries(answer[kind + "s"] || {}).forEach(([place, what]) =>
      all(`[data-${kind}="${place}"]`).forEach((element) => draw(element, what)));
    places("text", (element, text) => { element.textContent = text; });
    places("table", drawTable);
    places("meter", drawMeters);
    places("chart", drawChart);
  }

  function drawTable(place, table) {
    const row = (cells, kind) => {
      const tr = document.createElement("tr");
      cells.forEach((text, i) => {
        const cell = document.createElement(i === 0 || kind === "th" ? "th" : "td");
        if (cell.tagName === "TH") { cell.scope = kind === "th" ? "col" : "row"; }
        cell.textContent = text;
        tr.appendChild(cell);
      });
      return tr;
    };
    const head = document.createElement("thead"), body = document.createElement("tbody"), whole = document.createElement("table");
    head.appendChild(row(table.Header, "th"));
    (table.Rows || []).forEach((cells) => body.appendChild(row(cells, "td")));
    whole.append(head, body);
    place.replaceChildren(whole);
  }

  function drawMeters(place, meters) {
    place.replaceChildren(...meters.map((m) => {
      const line = document.createElement("div"), name = document.createElement("span"), bar = document.createElement("span");
      name.textContent = `${m.name} ${Number(m.value.toFixed(2))}`;
      bar.className = "bar";
      bar.style.setProperty("--share", m.share);
      line.append(name, bar);
      return line;
    }));
  }

  // Charts wait in a queue, the newest of each place, and one is drawn after each frame of the screen: all of an answer at
  // once would hold up the page, as would a frame that draws and shows. Those of a step that is not open wait until it is.
  const queue = new Map();
  let due = false;
  function drawChart(place, chart) {
    queue.set(place, chart);
    drawSoon();
  }
  const next = () => [...queue.keys()].find((place) => !place.closest("[hidden]"));
  function drawSoon() {
    if (due || !next()) { return; }
    due = true;
    requestAnimationFrame(() => setTimeout(drawNext));
  }
  function drawNext() {
    due = false;
    const place = next();
    if (!place) { return; } // another step was opened
    const chart = queue.get(place);
    queue.delete(place);
    drawNow(place, chart);
    drawSoon();
  }

  // The chart that a place shows: its options, which draw.js reads again when the page's width or theme changes, and its
  // shape: all that is not a number of a series. A chart of the same shape gets new numbers; drawing it anew is several
  // times as dear. The shapes of ECharts' custom series are drawn from their numbers.
  const drawn = new WeakMap();
  const shapeOf = (chart) => JSON.stringify(chart, (key, value) =>
    key === "series" ? value.map(({ data, ...rest }) => rest.type === "custom" ? { data, ...rest } : rest) : value);

  function drawNow(place, chart) {
    const shape = shapeOf(chart), before = drawn.get(place);
    if (before && before.shape === shape && chart.options.series) {
      const series = chart.options.series.map(({ data }) => ({ data }));
      before.options.series.forEach((s, i) => { s.data = series[i].data; });
      window.echarts.getInstanceByDom(place.querySelector(".chart")).setOption({ series });
      return;
    }
    drawn.set(place, { shape, options: chart.options });
    drawAnew(place, chart);
  }

  // A chart is drawn anew in a place of its own. A slider of the chart keeps its frame, and the keyboard its place: the
  // slider, a button, or a region that scrolls.
  const reached = (place) => all("input, button, [tabindex]", place);
  let charts = 0;
  function drawAnew(place, chart) {
    all(".chart", place).forEach((old) => window.echarts.getInstanceByDom(old)?.dispose()); // or it is kept, and drawn again
    const before = place.querySelector("input[type=range]"), held = reached(place).indexOf(document.activeElement);
    const frames = chart.options.baseOption;
    (frames || chart.options).animation = false;
    if (before && frames && frames.timeline) {
      frames.timeline.currentIndex = Math.min(Number(before.value), frames.timeline.data.length - 1);
    }
    const title = document.createElement("figcaption"), box = document.createElement("div"), name = "classroom-" + ++charts;
    title.textContent = chart.title;
    box.className = "chart " + name;
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", chart.title);
    place.style.minHeight = place.clientHeight + "px"; // the page does not jump
    place.replaceChildren(title, box);
    window.engramPlots.push([name, chart.options]);
    place.style.minHeight = "";
    if (held >= 0) { reached(place)[held]?.focus({ preventScroll: true }); }
  }

  // The values of a form's inputs: numbers where an input has numbers.
  function values(form) {
    const out = {};
    all("input[name], select[name]", form).forEach((input) => {
      if (input.type === "radio" && !input.checked) { return; }
      const number = input.type === "range" || input.type === "number" || input.dataset.kind === "number";
      out[input.name] = input.type === "checkbox" ? input.checked : number ? Number(input.value) : input.value;
    });
    return out;
  }

  // While an answer of a form is on its way, only the newest of the requests that follow is kept.
  const busy = new WeakMap();
  async function request(form, name, input) {
    if (busy.has(form)) { busy.set(form, [name, input]); return; }
    busy.set(form, null);
    try {
      show(name, await ask(name, input));
      one("#status").textContent = "";
    } catch (error) {
      fail(error.message);
    }
    const newer = busy.get(form);
    busy.delete(form);
    if (newer) { await request(form, ...newer); }
  }

  const echo = (form) => all("output[data-of]", form).forEach((out) => { out.textContent = form.elements[out.dataset.of].value; });
  const refresh = (form) => { echo(form); return request(form, form.dataset.ask, values(form)); };

  // The next frame of the screen; a tab behind another has none.
  const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve); setTimeout(resolve, 100); });

  // A button that runs asks while there is more, until it is pressed again. It waits until the last answer is drawn: on
  // two cores, a worker that computes meanwhile makes the frames half as long again. A button that is pressed again at
  // once runs anew while its last answer is still on its way.
  let running = null;
  async function run(form, button) {
    const again = running && running.button === button;
    stop();
    if (again) { return; }
    const mine = running = { button };
    button.dataset.words = button.dataset.words || button.textContent;
    button.textContent = button.dataset.run;
    button.setAttribute("aria-pressed", "true");
    const name = button.dataset.ask, source = button.dataset.form ? one("#" + button.dataset.form) : form;
    let seen = performance.now(); // the first look waits, too: browsers compile the worker's code anew in its first moments
    try {
      for (let more = true; more && running === mine;) {
        const look = performance.now() - seen > 400;
        const answer = await ask(name, { ...values(source), ...JSON.parse(button.dataset.set), look: look });
        more = answer.more;
        if (look || !more) { show(name, answer); seen = performance.now(); }
        do { await frame(); } while (next() && !document.hidden && running === mine);
      }
      show(name, await ask(name, values(source)));
      if (button.dataset.after) { await refresh(form); }
    } catch (error) {
      fail(error.message);
    }
    if (running === mine) { stop(); }
    if (running && running.button === button) { return; }
    button.textContent = button.dataset.words;
    button.setAttribute("aria-pressed", "false");
  }
  function stop() { running = null; }

  function listen() {
    all("form[data-ask]").forEach((form) => {
      echo(form);
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("input", () => refresh(form));
      all("button", form).forEach((button) => button.addEventListener("click", () => {
        if (button.dataset.next) { // an input that counts
          const input = form.elements[button.dataset.next];
          input.value = Number(input.value) + 1;
        }
        if (button.dataset.run) { run(form, button); return; }
        const added = JSON.parse(button.dataset.set || "{}");
        request(form, button.dataset.ask || form.dataset.ask, button.dataset.only ? added : { ...values(form), ...added });
      }));
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { return; }
      const button = one(`section:not([hidden]) button[data-key="${event.key.toLowerCase()}"]`);
      if (button) { button.click(); }
    });
    window.addEventListener("hashchange", open);
  }

  // One step of the lesson is open at a time. Its forms ask once it is seen: a chart needs its width.
  const opened = new Set();
  async function open() {
    stop();
    const sections = all("main > section"), wanted = sections.find((s) => "#" + s.id === location.hash) || sections[0];
    sections.forEach((s) => { s.hidden = s !== wanted; });
    drawSoon();
    all("nav a").forEach((a) => {
      if (a.hash === "#" + wanted.id) { a.setAttribute("aria-current", "step"); } else { a.removeAttribute("aria-current"); }
    });
    if (location.hash && opened.size) { wanted.querySelector("h2").focus({ preventScroll: true }); window.scrollTo(0, 0); }
    if (opened.has(wanted.id) && !wanted.dataset.needs) { return; } // what needs the agent follows it
    opened.add(wanted.id);
    if (wanted.dataset.needs) { await refresh(one("#" + wanted.dataset.needs)); }
    all("form[data-ask]", wanted).forEach(refresh);
  }

  listen();
  open();
  try {
    start();
  } catch (error) {
    end(error.message);
  }
  ready.then(() => {
    document.body.dataset.ready = "yes";
    one("#status").textContent = "";
  });
})();
