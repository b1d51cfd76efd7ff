const RECORD_AFTER_MILLIS = 150;
/** A page that comes from the server grows for a moment before it is as long as it was. */
const RETURN_WITHIN_MILLIS = 3000;

let returning = false;
let timer: ReturnType<typeof setTimeout> | null = null;

/** Keeps with each page of the history how far it was scrolled, and goes there again when it is come back to. */
export function keepScroll(): void {
  history.scrollRestoration = "manual";
  addEventListener("scroll", () => {
    if (returning) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(recordScroll, RECORD_AFTER_MILLIS);
  });
  // Whoever moves by themselves is left alone.
  for (const type of ["wheel", "keydown", "pointerdown", "touchstart"])
    addEventListener(type, () => {
      returning = false;
    });
  returnToScroll();
}

/** Before another page takes this one's place. */
export function recordScroll(): void {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  history.replaceState({ ...history.state, top: scrollY }, "");
}

/** Once the history shows the page that was left. */
export function returnToScroll(): void {
  if (timer !== null) clearTimeout(timer);
  const top = Number((history.state as { readonly top?: number } | null)?.top ?? 0);
  const lastMillis = performance.now() + RETURN_WITHIN_MILLIS;
  const step = (): void => {
    if (!returning) return;
    scrollTo(0, top);
    if (Math.abs(scrollY - top) <= 1 || performance.now() > lastMillis) returning = false;
    else requestAnimationFrame(step);
  };
  returning = true;
  requestAnimationFrame(step);
}
