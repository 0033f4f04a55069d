import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

const { localStorage, window } = aPage();
const kept = await import("../../public/assets/scripts/kept.js");
const { settings } = await import("../../public/assets/scripts/settings.js");

test("what was written is read again, also by another tab", () => {
  kept.write("a", { b: 1 });
  assert.deepEqual(kept.read("a", null), { b: 1 });
  assert.equal(localStorage.getItem("stillboard:a"), '{"b":1}');
});

test("what can't be read is as if it weren't there", () => {
  localStorage.setItem("stillboard:broken", "{");
  assert.equal(kept.read("broken", "otherwise"), "otherwise");
});

test("a browser that keeps nothing keeps it for as long as the page is open", () => {
  const full = { ...localStorage, getItem: () => null, setItem: () => { throw new Error("full"); } };
  Object.defineProperty(globalThis, "localStorage", { value: full, configurable: true, writable: true });
  kept.write("draft", "text");
  assert.equal(kept.read("draft", ""), "text");
  kept.write("draft", undefined);
  Object.defineProperty(globalThis, "localStorage", { value: localStorage, configurable: true, writable: true });
  assert.equal(kept.read("draft", ""), "");
});

test("who listens is told of each change", () => {
  let told = 0;
  kept.onChange("heard", () => { told += 1; });
  kept.change("heard", 0, (value) => value + 1);
  assert.equal(told, 1);
  assert.equal(kept.read("heard", 0), 1);
});

test("a page that comes out of the browser's memory is told that all may have changed", () => {
  let told = 0;
  kept.onChange("elsewhere", () => { told += 1; });
  for (const persisted of [false, true]) {
    window.dispatchEvent(Object.assign(new window.Event("pageshow"), { persisted }));
  }
  assert.equal(told, 1);
});

test("a setting of another type than expected counts as none", () => {
  for (const wrong of ["[1]", '"text"', "null", '{"gallery": "yes", "size": true}']) {
    localStorage.setItem("stillboard:settings", wrong);
    assert.equal(settings.isOn("gallery", true), true);
    assert.equal(settings.value("size", 3), 3);
  }
  settings.choose("gallery", false);
  assert.equal(settings.isOn("gallery", true), false);
  settings.choose("gallery", undefined);
  assert.equal(settings.isOn("gallery", true), true);
});
