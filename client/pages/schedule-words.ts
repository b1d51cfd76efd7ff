const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/**
 * What a schedule means to a reader: "every day at 06:00". What no short sentence says stays as it is written, with the
 * order of its fields told apart by the next times that stand beside it.
 */
export function scheduleWords(schedule: string): string {
  const words = schedule.trim().toLowerCase().replaceAll(/\s+/g, " ");
  if (words.startsWith("every ")) return words;
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = words.split(" ");
  if (month !== "*") return schedule;
  const rest = `${day} ${weekday}`;
  const step = /^\*\/(\d+)$/;
  if (rest === "* *" && hour === "*") {
    if (minute === "*") return "every minute";
    const minutes = step.exec(minute)?.[1];
    if (minutes !== undefined) return `every ${minutes} minutes`;
    return /^\d+$/.test(minute)
      ? minute === "0"
        ? "every hour"
        : `every hour at :${minute.padStart(2, "0")}`
      : schedule;
  }
  const hours = step.exec(hour)?.[1];
  if (rest === "* *" && minute === "0" && hours !== undefined) return `every ${hours} hours`;
  if (!/^\d+$/.test(minute) || !/^\d+(,\d+)*$/.test(hour)) return schedule;
  const at = hour
    .split(",")
    .map((one) => `${one.padStart(2, "0")}:${minute.padStart(2, "0")}`)
    .join(" and ");
  if (rest === "* *") return `every day at ${at}`;
  if (rest === "* 1-5") return `every weekday at ${at}`;
  if (day === "*" && /^[0-7]$/.test(weekday)) return `every ${DAYS[Number(weekday)]} at ${at}`;
  if (weekday === "*" && /^\d+$/.test(day)) return `on day ${day} of every month at ${at}`;
  return schedule;
}
