// Talks to the control API of the workspace; the key comes from the address and stays in this tab.

const HEADER = "X-Control-Token";
const KEPT = "tocsin.key";

/** What the workspace answered instead of doing it; `status` 0 means that it did not answer. */
export class Refusal extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

/** Takes the key out of the address, if it is there; true when this tab has one. */
export function unlock() {
  const said = new URLSearchParams(location.hash.slice(1));
  const given = said.get("key");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    const at = said.get("at");
    history.replaceState(null, "", at ? `#/${at}` : "#/");
  }
  return sessionStorage.getItem(KEPT) !== null;
}

/** Forgets a key that opens nothing. */
export function lock() {
  sessionStorage.removeItem(KEPT);
}

async function call(path, options) {
  const headers = { [HEADER]: sessionStorage.getItem(KEPT) ?? "" };
  let answer;
  try {
    answer = await fetch(`/control/${path}`, { ...options, headers, cache: "no-store" });
  } catch {
    throw new Refusal(0, "The workspace does not answer. Is it still running?");
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Refusal(answer.status, said.error ?? `The workspace answered ${answer.status}.`);
}

/** Asks a question: an act's name and its arguments, the answer as JSON. */
export async function look(act, args = {}) {
  const query = new URLSearchParams(args).toString();
  return (await call(query ? `${act}?${query}` : act, {})).json();
}

/** Does something; undefined arguments are left out. */
export async function act(name, args) {
  return (await call(name, { method: "POST", body: JSON.stringify(args) })).json();
}

const files = new Map();

/** The address of a file's bytes within this page, fetched once. */
export function file(id) {
  if (!files.has(id)) {
    const found = call(`file?${new URLSearchParams({ id })}`, {}).then((answer) => answer.blob()).then((blob) => URL.createObjectURL(blob));
    found.catch(() => files.delete(id));
    files.set(id, found);
  }
  return files.get(id);
}
