// Dates and times as people in the workspace read them.

function parts(date, zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, weekday: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric",
    hourCycle: "h23",
  });
  return Object.fromEntries(format.formatToParts(date).map((part) => [part.type, part.value]));
}

function text(date, zone, options) {
  return new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }).format(date);
}

/** Midnight-based day number of a moment in a zone, to compare calendar days. */
export function dayNumber(date, zone) {
  const { year, month, day } = parts(date, zone);
  return Math.round(Date.UTC(Number(year), Number(month) - 1, Number(day)) / 86_400_000);
}

/** "9:05 AM". */
export function clockTime(date, zone) {
  return text(date, zone, { hour: "numeric", minute: "2-digit" });
}

/** "Today", "Yesterday", "Tomorrow" or a longer date such as "Tuesday, November 24". */
export function dayLabel(date, now, zone) {
  return relativeDay(date, now, zone) ?? text(date, zone, { weekday: "long", month: "long", day: "numeric" });
}

function relativeDay(date, now, zone) {
  const difference = dayNumber(date, zone) - dayNumber(now, zone);
  return { 0: "Today", "-1": "Yesterday", 1: "Tomorrow" }[difference] ?? null;
}

/** "Tue, Nov 24, 2026, 9:05 AM EST". */
export function fullTime(date, zone) {
  return text(date, zone, {
    weekday: "short", month: "short", day: "numeric", year: "numeric", hour: "numeric", minute: "2-digit",
    timeZoneName: "short",
  });
}

/** Seconds as "2 days 3 h" (two units at most, minutes the smallest). */
export function spanText(seconds) {
  const units = [["day", 86_400], ["h", 3600], ["min", 60]];
  let rest = Math.abs(Math.round(seconds));
  const shown = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) shown.push(`${count} ${name}${name === "day" && count > 1 ? "s" : ""}`);
  }
  return shown.slice(0, 2).join(" ") || "less than a minute";
}

/** 9 AM of the next Monday-to-Friday day after a moment, in a zone (also across a change to summer time). */
export function nextWorkday(now, zone) {
  for (let days = 0; days <= 4; days += 1) {
    const near = new Date(now.getTime() + days * 86_400_000);
    const { year, month, day, weekday } = parts(near, zone);
    if (weekday === "Sat" || weekday === "Sun") continue;
    const guess = Date.UTC(Number(year), Number(month) - 1, Number(day), 9);
    const candidate = new Date(guess - offsetOf(guess, zone));
    if (candidate > now) return candidate;
  }
  return now;
}

/** How far a zone's clocks are ahead of UTC around a moment, in milliseconds. */
function offsetOf(moment, zone) {
  const shown = parts(new Date(moment), zone);
  return Date.UTC(Number(shown.year), Number(shown.month) - 1, Number(shown.day), Number(shown.hour)) - moment;
}

/** The tokens of a <!date^…> format, for example "{date_short_pretty} at {time}". */
export function formatDateTokens(pattern, date, now, zone) {
  const long = { year: "numeric", month: "long", day: "numeric" };
  const forms = {
    date_num: () => `${parts(date, zone).year}-${text(date, zone, { month: "2-digit" })}-${text(date, zone, { day: "2-digit" })}`,
    date: () => text(date, zone, long),
    date_short: () => text(date, zone, { year: "numeric", month: "short", day: "numeric" }),
    date_long: () => text(date, zone, { weekday: "long", ...long }),
    time: () => clockTime(date, zone),
    time_secs: () => text(date, zone, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => `${spanText((now - date) / 1000)} ${date <= now ? "ago" : "from now"}`,
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => {
    const plain = token.replace(/_pretty$/, "");
    if (!Object.hasOwn(forms, plain)) return whole;
    const relative = token.endsWith("_pretty") ? relativeDay(date, now, zone) : null;
    return relative ? relative.toLowerCase() : forms[plain]();
  });
}
