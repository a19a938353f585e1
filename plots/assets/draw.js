// window.engramPlots draws charts into the places of their static pictures. It stands behind ECharts.
(function () {
  var dark = window.matchMedia("(prefers-color-scheme: dark)"), drawn = [];
  // JSON holds no functions, so what ECharts does not know is drawn here.
  // A band: the polygon whose corners are the data; with two corners a whisker.
  function drawOutline(series) {
    var style = series.itemStyle;
    series.renderItem = function (params, api) {
      if (params.dataIndex > 0) { return null; }
      return { type: "polygon", shape: { points: series.data.map(function (corner) { return api.coord(corner); }) },
        style: { fill: style.color, opacity: style.opacity, stroke: style.color, lineWidth: style.borderWidth || 0 } };
    };
  }
  // Intervals upon lying bars: data are group, low and high, of the bars number series.bar of series.bars.
  function drawIntervals(series) {
    series.renderItem = function (params, api) {
      var bar = api.barLayout({ count: series.bars, barGap: series.barGap, barCategoryGap: series.barCategoryGap })[series.bar];
      var low = api.coord([api.value(1), api.value(0)]), high = api.coord([api.value(2), api.value(0)]);
      var y = low[1] + bar.offsetCenter, cap = Math.min(4, bar.width / 3), style = { stroke: isDark() ? "#ddd" : "#222", lineWidth: 1.5 };
      return { type: "group", children: [[low[0], y, high[0], y], [low[0], y - cap, low[0], y + cap], [high[0], y - cap, high[0], y + cap]].map(function (l) {
        return { type: "line", shape: { x1: l[0], y1: l[1], x2: l[2], y2: l[3] }, style: style };
      }) };
    };
  }
  // Powers of ten in full would not fit beside a logarithmic axis.
  function labelPowers(axis) {
    axis.axisLabel = Object.assign({}, axis.axisLabel, { formatter: function (x) {
      return x >= 0.001 && x < 10000 ? String(Number(x.toPrecision(3))) : x.toExponential(0);
    } });
  }
  var pen = document.createElement("canvas").getContext("2d");
  function textWidth(text) {
    pen.font = "12px sans-serif";
    return pen.measureText(text).width;
  }
  // The rows that a legend's entries fill: each is an icon, a gap and its name.
  function legendRows(legend, options, width) {
    var names = legend.data || options.series.map(function (s) { return s.name; });
    var rows = 1, x = 0;
    names.filter(function (name, i) { return name && names.indexOf(name) === i; }).forEach(function (name) {
      var entry = 25 + 5 + textWidth(name);
      if (x > 0 && x + entry > width) { rows++; x = 0; }
      x += entry + 10;
    });
    return rows;
  }
  // A legend of several rows would lie upon the chart, so everything below goes down by what it has more than one, in
  // pixels. Distances from above are numbers of pixels or parts of the height.
  function moveDown(options, height, by) {
    var pixels = function (x) { return /%$/.test(x) ? parseFloat(x) / 100 * height : Number(x || 0); };
    ["grid", "title", "visualMap"].forEach(function (key) {
      [].concat(options[key] || []).forEach(function (o) {
        if (typeof o.height === "string") { o.height = pixels(o.height); }
        if (o.top !== "middle") { o.top = pixels(o.top) + by; }
      });
    });
  }
  // The name of an axis in lines that are at most so wide.
  function wrapped(name, width) {
    return name.split(" ").reduce(function (lines, word) {
      var longer = lines.length ? lines[lines.length - 1] + " " + word : word;
      if (lines.length && textWidth(longer) <= width) { lines[lines.length - 1] = longer; } else { lines.push(word); }
      return lines;
    }, []).join("\n");
  }
  // The name of x below the chart in as many lines as it takes; each after the first moves the chart's edge up.
  function fitNameOfX(options, width) {
    var grid = [].concat(options.grid || [])[0], x = [].concat(options.xAxis || []);
    if (!grid || [].concat(options.grid).length > 1) { return; }
    var names = grid.containLabel ? [].concat(options.yAxis)[0].data || [] : [];
    var left = Number(grid.left) + Math.max.apply(null, names.map(textWidth).concat(0)), right = Number(grid.right);
    x.filter(function (a) { return a.name; }).forEach(function (a) {
      a.fullName = a.fullName || a.name; // in the middle of the grid: it may be as wide as the nearer edge lets it
      a.name = wrapped(a.fullName, width - Math.abs(left - right) - 16);
      a.nameTextStyle = { lineHeight: 14 };
      grid.fullBottom = grid.fullBottom || grid.bottom;
      grid.bottom = Number(grid.fullBottom) + 14 * (a.name.split("\n").length - 1);
    });
  }
  // Names of shaded areas that would run into the one before are left out.
  function fitAreas(options, width) {
    var named = (options.series || []).filter(function (s) { return s.markArea && s.markArea.label.show; })[0];
    if (!named) { return; }
    var x = options.xAxis[0], grid = options.grid[0], end = -Infinity;
    var scale = (width - grid.left - grid.right) / (x.max - x.min);
    named.markArea.data.forEach(function (area) {
      var middle = ((area[0].xAxis + area[1].xAxis) / 2 - x.min) * scale, half = textWidth(area[0].name || "") / 2;
      var fits = middle - half > end + 4;
      area[0].label = { show: fits };
      if (fits) { end = middle + half; }
    });
  }
  // Names of parallel axes that would run into each other are turned. ECharts would cut them.
  function fitParallel(options, width) {
    var axes = options.parallelAxis, at = options.parallel;
    var room = (width - at.left - at.right) / Math.max(1, axes.length - 1);
    var widest = Math.max.apply(null, axes.map(function (a) { return textWidth(a.name); })), turned = widest > room - 8;
    axes.forEach(function (a) {
      a.nameTruncate = { maxWidth: 2 * width };
      a.nameRotate = turned ? 30 : 0;
      a.nameTextStyle = { align: turned ? "left" : "center" };
      // Lines run through the labels.
      a.axisLabel = Object.assign({}, a.axisLabel, { textBorderColor: isDark() ? "#15181c" : "#fff", textBorderWidth: 3 });
    });
    at.top = turned ? 34 + Math.min(widest / 2, 150) : 50;
  }
  function isDark() {
    var light = document.body.dataset.jpThemeLight; // JupyterLab has a theme of its own
    return light === undefined ? dark.matches : light === "false";
  }
  // Parallel axes need a least width, or their labels would run into each other. Where there is less, they scroll.
  var leastPerAxis = 90;
  function letScroll(place, options) {
    var box = document.createElement("div");
    box.style.overflowX = "auto";
    box.tabIndex = 0; // by keyboard, too
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", place.getAttribute("aria-label"));
    place.parentNode.insertBefore(box, place);
    box.appendChild(place);
    place.style.minWidth = Number(options.parallel.left) + Number(options.parallel.right) +
      leastPerAxis * (options.parallelAxis.length - 1) + "px";
  }
  // A slider of the page chooses the frame of a chart: keys and screen readers reach it, and not ECharts' own.
  function addSlider(place, timeline, choose) {
    var box = document.createElement("label"), range = document.createElement("input"), now = document.createElement("span");
    function tell() {
      now.textContent = timeline.data[range.value];
      range.setAttribute("aria-valuetext", now.textContent);
    }
    range.type = "range";
    range.min = 0;
    range.max = timeline.data.length - 1;
    range.value = timeline.currentIndex;
    range.style.cssText = "width: 50%; vertical-align: middle";
    box.style.cssText = "display: block; text-align: center; font-variant-numeric: tabular-nums";
    box.append(timeline.name + " ", range, " ", now);
    range.addEventListener("input", function () {
      timeline.currentIndex = Number(range.value); // what is drawn again keeps it
      tell();
      choose(timeline.currentIndex);
    });
    timeline.show = false;
    tell();
    place.parentNode.insertBefore(box, place.nextSibling);
  }
  // A button of the page that a mouse, keys and screen readers reach.
  var sheet = document.createElement("style");
  sheet.textContent = ".engram-button { all: unset; cursor: pointer; } .engram-button:focus-visible { outline: 2px solid; }";
  document.head.appendChild(sheet);
  function newButton(name, click) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "engram-button";
    button.title = name;
    button.addEventListener("click", click);
    return button;
  }
  // A button in the upper right corner saves the chart as a picture, as one sees it. It replaces ECharts' own, which the
  // mouse alone reaches.
  var saveIcon = '<svg width="15" height="15" viewBox="0 0 60 60" fill="none" stroke="currentColor" stroke-width="4" aria-hidden="true" ' +
    'style="display: block; margin: 4px"><path d="M4.7,22.9L29.3,45.5L54.7,23.4M4.6,43.6V58H53.8V43.6M29.2,45.1V0"/></svg>';
  function addSave(place, options, picture) {
    var title = place.getAttribute("aria-label") || "chart", box = document.createElement("div");
    var button = newButton("save as a picture", function () {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([picture()], { type: "image/svg+xml" })); // Chromium saves no long data address
      link.download = title.replace(/[^\p{L}\p{N}]+/gu, "_") + ".svg";
      link.click();
      setTimeout(URL.revokeObjectURL, 60000, link.href);
    });
    button.setAttribute("aria-label", "save as a picture: " + title);
    button.innerHTML = saveIcon;
    button.style.cssText = "position: absolute; right: 0";
    box.style.cssText = "position: relative; z-index: 1; height: 0";
    box.appendChild(button);
    place.parentNode.insertBefore(box, place);
    options.toolbox.feature.saveAsImage.show = false;
    Object.assign(options.toolbox, { left: "auto", right: 30 }); // ECharts' other buttons stand beside it
  }
  // A table whose columns can be sorted, by a button in each head: numbers by their size, other texts by the alphabet.
  function makeSortable(table) {
    var heads = Array.from(table.querySelectorAll("thead th")), body = table.tBodies[0];
    var number = function (text) { return parseFloat(text.replace(/^[^0-9.+-]*/, "")); };
    function compare(a, b, sign) { // what is missing comes last
      var x = number(a), y = number(b);
      return (isNaN(x) - isNaN(y)) || sign * (isNaN(x) ? a.localeCompare(b) : x - y);
    }
    heads.forEach(function (head, column) {
      var button = newButton("sort", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var text = function (row) { return (row.cells[column] || {}).textContent || ""; };
        Array.from(body.rows).sort(function (a, b) { return compare(text(a), text(b), down ? -1 : 1); })
          .forEach(function (row) { body.appendChild(row); });
      });
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
    });
  }
  // The colour behind an element: that of the nearest around it that has one.
  function colourBehind(element) {
    for (var colour; element; element = element.parentElement) {
      colour = getComputedStyle(element).backgroundColor;
      if (!/^transparent$|, 0\)$/.test(colour)) { return colour; }
    }
    return "#fff";
  }
  // An SVG picture of a chart as one sees it, which has the colour behind it as its background.
  function pictureOf(chart) {
    var painter = chart.getZr().painter; // that of ZRender would also choose the colours of texts anew
    painter.setBackgroundColor(colourBehind(chart.getDom()));
    var address = chart.getDataURL();
    painter.setBackgroundColor("transparent");
    return decodeURIComponent(address.slice(address.indexOf(",") + 1));
  }
  function draw(place, options) {
    (options.baseOption || options).backgroundColor = "transparent";
    (options.series || []).filter(function (s) { return s.type === "custom"; }).forEach(function (s) { (s.bars ? drawIntervals : drawOutline)(s); });
    [].concat(options.yAxis || []).filter(function (a) { return a.type === "log"; }).forEach(labelPowers);
    [].concat((options.baseOption || options).xAxis || []).forEach(function (a) { // labels keep apart
      a.axisLabel = Object.assign({ minMargin: 8 }, a.axisLabel);
    });
    if ((options.baseOption || options).toolbox) {
      addSave(place, options.baseOption || options, function () { return pictureOf(chart); });
    }
    if (options.parallelAxis) { letScroll(place, options); }
    if (options.legend) { // pale bands share their curve's entry
      options.legend = [].concat(options.legend)[0];
      options.legend.itemStyle = Object.assign({ opacity: 1 }, options.legend.itemStyle);
    }
    var grids = [].concat(options.grid || []).length; // a panel each
    var height = options.rem || (grids > 1 ? 6 + 6 * grids : options.baseOption ? 30 : 22);
    place.style.height = height + "rem";
    var chart, painted, ink, moved = 0, inner = height * parseFloat(getComputedStyle(document.documentElement).fontSize);
    // fit makes room for the rows of the legend, which leaves the corner of the toolbox free.
    function fit() {
      if (!place.clientWidth) { return; }
      fitNameOfX(options.baseOption || options, place.clientWidth);
      fitAreas(options, place.clientWidth);
      if (options.parallelAxis) { fitParallel(options, place.clientWidth); }
      if (!options.legend || options.legend.show === false) { return; }
      var buttons = (options.toolbox || {}).feature || {};
      options.legend.width = place.clientWidth - (buttons.dataZoom ? 140 : options.toolbox ? 80 : 16);
      var by = 24 * (legendRows(options.legend, options, options.legend.width) - 1);
      if (by !== moved) { moveDown(options, inner, by - moved); }
      moved = by;
      place.style.height = "calc(" + height + "rem + " + by + "px)";
    }
    function size() { return place.clientWidth + " x " + place.clientHeight; }
    function paint() {
      if (chart) { chart.dispose(); }
      place.innerHTML = "";
      fit();
      painted = size();
      ink = getComputedStyle(place).color;
      chart = echarts.init(place, isDark() ? "dark" : null, { renderer: "svg" });
      chart.setOption(options);
    }
    var slider = (options.baseOption || {}).timeline;
    if (slider) {
      addSlider(place, slider, function (i) { chart.dispatchAction({ type: "timelineChange", currentIndex: i }); });
    }
    paint();
    place.repaint = paint;
    place.isStale = function () { return size() !== painted || getComputedStyle(place).color !== ink; };
    drawn.push(new WeakRef(place)); // a chart that moves is replaced again and again
    new ResizeObserver(function () { // which also looks at once, and at what was hidden or removed
      if (!place.clientWidth || size() === painted) { return; }
      fit();
      painted = size();
      chart.setOption(options);
      chart.resize();
    }).observe(place);
  }
  function repaint(which) {
    drawn = drawn.filter(function (place) { return place.deref(); });
    drawn.map(function (place) { return place.deref(); }).filter(which).forEach(function (place) { place.repaint(); });
  }
  // The style sheets of a theme of JupyterLab come after its name: what was drawn between the two is drawn again.
  function followTheme() {
    repaint(function () { return true; });
    for (var wait = 200; wait <= 3200; wait *= 2) {
      setTimeout(repaint, wait, function (place) { return place.isStale(); });
    }
  }
  dark.addEventListener("change", followTheme);
  new MutationObserver(followTheme).observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  // push takes the class of a chart's places and its options, or that of a table and "table". What came before this script waits in an array.
  function push(chart) {
    document.querySelectorAll("." + chart[0]).forEach(function (place) {
      place.classList.remove(chart[0]);
      if (chart[1] === "table") { makeSortable(place); } else { draw(place, chart[1]); }
    });
  }
  var waiting = window.engramPlots;
  window.engramPlots = { push: push };
  if (Array.isArray(waiting)) { waiting.forEach(push); }
})();
