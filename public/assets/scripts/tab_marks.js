/** What the tab says while nobody looks at it: how many posts are unread, and that one is for you. */

import { asset } from "./styles.js";

const ICONS = { new: asset("favicon-new.svg"), you: asset("favicon-you.svg") };

/** The page's own title, as long as nothing else is said of it. */
const title = document.title;
let plainIcon = "";
let unread = 0;
let forYou = 0;

/** @param {number} count posts that the reader has not seen yet */
export function markUnread(count) {
  unread = count;
  draw();
}

/** @param {number} count replies to the reader among them */
export function markForYou(count) {
  forYou = count;
  draw();
}

/**
 * @param {string} own
 * @param {number} unreadPosts
 * @param {number} replies
 */
export function titleOf(own, unreadPosts, replies) {
  return `${replies ? `(!${replies}) ` : ""}${unreadPosts ? `(${unreadPosts}) ` : ""}${own}`;
}

function draw() {
  document.title = titleOf(title, unread, forYou);
  const icon = document.querySelector('link[rel="icon"]');
  if (icon instanceof HTMLLinkElement) {
    plainIcon = plainIcon || icon.href;
    const wanted = forYou ? ICONS.you : unread ? ICONS.new : plainIcon;
    // To set it to what it is makes browsers fetch it again.
    if (icon.getAttribute("href") !== wanted) {
      icon.setAttribute("href", wanted);
    }
  }
}
