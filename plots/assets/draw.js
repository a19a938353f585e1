// window.engramPlots draws charts into the places of their static pictures. It stands behind ECharts.
(function () {
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
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
  function isDark() {
    var light = document.body.dataset.jpThemeLight; // JupyterLab has a theme of its own
    return light === undefined ? dark.matches : light === "false";
  }
  function draw(place, options) {
    (options.baseOption || options).backgroundColor = "transparent";
    (options.series || []).filter(function (s) { return s.type === "custom"; }).forEach(function (s) { (s.bars ? drawIntervals : drawOutline)(s); });
    [].concat(options.yAxis || []).filter(function (a) { return a.type === "log"; }).forEach(labelPowers);
    if (options.legend) { // pale bands share their curve's entry
      [].concat(options.legend).forEach(function (l) { l.itemStyle = Object.assign({ opacity: 1 }, l.itemStyle); });
    }
    var grids = [].concat(options.grid || []).length; // a panel each
    var height = options.rem || (grids > 1 ? 6 + 6 * grids : options.baseOption ? 30 : 22);
    place.style.height = height + "rem";
    var chart;
    function paint() {
      if (chart) { chart.dispose(); }
      place.innerHTML = "";
      chart = echarts.init(place, isDark() ? "dark" : null, { renderer: "svg" });
      chart.setOption(options);
    }
    paint();
    dark.addEventListener("change", paint);
    new ResizeObserver(function () { chart.resize(); }).observe(place);
  }
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
