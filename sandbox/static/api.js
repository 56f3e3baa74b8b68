// Talking to the sandbox server on this computer: plain JSON requests and one stream of change numbers.

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const reason = typeof body.error === "string" ? body.error : `status ${response.status}`;
    throw Object.assign(new Error(`The sandbox refused this: ${reason}`), { refused: true });
  }
  return body;
}

/** The state of the workspace as one person sees it: messages of one conversation and, if named, of one thread in it. */
export function fetchState({ viewer, channel, thread }) {
  const query = new URLSearchParams();
  if (viewer) query.set("viewer", viewer);
  if (channel) query.set("channel", channel);
  if (thread) query.set("thread", thread);
  return request(`/sandbox/state?${query}`);
}

/** Posts to /sandbox/<what> and returns the JSON answer; throws an Error whose message can be shown. */
export function post(what, body) {
  return request(`/sandbox/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

const POLL_MS = 1000;
const RECONNECT_MS = 4000;

/**
 * Calls onChange at each change of the workspace, and onStatus with "live" or "polling".
 * While the stream is down it polls every second. Returns a function that stops it.
 */
export function follow(viewer, onChange, onStatus) {
  let source = null;
  let poll = null;
  let reconnect = null;
  let stopped = false;

  const startPolling = () => {
    onStatus("polling");
    poll ??= setInterval(onChange, POLL_MS);
  };
  const connect = () => {
    if (stopped) return;
    source = new EventSource(`/sandbox/stream?viewer=${encodeURIComponent(viewer)}`);
    source.onopen = () => {
      clearInterval(poll);
      poll = null;
      onStatus("live");
      onChange();
    };
    source.onmessage = () => onChange();
    source.onerror = () => {
      startPolling();
      if (source.readyState === EventSource.CLOSED) reconnect = setTimeout(connect, RECONNECT_MS);
    };
  };
  connect();
  return () => {
    stopped = true;
    source?.close();
    clearInterval(poll);
    clearTimeout(reconnect);
  };
}
