/**
 * The theme that the reader chose, and the reader's own sheet, before anything is painted.
 *
 * No module, though it is checked as one: modules wait until the page is read, and this one stands in
 * its head. So it also does by itself what settings.js and kept.js do for all others.
 */
{
  const root = document.documentElement;
  /** @param {string} name what nobody kept, or nobody can read, is "" */
  const kept = (name) => {
    try {
      return JSON.parse(localStorage["stillboard:" + name]);
    } catch {
      return "";
    }
  };
  /** @param {string} theme "": as the board has it */
  const show = (theme) => {
    /** @type {any} */
    const chooser = document.querySelector("#theme");
    if (theme) {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }
    if (chooser) {
      chooser.value = theme;
    }
  };
  const again = () => show(kept("settings").theme || "");
  again();
  if (kept("css") && document.adoptedStyleSheets) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(kept("css"));
    document.adoptedStyleSheets = [sheet];
  }
  addEventListener("pageshow", again);
  addEventListener("storage", again);
  addEventListener(
    "change",
    /** @param {any} event */
    ({ target }) => {
      const theme = target.value;
      if (target.id === "theme") {
        show(theme);
        try {
          localStorage["stillboard:settings"] = JSON.stringify({ ...kept("settings"), theme });
        } catch {
          /** Nothing is kept here: it lasts as long as the page. */
        }
      }
    },
  );
}
