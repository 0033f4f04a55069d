/** Buttons for the whole page, beside the ways that lead away from it. */

import { asset, load } from "./styles.js";
import { say } from "./words.js";

/**
 * @param {import("./words.js").Message} title
 * @param {() => void} press
 * @returns {HTMLButtonElement | null} null: this page has no place for it
 */
export function addTool(title, press) {
  const ways = document.querySelector("main > nav.ways");
  if (!ways) {
    return null;
  }
  load(asset("reading.css"));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "page-tool";
  button.textContent = say(title);
  button.addEventListener("click", press);
  const tools = ways.querySelector(".page-tools") ?? document.createElement("span");
  tools.className = "page-tools";
  tools.append(button);
  ways.append(tools);
  return button;
}
