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
      var y = low[1] + bar.offsetCenter, cap = Math.min(4, bar.width / 3), style = { stroke: series.itemStyle.color, lineWidth: 1.5 };
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
  // The rows that a legend's entries fill: each is an icon, a gap and its name.
  function legendRows(legend, options, width) {
    var names = legend.data || options.series.map(function (s) { return s.name; });
    var pen = document.createElement("canvas").getContext("2d"), rows = 1, x = 0;
    pen.font = "12px sans-serif";
    names.filter(function (name, i) { return name && names.indexOf(name) === i; }).forEach(function (name) {
      var entry = 25 + 5 + pen.measureText(name).width;
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
  function isDark() {
    var light = document.body.dataset.jpThemeLight; // JupyterLab has a theme of its own
    return light === undefined ? dark.matches : light === "false";
  }
  function draw(place, options) {
    (options.baseOption || options).backgroundColor = "transparent";
    (options.series || []).filter(function (s) { return s.type === "custom"; }).forEach(function (s) { (s.bars ? drawIntervals : drawOutline)(s); });
    [].concat(options.yAxis || []).filter(function (a) { return a.type === "log"; }).forEach(labelPowers);
    if (options.legend) { // pale bands share their curve's entry
      options.legend = [].concat(options.legend)[0];
      options.legend.itemStyle = Object.assign({ opacity: 1 }, options.legend.itemStyle);
    }
    var grids = [].concat(options.grid || []).length; // a panel each
    var height = options.rem || (grids > 1 ? 6 + 6 * grids : options.baseOption ? 30 : 22);
    place.style.height = height + "rem";
    var chart, moved = 0, inner = height * parseFloat(getComputedStyle(document.documentElement).fontSize);
    // fit makes room for the rows of the legend, which leaves the corner of the toolbox free.
    function fit() {
      if (!options.legend || options.legend.show === false || !place.clientWidth) { return; }
      options.legend.width = place.clientWidth - (options.toolbox ? 140 : 16);
      var by = 24 * (legendRows(options.legend, options, options.legend.width) - 1);
      if (by !== moved) { moveDown(options, inner, by - moved); }
      moved = by;
      place.style.height = "calc(" + height + "rem + " + by + "px)";
    }
    function paint() {
      if (chart) { chart.dispose(); }
      place.innerHTML = "";
      fit();
      chart = echarts.init(place, isDark() ? "dark" : null, { renderer: "svg" });
      chart.setOption(options);
    }
    paint();
    place.repaint = paint;
    drawn.push(new WeakRef(place)); // a chart that moves is replaced again and again
    new ResizeObserver(function () {
      var before = moved;
      fit();
      if (moved !== before) { chart.setOption(options); }
      chart.resize();
    }).observe(place);
  }
  function repaint() {
    drawn = drawn.filter(function (place) { return place.deref(); });
    drawn.forEach(function (place) { place.deref().repaint(); });
  }
  dark.addEventListener("change", repaint);
  new MutationObserver(repaint).observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  // push takes the class of a chart's places and its options. What came before this script waits in an array.
  function push(chart) {
    document.querySelectorAll("." + chart[0]).forEach(function (place) {
      place.classList.remove(chart[0]);
      draw(place, chart[1]);
    });
  }
  var waiting = window.engramPlots;
  window.engramPlots = { push: push };
  if (Array.isArray(waiting)) { waiting.forEach(push); }
})();
