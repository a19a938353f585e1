// Returns what a reader would see wrong with the text of a page, as lines: text that overlaps other text, that is cut, or, in
// pictures, that hardly differs from what lies behind it (axe-core measures only HTML's). The argument is a selector of the
// parts of the page that are looked at.
(selector) => {
  const TOLERANCE = 2; // pixels by which boxes may overlap: fonts' boxes are larger than their glyphs
  const APART = 3; // pixels between two labels in a line: a space is as wide
  const AA = 4.5, AA_LARGE = 3; // WCAG 2.1, 1.4.3: contrast of text, and of text of 24 px, or 18.66 px in bold

  // --- where text stands

  const corners = (x, y, w, h) => [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
  const bounds = q => ({
    left: Math.min(...q.map(p => p[0])), right: Math.max(...q.map(p => p[0])),
    top: Math.min(...q.map(p => p[1])), bottom: Math.max(...q.map(p => p[1])),
  });

  // What a <text> inks, which may be turned: its box less the room above and below its glyphs.
  function inked(text) {
    const b = text.getBBox(), m = text.getScreenCTM();
    const at = ([x, y]) => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f];
    const margin = (APART + TOLERANCE) / 2 / (Math.hypot(m.a, m.b) || 1);
    return {
      ink: corners(b.x, b.y + 0.18 * b.height, b.width, 0.67 * b.height).map(at),
      room: corners(b.x - margin, b.y + 0.18 * b.height, b.width + 2 * margin, 0.67 * b.height).map(at),
    };
  }

  // By how many pixels two convex shapes overlap: the least by which one would have to move.
  function overlap(a, b) {
    let least = Infinity;
    for (const q of [a, b]) for (let i = 0; i < q.length; i++) {
      const [p, r] = [q[i], q[(i + 1) % q.length]], length = Math.hypot(r[0] - p[0], r[1] - p[1]);
      if (!length) continue;
      const n = [(r[1] - p[1]) / length, (p[0] - r[0]) / length];
      const on = s => s.map(v => v[0] * n[0] + v[1] * n[1]);
      const pa = on(a), pb = on(b);
      least = Math.min(least, Math.min(Math.max(...pa), Math.max(...pb)) - Math.max(Math.min(...pa), Math.min(...pb)));
      if (least <= 0) return 0;
    }
    return least;
  }

  // --- what hides text

  const scrolls = /auto|scroll/, hides = /hidden|clip/;

  // Follows a box up to the part looked at: returns how many pixels of it are cut, or null where it is scrolled out of sight.
  function cut(element, box, root) {
    let most = 0, seen = { ...box };
    for (let a = element; a !== root.parentElement; a = a.parentElement) {
      const style = getComputedStyle(a), r = a.getBoundingClientRect();
      for (const [low, high, flow] of [["left", "right", style.overflowX], ["top", "bottom", style.overflowY]]) {
        if (a === document.documentElement || a === document.body || a.tagName === "text" || a.tagName === "g") continue;
        if (scrolls.test(flow)) {
          seen[low] = Math.max(seen[low], r[low]), seen[high] = Math.min(seen[high], r[high]);
          if (seen[high] - seen[low] < 1) return null;
        } else if (hides.test(flow)) {
          most = Math.max(most, r[low] - seen[low], seen[high] - r[high]);
        }
      }
    }
    return Math.max(most, -(seen.left + scrollX), seen.right + scrollX - document.documentElement.scrollWidth);
  }

  // --- colours

  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  function rgba(colour) {
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1), pen.fillStyle = "#000", pen.fillStyle = colour, pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  }
  const over = (top, below, opacity = 1) => below.map((c, i) => top[i] * top[3] * opacity + c * (1 - top[3] * opacity));
  const luminance = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  function ratio(a, b) {
    const [la, lb] = [luminance(a), luminance(b)];
    return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
  }
  function opacity(element, end) {
    let all = 1;
    for (let a = element; a && a !== end; a = a.parentElement) all *= getComputedStyle(a).opacity;
    return all;
  }
  function behind(svg) {
    const layers = [];
    for (let a = svg; a; a = a.parentElement) layers.unshift(rgba(getComputedStyle(a).backgroundColor));
    const canvas = rgba("Canvas");
    return layers.reduce((below, top) => over(top, below), canvas.slice(0, 3));
  }

  // The contrast of a picture's text: to what is filled behind its middle, or to the rim that is drawn around its glyphs.
  function contrast(text, svg, shapes, base) {
    const style = getComputedStyle(text), fill = rgba(style.fill);
    const { left, right, top, bottom } = text.getBoundingClientRect(), [x, y] = [(left + right) / 2, (top + bottom) / 2];
    let ground = base;
    for (const { shape, box, fill, strength } of shapes) {
      if (!(text.compareDocumentPosition(shape) & Node.DOCUMENT_POSITION_PRECEDING)) break;
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) continue;
      const at = new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse());
      if (shape.isPointInFill(at)) ground = over(fill, ground, strength);
    }
    if (style.stroke !== "none" && parseFloat(style.strokeWidth) >= 2) ground = over(rgba(style.stroke), ground);
    const size = parseFloat(style.fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b);
    const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    return [ratio(over(fill, ground, opacity(text, svg) * style.fillOpacity), ground), large ? AA_LARGE : AA];
  }

  // --- the page

  const skipped = "script, style, title, desc, option, noscript, mjx-container, .jp-InputArea, .jp-OutputPrompt, .jp-InternalAnchorLink";
  const boxes = [], found = new Set();
  const short = s => JSON.stringify(s.trim().replace(/\s+/g, " ").slice(0, 50));
  const place = e => e.closest("[aria-label]")?.ariaLabel ?? e.closest("figure")?.textContent ?? "";
  const say = (b, what) => found.add([short(b.name), place(b.element) && `in ${short(place(b.element))}`, what].filter(Boolean).join(" "));

  // A text of a <details> that is closed has boxes all the same.
  const folded = e => e.closest("details:not([open])") && !e.closest("summary");

  function htmlText(node, root) {
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) {
      if (r.width < 1 || r.height < 1) continue;
      const ink = corners(r.left, r.top + 0.15 * r.height, r.width, 0.7 * r.height);
      boxes.push({ root, name: node.data, element: node.parentElement, ink, room: ink });
    }
  }

  function picture(svg, root) {
    const shapes = [...svg.querySelectorAll("path, rect, circle, ellipse, polygon, polyline")].map(shape => ({ shape, style: getComputedStyle(shape) }))
      .filter(({ style }) => style.fill !== "none" && !style.fill.startsWith("url") && style.visibility !== "hidden" && style.display !== "none")
      .filter(({ shape }) => !shape.closest("clipPath, defs"))
      .map(({ shape, style }) => ({ shape, box: shape.getBoundingClientRect(), fill: rgba(style.fill), strength: style.fillOpacity * opacity(shape, svg) }));
    const base = behind(svg);
    for (const text of svg.querySelectorAll("text")) {
      if (!text.textContent.trim() || !text.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const b = { root, name: text.textContent, element: text, ...inked(text) };
      boxes.push(b);
      if (/(…|\.\.\.)$/.test(b.name)) say(b, "is shortened");
      const [is, least] = contrast(text, svg, shapes, base);
      if (is < least) say(b, `has a contrast of ${is.toFixed(1)} to 1, less than ${least}`);
    }
  }

  for (const root of document.querySelectorAll(selector)) {
    const all = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, {
      acceptNode: n => n.nodeType === 1 && (n.matches(skipped) || !n.checkVisibility({ visibilityProperty: true }) && n.tagName !== "g")
        || n.parentElement.closest("svg") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    });
    for (let n; n = all.nextNode();) {
      if (n.nodeType === 3 && n.data.trim() && !folded(n.parentElement)) htmlText(n, root);
      else if (n.tagName === "svg") picture(n, root);
    }
  }

  const shown = boxes.filter(b => {
    const by = cut(b.element, bounds(b.ink), b.root);
    if (by > TOLERANCE) say(b, `is cut by ${Math.round(by)} px`);
    return by !== null;
  }).map(b => ({ ...b, box: bounds(b.room) })).sort((a, b) => a.box.left - b.box.left);
  shown.forEach((a, i) => {
    for (let j = i + 1; j < shown.length && shown[j].box.left < a.box.right; j++) {
      const b = shown[j];
      if (b.box.top > a.box.bottom || b.box.bottom < a.box.top) continue;
      const pictures = a.element.closest("svg") && b.element.closest("svg");
      const by = pictures ? overlap(a.room, b.room) : overlap(a.ink, b.ink);
      if (by > TOLERANCE) say(a, `and ${short(b.name)} overlap, or run into each other`);
    }
  });
  return { texts: shown.length, faults: [...found].sort() };
}
