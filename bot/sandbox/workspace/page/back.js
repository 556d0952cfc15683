// The way back to what had the focus, also where it was drawn anew meanwhile.

/** Remembers what has the focus now; calling the answer gives it back, to the same button of the same message. */
export function way() {
  const node = document.activeElement;
  const list = node?.closest("ol");
  const ts = node?.closest("[data-ts]")?.dataset.ts;
  const action = node?.dataset.action;
  return () => {
    const row = node?.isConnected || !ts ? null : [...(list?.children ?? [])].find((one) => one.dataset.ts === ts);
    const same = row && [...row.querySelectorAll("[data-action]")].find((one) => one.dataset.action === action);
    const found = node?.isConnected ? node : same ?? row;
    found?.focus();
  };
}
