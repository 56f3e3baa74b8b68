// Who and what can be named in a message: people, groups, channels, and the workspace's time.

/** Names and time for drawing messages; `open` shows a conversation. */
export function directoryOf(state, clock, open) {
  const people = new Map(state.people.map((person) => [person.id, person]));
  const groups = new Map(state.groups.map((group) => [group.id, group]));
  const channels = new Map(state.channels.map((channel) => [channel.id, channel]));
  return {
    viewer: state.viewer.id,
    zone: state.viewer.tz || "America/New_York",
    people: state.people.filter((person) => !person.is_bot),
    channels: state.channels,
    // Changes when anything that a drawn message may show of the directory changes.
    version: JSON.stringify([state.viewer.id, state.people, state.groups, state.channels.map(({ id, name }) => [id, name])]),
    now: () => clock.now(),
    person: (id) => people.get(id) ?? null,
    personName: (id) => people.get(id)?.name ?? null,
    group: (id) => groups.get(id) ?? null,
    channel: (id) => channels.get(id) ?? null,
    open,
  };
}

/** The first letters of a name, for the square beside it. */
export function initials(name) {
  const words = String(name ?? "?").trim().split(/\s+/);
  return (words.length > 1 ? words[0][0] + words.at(-1)[0] : words[0].slice(0, 2)).toUpperCase();
}

/** One of eight looks, always the same for an id. */
export function shadeOf(id) {
  let sum = 0;
  for (const character of String(id)) sum = (sum * 31 + character.codePointAt(0)) % 8191;
  return sum % 8;
}
