// window.engramPlots draws charts into the places of their static pictures. It stands behind ECharts.
(function () {
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  // A band: the polygon whose corners are the data. JSON holds no functions, so it is drawn here.
  function fillOutline(series) {
    series.renderItem = function (params, api) {
      if (params.dataIndex > 0) { return null; }
      return { type: "polygon", shape: { points: series.data.map(function (corner) { return api.coord(corner); }) },
        style: { fill: series.itemStyle.color, opacity: series.itemStyle.opacity } };
    };
  }
  function isDark() {
    var light = document.body.dataset.jpThemeLight; // JupyterLab has a theme of its own
    return light === undefined ? dark.matches : light === "false";
  }
  function draw(place, options) {
    (options.baseOption || options).backgroundColor = "transparent";
    (options.series || []).filter(function (s) { return s.type === "custom"; }).forEach(fillOutline);
    var grids = [].concat(options.grid || []).length; // a panel each
    place.style.height = grids > 1 ? 6 + 6 * grids + "rem" : options.baseOption ? "30rem" : "22rem";
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
