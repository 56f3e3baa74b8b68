// The emoji short names this workspace knows; any other name stays as typed.

const EMOJI = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", white_check_mark: "✅", heavy_check_mark: "✔️",
  ballot_box_with_check: "☑️", x: "❌", warning: "⚠️", rotating_light: "🚨", bell: "🔔", no_bell: "🔕", eyes: "👀",
  wave: "👋", raised_hand: "✋", hand: "✋", point_right: "👉", clap: "👏", pray: "🙏", muscle: "💪", tada: "🎉",
  clock1: "🕐", clock3: "🕒", clock9: "🕘", hourglass: "⌛", hourglass_flowing_sand: "⏳", alarm_clock: "⏰",
  stopwatch: "⏱️", calendar: "📅", date: "📅", spiral_calendar_pad: "🗓️", zzz: "💤", lock: "🔒", unlock: "🔓",
  key: "🔑", mag: "🔍", bulb: "💡", memo: "📝", pencil: "✏️", pencil2: "✏️", clipboard: "📋", file_folder: "📁",
  open_file_folder: "📂", page_facing_up: "📄", inbox_tray: "📥", outbox_tray: "📤", incoming_envelope: "📨",
  email: "✉️", envelope: "✉️", package: "📦", moneybag: "💰", dollar: "💵", money_with_wings: "💸", credit_card: "💳",
  bank: "🏦", receipt: "🧾", hospital: "🏥", stethoscope: "🩺", syringe: "💉", pill: "💊", chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉", bar_chart: "📊", arrow_up: "⬆️", arrow_down: "⬇️", arrow_right: "➡️",
  arrow_left: "⬅️", arrow_upper_right: "↗️", arrow_lower_right: "↘️", arrows_counterclockwise: "🔄", repeat: "🔁",
  leftwards_arrow_with_hook: "↩️", fast_forward: "⏩", red_circle: "🔴", large_orange_circle: "🟠",
  large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫",
  large_orange_diamond: "🔶", large_blue_diamond: "🔷", small_orange_diamond: "🔸", small_blue_diamond: "🔹",
  red_square: "🟥", question: "❓", grey_question: "❔", exclamation: "❗", bangbang: "‼️", information_source: "ℹ️",
  no_entry: "⛔", no_entry_sign: "🚫", stop_sign: "🛑", construction: "🚧", wrench: "🔧", hammer_and_wrench: "🛠️",
  gear: "⚙️", link: "🔗", pushpin: "📌", round_pushpin: "📍", triangular_flag_on_post: "🚩", label: "🏷️",
  speech_balloon: "💬", busts_in_silhouette: "👥", bust_in_silhouette: "👤", handshake: "🤝", sparkles: "✨", star: "⭐",
  fire: "🔥", rocket: "🚀", seedling: "🌱", house: "🏠", telephone_receiver: "📞", books: "📚", robot_face: "🤖",
  smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔", disappointed: "😞", heart: "❤️", scales: "⚖️",
  shield: "🛡️", dart: "🎯", trophy: "🏆", medal: "🏅", hash: "#️⃣", zap: "⚡", recycle: "♻️", wastebasket: "🗑️",
  first_place_medal: "🥇", second_place_medal: "🥈", third_place_medal: "🥉", ticket: "🎫", card_index: "📇",
};

/** The character for a short name, or null. */
export function emojiFor(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
}

/** Text with its known :short_names: replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emojiFor(name) ?? whole);
}
