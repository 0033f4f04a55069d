/** Films and sounds begin anew when they are over. */

export function start() {
  document.addEventListener(
    "play",
    (event) => {
      if (event.target instanceof HTMLMediaElement) {
        event.target.loop = true;
      }
    },
    true,
  );
}
